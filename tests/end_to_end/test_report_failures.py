"""A caller's nightly upload fails and succeeds under act: what becomes of the issue in the caller's repository."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_model import Token
from anaconda_server import AnacondaServer
from end_to_end.acting import REPOSITORY, GitHub
from end_to_end.callers import WORKFLOW, calling, inputs
from end_to_end.outcomes import Job
from github_model import Issue
from github_model import Token as GitHubToken
from github_server import GitHubServer
from sample_wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

UNREACHABLE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
"""At port 9 nobody answers."""

ENDED = """
      - id: ended
        if: always()
        run: echo "outcome=${{ steps.upload.outcome }}" >> "$GITHUB_OUTPUT"
"""


@dataclass(frozen=True)
class Nights:
    """A project's nightly job under act, one night after another."""

    github: GitHub
    anaconda: AnacondaServer
    tracker: GitHubServer
    artifacts: Path
    workflow: str = WORKFLOW + inputs("report_failures: true") + ENDED

    def night(self, token: str, event: str = "schedule") -> Job:
        """Run it with that token of the channel's."""
        caller = replace(
            calling(self.anaconda, self.artifacts, self.workflow.replace("on: push", f"on: [push, {event}]")),
            secrets={"ANACONDA_TOKEN": token, "GITHUB_TOKEN": self.tracker.token},
        )
        api = f"--env=GITHUB_API_URL={self.tracker.api_url}"
        return self.github.run(event, caller, api).job

    @property
    def issues(self) -> list[Issue]:
        return list(self.tracker.repository.issues.values())


@pytest.fixture(name="nights")
def nights_fixture(anaconda: AnacondaServer, github: GitHub, tmp_path: Path) -> Iterator[Nights]:
    """One wheel a night, and two tokens: the good one and `tk-expired`."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    anaconda.add_token("tk-expired", Token("dev", expires=yesterday))
    make_wheel(tmp_path / "artifacts" / "wheels")
    with GitHubServer((REPOSITORY,)) as tracker:
        yield Nights(github, anaconda, tracker, tmp_path / "artifacts")


def test_an_expired_token_opens_an_issue_that_a_new_one_closes(nights: Nights) -> None:
    job = nights.night("tk-expired")
    assert (job.result, job.outputs["ended"]["outcome"]) == ("failure", "failure"), job.log
    (issue,) = nights.issues
    assert issue.title == "The nightly upload fails: The token has expired"
    for gist in ("<code>publish</code> of <code>nightly.yml</code>", "https&#58;//anaconda.org/", "#token"):
        assert gist in (issue.body or ""), issue.body
    assert nights.tracker.token not in job.log
    job = nights.night(nights.anaconda.token)
    assert (job.result, job.outputs["ended"]["outcome"]) == ("success", "success"), job.log
    assert issue.state == "closed"
    assert "succeeded" in issue.comments[-1].body
    assert len(nights.issues) == 1


def test_an_issue_is_opened_even_where_nothing_could_be_installed(nights: Nights, tmp_path: Path) -> None:
    offline = replace(nights.github, installers=UNREACHABLE, pip_cache=tmp_path / "cache", settings={})
    job = replace(nights, github=offline).night(nights.anaconda.token)
    assert job.result == "failure"
    (issue,) = nights.issues
    assert issue.title == "The nightly upload fails: Set-up failed"
    assert "package registry can" in (issue.body or "")
    assert nights.anaconda.requests == []


def test_without_the_permission_a_failure_stays_red_and_says_what_is_missing(nights: Nights) -> None:
    nights.tracker.add_token(nights.tracker.token, GitHubToken(permissions={}))
    job = nights.night("tk-expired")
    assert job.result == "failure"
    assert [problem.title for problem in job.annotated("error")] == ["The token has expired"]
    (warning,) = job.annotated("warning")
    assert "`issues: write`" in warning.message
    assert nights.issues == []


def test_without_the_permission_a_success_stays_green_and_says_what_is_missing(nights: Nights) -> None:
    nights.tracker.add_token(nights.tracker.token, GitHubToken(permissions={}))
    job = nights.night(nights.anaconda.token)
    assert job.result == "success", job.log
    assert "`issues: write`" in job.annotated("warning")[-1].message


@pytest.mark.parametrize("workflow", [WORKFLOW + ENDED, WORKFLOW + inputs("report_failures: false") + ENDED])
def test_who_does_not_ask_for_it_gets_no_issue(nights: Nights, workflow: str) -> None:
    job = replace(nights, workflow=workflow).night("tk-expired")
    assert job.result == "failure"
    assert nights.tracker.requests == []


def test_a_pull_request_reports_nothing(nights: Nights) -> None:
    job = nights.night("tk-expired", "pull_request")
    assert job.result == "failure"
    assert "pull request" in job.log
    assert [problem.title for problem in job.annotations] == ["The token has expired"]
    assert nights.tracker.requests == []
