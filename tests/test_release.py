"""A release is checked for real: by git's tags, on a registry, on a channel, and by the runs of a repository."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from anaconda_model import Lag
from anaconda_server import AnacondaServer
from faults import EVERY, Fault, error
from github_server import REPOSITORY
from jobs import Job
from nightly.building.modes import release
from nightly.building.records import BuildInfo
from nightly.data import load, save
from nightly.sums import sums_text
from registry import Registry
from releases import digest_of, make_build
from repositories import Repository, new_repository
from sample_wheels import make_wheel
from uploading import Run

OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "INPUT_"))}
"""The environment without what a hook of git's or a runner has set."""


@dataclass(frozen=True)
class Source:
    """A repository of two commits, the second one with the tags v1.2.3 (annotated) and 1.2.3, the first with v1.2.2."""

    repository: Repository
    first: str
    second: str


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    repository = new_repository(tmp_path_factory.mktemp("source") / "repository")
    first, second = repository.commit(), repository.commit()
    repository.git("tag", "--annotate", "--message=A release", "v1.2.3")
    repository.git("tag", "1.2.3")
    repository.git("tag", "v1.2.2", first)
    return Source(repository, first, second)


@dataclass(frozen=True)
class Project:
    """What a job that checks a release has: the source, a build of its second commit, and places to look at."""

    job: Job
    source: Source
    files: Path
    registry: Registry
    released: Path

    def check(self, *flags: str, tag: str = "v1.2.3", **environ: str) -> Run:
        """Check the release, where nothing else is said as a tag that was pushed."""
        return self.job.run(
            release.run,
            *(f"--files={self.files}", f"--source={self.source.repository.path}", *flags),
            **{
                **OUTSIDE,
                "GITHUB_REF_TYPE": "tag",
                "GITHUB_REF_NAME": tag,
                "PIP_INDEX_URL": self.registry.index_url,
                **environ,
            },
        )


@pytest.fixture
def project(job: Job, source: Source, tmp_path: Path) -> Iterator[Project]:
    """A release that nothing speaks against, of a project with one release before."""
    released, files = tmp_path / "registry", tmp_path / "dist"
    released.mkdir()
    make_wheel(released, "demo", "1.2.2")
    make_build(files, source.second, REPOSITORY)
    registry = Registry(released)
    yield Project(job, source, files, registry, released)
    registry.close()


def gate(run: Run, name: str) -> str:
    """What the summary says of a gate, as people read it."""
    (row,) = (line for line in run.summary.splitlines() if line.startswith(f"| <code>{name}</code> |"))
    return html.unescape(row)


@pytest.mark.parametrize("tag", ["v1.2.3", "1.2.3"], ids=["annotated", "lightweight"])
def test_a_tag_on_the_built_commit_lets_the_dists_pass_alone(project: Project, tag: str) -> None:
    run = project.check(tag=tag)
    assert run.code == 0, run.log
    assert (run.outputs["version"], run.outputs["tag"]) == ("1.2.3", tag)
    results = Path(run.outputs["results"])
    dists = {path.name: digest_of(path) for path in (results / "release-files").iterdir()}
    assert dists == {path.name: digest_of(path) for path in project.files.iterdir() if path.suffix in (".whl", ".gz")}
    assert (results / "release-notes" / "SHA256SUMS").read_text(encoding="utf-8") == sums_text(dists)
    notes = (results / "release-notes" / "RELEASE-FILES.md").read_text(encoding="utf-8")
    assert all(digest in notes for digest in dists.values())
    assert "passed" in gate(run, "commit")


def test_the_tag_may_be_given_by_name_or_as_a_ref(project: Project) -> None:
    for flag in ("--tag=v1.2.3", "--tag=refs/tags/v1.2.3"):
        run = project.check(flag, GITHUB_REF_TYPE="branch", GITHUB_REF_NAME="main")
        assert run.outputs["tag"] == "v1.2.3"


@pytest.mark.parametrize("kind", [(), ("--annotate", "--message=Again")], ids=["lightweight", "annotated"])
def test_a_tag_that_was_moved_after_the_build_is_refused_with_both_hashes(
    project: Project, kind: tuple[str, ...]
) -> None:
    save(project.files / "BUILD-INFO.json", _built_from(project, project.source.first))
    project.source.repository.git("tag", *kind, "--force", "v1.2.4", project.source.second)
    run = project.check(tag="v1.2.4")
    assert run.code == 1
    assert project.source.first in run.log
    assert project.source.second in run.log
    assert "v1.2.2" in gate(run, "commit")
    assert "results" not in run.outputs


def _built_from(project: Project, commit: str) -> BuildInfo:
    info = load(BuildInfo, project.files / "BUILD-INFO.json")
    return replace(info, plan=replace(info.plan, source_sha=commit))


def test_a_tag_that_nobody_pushed_is_refused(project: Project) -> None:
    run = project.check(tag="v9.9.9")
    assert run.code == 1
    assert f"{REPOSITORY} has no tag v9.9.9" in run.log


