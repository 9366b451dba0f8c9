"""Schedules are kept switched on, but for those that a person has switched off."""

from __future__ import annotations

import pytest

import keep_alive
from github_model import Token, Workflow
from jobs import Job


def workflow(job: Job, name: str, state: str = "active") -> Workflow:
    return job.server.repository.add_workflow(f".github/workflows/{name}", state=state)


def test_a_schedule_that_is_on_begins_anew_without_a_word(job: Job) -> None:
    kept = workflow(job, "cleanup.yml")
    ran = job.run(keep_alive.keep_alive)
    assert (ran.code, kept.state) == (0, "active")
    assert [request.plain_path.partition("/workflows/")[2] for request in ran.requests if request.method == "PUT"] == [
        "cleanup.yml/enable"
    ]
    assert "| active |" in ran.summary


def test_what_github_has_switched_off_is_switched_on_with_a_warning(job: Job) -> None:
    kept = workflow(job, "freshness.yml", "disabled_inactivity")
    ran = job.run(keep_alive.keep_alive, INPUT_WORKFLOWS="freshness.yml")
    assert (ran.code, kept.state) == (0, "active")
    assert "warning: Switched on: GitHub had switched freshness.yml off" in ran.log


@pytest.mark.parametrize("state", ["disabled_manually", "disabled_fork"])
def test_what_a_person_has_switched_off_stays_off(job: Job, state: str) -> None:
    kept = workflow(job, "cleanup.yml", state)
    ran = job.run(keep_alive.keep_alive)
    assert (ran.code, kept.state) == (0, state)
    assert "stays so" in ran.log


def test_one_that_is_not_there_is_an_error_and_the_others_are_kept(job: Job) -> None:
    kept = workflow(job, "cleanup.yml", "disabled_inactivity")
    ran = job.run(keep_alive.keep_alive, INPUT_WORKFLOWS="nightly.yml, .github/workflows/cleanup.yml")
    assert (ran.code, kept.state) == (1, "active")
    assert "Not kept alive: nightly.yml" in ran.log


def test_a_job_that_may_not_write_actions_is_told_what_to_add(job: Job) -> None:
    workflow(job, "cleanup.yml")
    job.server.add_token(job.server.token, Token(permissions={"issues": "write"}))
    ran = job.run(keep_alive.keep_alive)
    assert ran.code == 1
    assert "actions: write" in ran.log
