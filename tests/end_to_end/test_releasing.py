"""From a build's artifact to the files of a release, by release-check.yml under act."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from end_to_end.acting import REPOSITORY, ROOT, Caller, GitHub
from end_to_end.outcomes import Job, Run
from nightly.cache import VARIABLE
from nightly.launcher import installed
from registry import Registry
from releases import make_build
from repositories import new_repository
from sample_wheels import make_wheel
from uploading import names

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

WORKFLOW = """\
on: push
permissions: {}
jobs:
  check:
    uses: org/upload-nightly-action/.github/workflows/release-check.yml@main
    permissions: {actions: read, contents: read}
    with:
      artifact: built
      tag: TAG
  publish:
    needs: check
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1
        with:
          name: release-files
          path: dist
      - id: told
        shell: bash
        env:
          VERSION: ${{ needs.check.outputs.version }}
          TAG: ${{ needs.check.outputs.tag }}
        run: echo "told=$VERSION by $TAG:" $(ls dist) >> "$GITHUB_OUTPUT"
"""


@dataclass(frozen=True)
class Project:
    """A build of the tag v1.2.3, with one more commit since, which is v1.2.4's."""

    github: GitHub
    artifacts: Path

    def check(self, tag: str) -> Run:
        """Release it as this tag."""
        caller = Caller(WORKFLOW.replace("TAG\n", f"{tag}\n", 1), artifacts=self.artifacts)
        return self.github.push(caller, "--defaultbranch=main")


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, checkout: Path, pip_cache: Path, blank: Path
) -> Iterator[Project]:
    root = tmp_path_factory.mktemp("releasing")
    source = new_repository(root / "repositories" / REPOSITORY)
    built = source.commit()
    source.git("tag", "--annotate", "--message=A release", "v1.2.3")
    source.commit()
    source.git("tag", "v1.2.4")
    make_build(root / "artifacts" / "built", built, REPOSITORY)
    make_wheel(root / "registry", "demo", "1.2.2")
    registry = Registry(root / "registry")
    cache = {VARIABLE: str(pip_cache / "kept")}
    installed(ROOT / "scripts" / "requirements.txt", {**os.environ, **cache})  # while pip knows the real registry
    index = {"PIP_INDEX_URL": registry.index_url, "PIP_CONFIG_FILE": os.devnull}
    github = GitHub(root, checkout, pip_cache, blank, index, cache, repositories=root / "repositories")
    yield Project(github, root / "artifacts")
    registry.close()


def job(run: Run, name: str) -> Job:
    return next(job for full, job in run.jobs.items() if full.rpartition("/")[2] == name)


def test_the_built_tag_leaves_the_dists_to_the_callers_own_job(project: Project) -> None:
    run = project.check("v1.2.3")
    assert run.code == 0, run.log
    told = job(run, "publish").outputs["told"]["told"]
    assert told.startswith("1.2.3 by v1.2.3: demo-1.2.3-cp312-cp312-manylinux_2_28_x86_64.whl ")
    assert len(told.split()) == 3 + 3
    assert set(names(project.artifacts / "release-notes")) == {"RELEASE-FILES.md", "SHA256SUMS"}


def test_a_tag_that_isnt_the_built_commit_is_refused(project: Project) -> None:
    run = project.check("v1.2.4")
    assert run.code == 1
    check = job(run, "Release check")
    assert check.result == "failure"
    (problem,) = check.annotated("error")
    assert problem.title == "v1.2.4 may not be released"
    assert "commit: the tag v1.2.4 is " in problem.message