def test_a_wheel_that_was_changed_after_the_build_is_refused(project: Project) -> None:
    wheel = next(project.files.glob("*win_amd64.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    run = project.check()
    assert run.code == 1
    assert gate(run, "bytes").count(f"{wheel.name} has the sha256 {digest_of(wheel)}, and ") == 2
    assert run.error
    assert run.error.title == "v1.2.3 may not be released"


def test_what_is_released_with_other_bytes_is_refused_and_with_the_same_is_not(project: Project) -> None:
    wheel = next(project.files.glob("*win_amd64.whl"))
    (project.released / wheel.name).write_bytes(wheel.read_bytes())
    same = project.check()
    assert same.code == 0
    assert "has 1 of them already" in gate(same, "index")
    make_wheel(project.released, "demo", "1.2.3", "cp312-cp312-win_amd64", payload=b"other")
    other = project.check()
    assert other.code == 1
    assert f"{wheel.name} with other bytes" in other.log


def test_an_index_that_is_down_shuts_its_gate_and_the_others_are_told_all_the_same(project: Project) -> None:
    project.registry.close()
    run = project.check()
    assert run.code == 1
    assert "failed" in gate(run, "index")
    assert "Run this again" in run.log
    assert "passed" in gate(run, "commit")


def test_a_project_that_the_index_doesnt_know_may_have_its_first_release(project: Project) -> None:
    for wheel in project.released.iterdir():
        wheel.unlink()
    assert project.check().code == 0


STAGED = ("--from=staging", "--staging-organization=nightly-wheels")


def test_wheels_that_are_staged_are_fetched_and_held_against_those_of_the_run(
    project: Project, anaconda: AnacondaServer
) -> None:
    wheels = sorted(project.files.glob("*.whl"))
    flags = (*STAGED, f"--anaconda-index-url={anaconda.index_url}")
    anaconda.seed(wheels[0])
    missing = project.check(*flags)
    assert missing.code == 1
    assert wheels[1].name in gate(missing, "staging")
    anaconda.seed(wheels[1])
    run = project.check(*flags)
    assert run.code == 0, run.log
    assert f"2 wheels at {anaconda.index_url}/nightly-wheels/simple" in run.log


def test_a_staging_index_that_serves_other_bytes_than_were_built_is_refused(
    project: Project, anaconda: AnacondaServer, tmp_path: Path
) -> None:
    one, two = sorted(project.files.glob("*.whl"))
    anaconda.seed(one, ["rc"])
    anaconda.seed(
        make_wheel(tmp_path / "other", "demo", "1.2.3", "cp312-cp312-win_amd64", payload=b"x" * 10_000), ["rc"]
    )
    run = project.check(*STAGED, "--staging-labels=rc", f"--anaconda-index-url={anaconda.index_url}")
    assert run.code == 1
    assert f"{two.name} with other bytes" in gate(run, "staging")


def test_a_staging_index_that_lags_is_waited_for(project: Project, anaconda: AnacondaServer) -> None:
    one, two = sorted(project.files.glob("*.whl"))
    anaconda.seed(one)
    anaconda.seed(two, lag=Lag(requests=2))
    run = project.check(*STAGED, f"--anaconda-index-url={anaconda.index_url}")
    assert run.code == 0, run.log


def test_a_staging_index_that_is_down_is_no_reason_to_believe(project: Project, anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(error(503, "Down"), "GET", "/*", nth=EVERY))
    run = project.check(*STAGED, f"--anaconda-index-url={anaconda.index_url}")
    assert run.code == 1
    assert "failed" in gate(run, "staging")


def built_by(project: Project, event: str, head: str = "", conclusion: str = "success") -> Run:
    """Check files of another run."""
    repository = project.job.server.repository
    workflow = repository.add_workflow(".github/workflows/staging.yml")
    other = repository.add_run(workflow, conclusion, event=event, head=head)
    return project.check(f"--run-id={other.id}")


def test_files_of_another_run_are_believed_where_that_is_the_repositorys_own(project: Project) -> None:
    run = built_by(project, "push")
    assert run.code == 0, run.log
    assert "push, success" in gate(run, "run")


def test_files_that_a_strangers_pull_request_has_left_are_refused(project: Project) -> None:
    run = built_by(project, "pull_request", head="stranger/project")
    assert run.code == 1
    assert "stranger/project" in gate(run, "run")


def test_a_run_that_isnt_there_is_refused(project: Project) -> None:
    run = project.check("--run-id=1")
    assert run.code == 1
    assert "404" in gate(run, "run")


def test_this_runs_own_files_are_asked_of_nobody(project: Project) -> None:
    assert project.check(f"--run-id={project.job.number}").code == 0
    assert project.job.server.requests == []


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--from=pypi"], "'from' can't be 'pypi'"),
        (["--from=staging"], "'staging_organization' can't be ''"),
        (["--run-id=latest"], "'run_id' can't be 'latest'"),
        (["--source-repository=x"], "'source_repository' can't be 'x'"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)
def test_an_input_that_cant_be_is_refused_by_its_name(project: Project, flags: list[str], told: str) -> None:
    run = project.check(*flags)
    assert (run.code, run.summary) == (2, "")
    assert told in run.log


def test_a_run_for_no_tag_has_to_be_told_one(project: Project) -> None:
    run = project.check(GITHUB_REF_TYPE="branch", tag="main")
    assert run.code == 2
    assert "the name of a tag" in run.log


@pytest.mark.parametrize("file", ["BUILD-INFO.json", "SHA256SUMS"])
def test_a_directory_that_no_build_has_left_is_refused(project: Project, file: str) -> None:
    (project.files / file).unlink()
    run = project.check()
    assert run.code == 2
    assert "isn't what a build leaves behind" in run.log


def test_a_directory_among_the_files_is_refused(project: Project) -> None:
    (project.files / "more").mkdir()
    assert "more is no file" in project.check().log


def test_without_a_checkout_it_is_said_what_is_needed(project: Project, tmp_path: Path) -> None:
    run = project.check(f"--source={tmp_path / 'nowhere'}")
    assert run.code
    assert "actions/checkout" in run.log
