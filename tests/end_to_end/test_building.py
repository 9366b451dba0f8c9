"""From a commit to the artifact of all its files, by build-wheels.yml under act.

cibuildwheel needs containers, and two systems more, to build: local_cibuildwheel.py says what is real in its place.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

import fetch
from anaconda_server import AnacondaServer
from end_to_end.acting import Caller
from end_to_end.wheel_builds import LINUX, NEEDED, PATCH, SOURCE, TARGETS, WORKFLOW, Built, build_wheels
from nightly.actions import Runner
from nightly.building.records import BuildInfo, BuildPlan
from nightly.data import load
from nightly.patience import Patience
from nightly.wheels import read_wheel
from registry import Registry
from repositories import EPOCH

pytestmark = NEEDED

DAY = 86_400
STAGING = "staged-wheels"


def test_every_job_is_green(built: Built) -> None:
    assert built.run.code == 0, built.run.log
    assert {name: job.result for name, job in built.jobs.items()} == {
        "Plan": "success",
        "Sdist": "success",
        **{f"Wheels for {target}": "success" for target in TARGETS},
        "Gather": "success",
    }


def test_a_branch_that_moves_meanwhile_is_built_as_it_was_when_it_was_resolved(built: Built) -> None:
    assert built.source.git("rev-parse", "maintenance/1.3.x") != built.sha
    assert built.job("Plan").outputs["plan"]["source_sha"] == built.sha
    assert load(BuildInfo, built.dist / "BUILD-INFO.json").plan.source_sha == built.sha


def test_the_plan_says_what_is_built_and_for_whom(built: Built) -> None:
    plan = load(BuildPlan, built.artifacts / "dist_plan" / "build-plan.json")
    assert plan == BuildPlan(
        project="fast-demo",
        source_repository=SOURCE,
        source_sha=built.sha,
        describe="v1.3.0",
        epoch=EPOCH + DAY,
        version="1.3.0",
        targets=plan.targets,
        identifiers=TARGETS,
        sdist=True,
        driver_repository="someone/project",
        driver_sha=plan.driver_sha,
    )
    assert [target.name for target in plan.targets] == [*TARGETS]
    assert re.fullmatch("[0-9a-f]{40}", plan.driver_sha)


def test_all_files_are_in_one_artifact_with_their_hashes(built: Built) -> None:
    info = load(BuildInfo, built.dist / "BUILD-INFO.json")
    hashes = {
        file.filename: hashlib.sha256((built.dist / file.filename).read_bytes()).hexdigest() for file in info.files
    }
    assert {file.filename: file.sha256 for file in info.files} == hashes
    assert {*hashes, "BUILD-INFO.json", "SHA256SUMS"} == {path.name for path in built.dist.iterdir()}
    assert (built.dist / "SHA256SUMS").read_text().split() == [
        word for name in sorted(hashes) for word in (hashes[name], name)
    ]


def test_all_files_have_the_stamped_version_and_the_patch_of_the_driver(built: Built) -> None:
    wheels = [read_wheel(path) for path in sorted(built.dist.glob("*.whl"))]
    assert [wheel.version for wheel in wheels] == ["1.3.0"] * len(TARGETS)
    with tarfile.open(built.dist / "fast_demo-1.3.0.tar.gz") as archive:
        licence = archive.extractfile("fast_demo-1.3.0/LICENSE")
        assert licence
        assert licence.read().decode().endswith(PATCH.split('"')[1] + "\n")


def test_the_wheel_for_linux_was_repaired_and_tested_with_the_callers_variables(built: Built) -> None:
    log = built.job(f"Wheels for {LINUX}").log
    assert "-DANSWER=42" in log
    assert "Fixed-up wheel written to" in log
    assert "the answer is 42" in log


def test_what_is_in_a_wheel_is_dated_by_the_commit(built: Built) -> None:
    (wheel,) = built.dist.glob("*win_amd64.whl")
    with zipfile.ZipFile(wheel) as archive:
        dates = {entry.date_time for entry in archive.infolist()}
    assert dates == {datetime.fromtimestamp(EPOCH + DAY, timezone.utc).timetuple()[:6]}


def test_the_summary_names_the_commit_and_what_has_to_come_of_it(built: Built) -> None:
    summary = built.job("Plan").summary
    for gist in (built.sha, "v1.3.0", "macos-15", "And an sdist."):
        assert gist in summary


RELEASE = """\
on: push
permissions: {}
jobs:
  stage:
    uses: org/upload-nightly-action/.github/workflows/publish-channel.yml@main
    permissions: {}
    with: {staging_organization: staged-wheels, projects: fast-demo}
    secrets: {anaconda_token: "${{ secrets.ANACONDA_TOKEN }}"}
  check:
    needs: stage
    uses: org/upload-nightly-action/.github/workflows/release-check.yml@main
    permissions: {actions: read, contents: read}
    with: {tag: v1.3.0, source_repository: upstream/fast, from: staging, staging_organization: staged-wheels}
