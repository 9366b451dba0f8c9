"""A workflow that fails has one issue, which follows it and is closed when it succeeds again."""

from __future__ import annotations

import json

import pytest

import report_failure
from faults import EVERY, Fault, Status
from github_model import Token
from jobs import Job
from uploading import Run


def night(job: Job, **results: str) -> Run:
    """The report on a run in which jobs ended so."""
    job.number += 1
    needs = {name: {"result": result, "outputs": {"plan": "plan.json"}} for name, result in results.items()}
    return job.run(report_failure.tell, INPUT_NEEDS=json.dumps(needs))


def test_a_failure_opens_an_issue_that_leads_to_the_run(job: Job) -> None:
    assert night(job, plan="success", apply="failure").code == 0
    (issue,) = job.server.repository.issues.values()
    assert issue.title == "The workflow cleanup.yml fails"
    for gist in ("/nightly/channel/actions/runs/8", "<code>apply</code>", "| failure |", "branch <code>main</code>"):
        assert gist in (issue.body or "")


def test_it_is_followed_quietly_told_of_another_failure_and_closed_by_a_success(job: Job) -> None:
    night(job, plan="success", apply="failure")
    night(job, plan="success", apply="failure")
    assert job.happened() == ["opened 1", "edited 1"]
    assert "/runs/9" in (job.server.repository.issues[1].body or "")
    night(job, plan="failure", apply="skipped")
    assert sorted(job.happened()) == ["commented 1", "edited 1"]
    night(job, plan="success", apply="success")
    assert sorted(job.happened()) == ["closed 1", "commented 1", "edited 1"]
    assert "/runs/11) succeeded" in job.server.repository.issues[1].comments[-1].body
    night(job, plan="success", apply="success")
    assert job.happened() == []
    night(job, plan="success", apply="failure")
    assert "reopened 1" in job.happened()


def test_a_job_that_took_too_long_has_failed(job: Job) -> None:
    """GitHub calls it cancelled. Where a person cancels the run, this isn't run."""
    night(job, plan="success", apply="cancelled")
    assert job.happened() == ["opened 1"]


def test_what_was_skipped_proves_nothing(job: Job) -> None:
    night(job, plan="success", apply="failure")
    job.happened()
    ran = night(job, plan="success", apply="skipped")
    assert (ran.code, ran.requests, job.happened()) == (0, [], [])


def test_who_closes_it_hears_no_more_until_something_else_happens(job: Job) -> None:
    night(job, plan="success", apply="failure")
    job.server.repository.close(1, "someone", "not_planned")
    job.happened()
    night(job, plan="success", apply="failure")
    assert job.happened() == []
    night(job, plan="failure", apply="skipped")
    assert "reopened 1" in job.happened()


def test_each_workflow_has_an_issue_of_its_own(job: Job) -> None:
    night(job, plan="failure")
    other = Job(job.server, job.root, ".github/workflows/freshness.yml")
    night(other, tell="failure")
    assert [issue.state for issue in job.server.repository.issues.values()] == ["open", "open"]
    night(job, plan="success")
    assert [issue.state for issue in job.server.repository.issues.values()] == ["closed", "open"]


NO_RESULTS = {"nothing": "", "no JSON": "{", "a list": "[]", "no jobs": "{}", "no result": '{"plan": {}}'}
NO_RESULTS |= {"an unknown one": '{"plan": {"result": "fine"}}', "no job": '{"plan": null}'}


@pytest.mark.parametrize("needs", NO_RESULTS.values(), ids=NO_RESULTS)
def test_what_are_no_results_is_refused(job: Job, needs: str) -> None:
    ran = job.run(report_failure.tell, INPUT_NEEDS=needs)
    assert ran.code == 2
    assert "toJSON(needs)" in ran.log
    assert ran.requests == []


def test_a_job_that_may_not_write_issues_is_told_what_to_add(job: Job) -> None:
    job.server.add_token(job.server.token, Token(permissions={}))
    ran = night(job, plan="failure")
    assert ran.code == 1
    assert "issues: write" in ran.log


def test_github_out_of_order_is_an_error(job: Job) -> None:
    job.server.faults.add(Fault(Status(502), nth=EVERY))
    ran = night(job, plan="failure")
    assert ran.code == 1
    assert "githubstatus" in ran.log


@pytest.mark.parametrize("variable", ["GITHUB_REPOSITORY", "GITHUB_WORKFLOW_REF"])
def test_away_from_a_workflow_it_says_what_is_missing(job: Job, variable: str) -> None:
    ran = job.run(report_failure.tell, INPUT_NEEDS='{"plan": {"result": "failure"}}', **{variable: ""})
    assert (ran.code, ran.requests) == (2, [])
    assert variable in ran.log
