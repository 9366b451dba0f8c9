"""The workflows of this repository, as far as they can be run away from GitHub."""

from __future__ import annotations

import sys

import pytest

from end_to_end.acting import Caller, GitHub
from end_to_end.outcomes import Job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")


def run_job(github: GitHub, name: str) -> Job:
    """Run a job of ci.yml on Ubuntu, in a repository that holds this checkout's files."""
    paths = (path for path in github.checkout.rglob("*") if path.is_file())
    files = {path.relative_to(github.checkout).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    workflow = (github.checkout / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    run = github.push(Caller(workflow, files), "--job", name, "--matrix", "os:ubuntu-24.04")
    assert run.code == 0, run.log
    return run.job


def test_the_action_publishes_a_real_wheel_in_a_dry_run_for_real_and_again(github: GitHub) -> None:
    job = run_job(github, "publish")
    assert job.result == "success"
    assert job.outputs["dry"]["uploaded"] == "[]"
    assert job.outputs["first"]["uploaded"] == job.outputs["again"]["skipped"] != "[]"


def test_the_job_without_a_token_is_green_only_because_the_action_was_red(github: GitHub) -> None:
    job = run_job(github, "refuse")
    assert job.steps["upload"] == "failure"
    assert [problem.title for problem in job.annotated("error")] == ["No token"]
    assert job.result == "success"


def test_an_action_without_a_stand_in_is_named(github: GitHub) -> None:
    unknown = f"someone/something@{40 * '0'}"
    workflow = f"on: push\njobs: {{one: {{runs-on: ubuntu-latest, steps: [\n  {{uses: {unknown}}}]}}}}\n"
    with pytest.raises(LookupError, match=unknown):
        github.push(Caller(workflow))