"""


def test_what_was_built_is_staged_checked_as_its_tag_and_fetched_as_it_was(built: Built, tmp_path: Path) -> None:
    artifacts = Path(shutil.copytree(built.artifacts, tmp_path / "artifacts"))
    with closing(Registry(tmp_path)) as registry, AnacondaServer(tmp_path / "host", (STAGING,)) as anaconda:
        index = {"PIP_INDEX_URL": registry.index_url, "PIP_CONFIG_FILE": os.devnull}
        where = {"ANACONDA_API_URL": anaconda.api_url, "ANACONDA_INDEX_URL": anaconda.index_url}
        event = tmp_path / "event.json"
        event.write_text('{"repository": {"default_branch": "main"}}')
        caller = Caller(RELEASE, artifacts=artifacts, secrets={"ANACONDA_TOKEN": anaconda.token}, variables=where)
        ran = replace(built.github, installers=index, repositories=built.repositories).run(
            "push", caller, "--eventpath", str(event)
        )
        assert ran.code == 0, ran.log
        channel = ("--channel=anaconda", f"--organization={STAGING}", f"--wait-for={built.dist / 'SHA256SUMS'}")
        hosts = (f"--anaconda-api-url={anaconda.api_url}", f"--anaconda-index-url={anaconda.index_url}")
        fetched = tmp_path / "fetched"
        flags = ("fast-demo", "1.3.0", "--type=manylinux,macosx,win", f"--wheelhouse={fetched}", *channel, *hosts)
        assert fetch.fetch(flags, {}, Runner(), Patience()) == 0
    wheels = {path.name: path.read_bytes() for path in built.dist.glob("*.whl")}
    assert {path.name: path.read_bytes() for path in fetched.glob("*.whl")} == wheels
    dists = {path.name for path in (artifacts / "release-files").iterdir()}
    assert dists == {*wheels, "fast_demo-1.3.0.tar.gz"}


@pytest.fixture(scope="module")
def incomplete(built: Built) -> Built:
    """What becomes of it when Windows fails."""
    workflow = WORKFLOW.replace("CFLAGS", "FAILS_FOR=win_amd64\n        CFLAGS").replace(
        "TARGETS", ", ".join(TARGETS[::2])
    )
    again = replace(built.github, directory=built.github.directory / "incomplete")
    again.directory.mkdir()
    return build_wheels(again, workflow + "      sdist: false\n")


def test_what_is_missing_is_named_and_nothing_is_handed_on(incomplete: Built) -> None:
    assert incomplete.run.code != 0
    assert incomplete.job("Wheels for " + TARGETS[2]).result == "failure"
    gather = incomplete.job("Gather")
    assert gather.result == "failure"
    (error,) = gather.annotated("error")
    assert TARGETS[2] in error.message
    assert LINUX not in error.message
    assert not incomplete.dist.exists()


def test_the_job_that_failed_says_so(incomplete: Built) -> None:
    (error,) = incomplete.job("Wheels for " + TARGETS[2]).annotated("error")
    assert error.title == "Build failed"
    assert TARGETS[2] in error.message
