"""What an earlier run left behind is fetched: of this workflow and branch, and not of this very run."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

import last_artifact
from faults import EVERY, Fault, Status
from github_model import Workflow
from jobs import Job
from uploading import Run

WANTED = {"INPUT_NAME": "cleanup-plan", "INPUT_FILE": "plan.json"}


def zipped(content: str, name: str = "plan.json") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, content)
    return data.getvalue()


@pytest.fixture(name="workflow")
def workflow_fixture(job: Job) -> Workflow:
    return job.server.repository.add_workflow(".github/workflows/cleanup.yml")


def leave(job: Job, workflow: Workflow, content: bytes, branch: str = "main", name: str = "cleanup-plan") -> int:
    """Let a run have left that behind. Returns its number."""
    run = job.server.repository.add_run(workflow, branch=branch)
    job.server.repository.add_artifact(name, content, run)
    return run.id


def fetched(ran: Run) -> str:
    return Path(ran.outputs["path"]).read_text(encoding="utf-8")


def test_the_newest_one_is_fetched(job: Job, workflow: Workflow) -> None:
    for night in ("first", "second"):
        leave(job, workflow, zipped(night))
    ran = job.run(last_artifact.fetch, **WANTED)
    assert ran.code == 0
    assert fetched(ran) == "second"


def test_a_run_that_left_none_is_passed_over(job: Job, workflow: Workflow) -> None:
    leave(job, workflow, zipped("first"))
    job.server.repository.add_run(workflow, "failure")
    leave(job, workflow, zipped("another"), name="cleanup-result")
    assert fetched(job.run(last_artifact.fetch, **WANTED)) == "first"


def test_what_another_workflow_or_branch_left_is_none_of_it(job: Job, workflow: Workflow) -> None:
    """A pull request's workflow may leave an artifact of any name."""
    other = job.server.repository.add_workflow(".github/workflows/ci.yml")
    leave(job, workflow, zipped("ours"))
    leave(job, other, zipped("another workflow's"))
    leave(job, workflow, zipped("another branch's"), branch="side")
    assert fetched(job.run(last_artifact.fetch, **WANTED)) == "ours"
    assert fetched(job.run(last_artifact.fetch, **WANTED, INPUT_WORKFLOW="ci.yml")) == "another workflow's"


def test_what_a_pull_request_left_is_not_believed_even_where_its_branch_has_the_same_name(
    job: Job, workflow: Workflow
) -> None:
    leave(job, workflow, zipped("ours"))
    run = job.server.repository.add_run(workflow, event="pull_request")
    job.server.repository.add_artifact("cleanup-plan", zipped("a stranger's"), run)
    assert fetched(job.run(last_artifact.fetch, **WANTED)) == "ours"


def test_this_runs_own_is_no_earlier_one(job: Job, workflow: Workflow) -> None:
    leave(job, workflow, zipped("earlier"))
    job.number = leave(job, workflow, zipped("own"))
    assert fetched(job.run(last_artifact.fetch, **WANTED)) == "earlier"


def test_an_expired_one_is_none(job: Job, workflow: Workflow) -> None:
    leave(job, workflow, zipped("old"))
    now = job.server.state.now()
    job.server.state.now = lambda: now + timedelta(days=91)
    ran = job.run(last_artifact.fetch, **WANTED)
    assert (ran.code, ran.outputs) == (0, {"path": ""})
    assert "No earlier run of cleanup.yml" in ran.log


@pytest.mark.usefixtures("workflow")
def test_where_there_is_none_nothing_fails(job: Job) -> None:
    assert job.run(last_artifact.fetch, **WANTED).outputs == {"path": ""}


BROKEN = {"no ZIP file": b"<html>", "another file": zipped("x", "other.json")}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_one_that_can_not_be_read_is_an_error(job: Job, workflow: Workflow, content: bytes) -> None:
    job.server.repository.artifacts.clear()
    leave(job, workflow, content)
    ran = job.run(last_artifact.fetch, **WANTED)
    assert (ran.code, ran.outputs) == (1, {"path": ""})
    assert "no plan.json that can be read" in ran.log


@pytest.mark.usefixtures("workflow")
def test_when_github_does_not_answer_nobody_knows_and_that_is_an_error(job: Job) -> None:
    job.server.faults.add(Fault(Status(502), nth=EVERY))
    assert job.run(last_artifact.fetch, **WANTED).code == 1


@pytest.mark.parametrize("missing", WANTED)
def test_both_names_are_needed(job: Job, missing: str) -> None:
    ran = job.run(last_artifact.fetch, **{**WANTED, missing: ""})
    assert (ran.code, ran.requests) == (2, [])
