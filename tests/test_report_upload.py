"""A nightly upload that fails has one issue, whatever it fails of, which is closed when it succeeds again."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import report_upload
from faults import Effect, Fault
from github_faults import PASSING, UNICORN
from github_model import GITHUB_ACTIONS, Issue, Token
from github_server import GitHubServer
from jobs import Job
from launching import SCRIPTS, Laptop
from nightly.errors import UserError, handed_over
from uploading import Files, Run

EXPIRED = UserError(
    "HTTP 401: Authentication token has expired (GET https://api.anaconda.org/authentication)",
    title="The token has expired",
    means="The token's time is over: they live for a year unless told otherwise.",
    do="Make a new one.",
    more="https://github.com/org/upload-nightly-action#token",
)
FULL = UserError("HTTP 402: Full", title="The channel's storage is full", do="Ask the admins to make room.")


@pytest.fixture(name="job")
def job_fixture(job: Job) -> Job:
    return replace(job, workflow=".github/workflows/nightly.yml")


def night(job: Job, problem: UserError | None = None, **environ: str) -> Run:
    """The report on a night whose upload failed of a problem, or succeeded."""
    job.number += 1
    report = job.root / "report.json"
    report.write_text('{"files": []}', encoding="utf-8")
    ended = {"INPUT_OUTCOME": "failure", "INPUT_PROBLEM": handed_over(problem)} if problem else {}
    good = {"INPUT_OUTCOME": "success", "INPUT_REPORT": str(report), "GITHUB_JOB": "upload"}
    return job.run(report_upload.tell, **(good | ended | environ))


def only_issue(job: Job) -> Issue:
    (issue,) = job.server.repository.issues.values()
    return issue


def test_a_failure_opens_an_issue_that_says_what_to_do(job: Job) -> None:
    assert night(job, EXPIRED).code == 0
    issue = only_issue(job)
    assert issue.title == "The nightly upload fails: The token has expired"
    body = issue.body or ""
    for gist in ("HTTP 401: Authentication token has expired", "live for a year", "Make a new one", EXPIRED.more):
        assert gist in body
    for gist in ("/nightly/channel/actions/runs/8)", "<code>upload</code> of <code>nightly.yml</code>", "main"):
        assert gist in body


def test_it_is_followed_quietly_and_closed_by_a_success_and_reopened(job: Job) -> None:
    night(job, EXPIRED)
    night(job, EXPIRED)
    assert job.happened() == ["opened 1", "edited 1"]
    night(job)
    assert sorted(job.happened()) == ["closed 1", "commented 1", "edited 1"]
    assert "/runs/10) succeeded" in only_issue(job).comments[-1].body
    night(job)
    assert job.happened() == []
    night(job, EXPIRED)
    assert "reopened 1" in job.happened()
    assert "**The token has expired**. Make a new one." in only_issue(job).comments[-1].body


def test_another_problem_is_told_in_a_comment(job: Job) -> None:
    night(job, EXPIRED)
    night(job, FULL)
    issue = only_issue(job)
    assert issue.title == "The nightly upload fails: The channel's storage is full"
    (comment,) = issue.comments
    assert comment.body.endswith(
        "[It fails](https://github.com/nightly/channel/actions/runs/9): **The channel's storage is full**. "
        "Ask the admins to make room."
    )


@pytest.mark.parametrize(
    "what",
    [
        "demo-1.0.dev20261102+g1a2b3c4-py3-none-any.whl: HTTP 503: Busy (POST https://b.example.org/2)",
        "demo-1.0.dev20261103+gdeadbee-py3-none-any.whl: HTTP 503: Busy (POST https://b.example.org/3)",
    ],
)
def test_what_differs_each_night_is_no_other_problem(job: Job, what: str) -> None:
    first = "demo-1.0.dev20261101+gabcdef0-py3-none-any.whl: HTTP 503: Busy (POST https://a.example.org/1)"
    night(job, UserError(first, title="Not published", means="1 of 48 wheels"))
    night(job, UserError(what, title="Not published", means="2 of 48 wheels"))
    assert job.happened() == ["opened 1", "edited 1"]


def since(job: Job) -> str:
    match = re.search(r"fails since \[(.+?)\]\((\S+)\), last in \[this run\]\((\S+)\)", only_issue(job).body or "")
    assert match
    return " ".join(part.rpartition("/")[2] for part in match.groups())


def test_it_says_since_when_until_it_is_over(job: Job) -> None:
    night(job, EXPIRED)
    body = only_issue(job).body or ""
    moment = re.sub(r"since=\S+ run=8", "since=2026-01-02T03:04:05+00:00 run=8", body)
    only_issue(job).body = moment
    night(job, EXPIRED)
    night(job, FULL)
    assert since(job) == "2026-01-02 03:04 UTC 8 10"
    night(job)
    night(job, FULL)
    assert since(job).endswith("UTC 12 12")
    assert "2026-01-02" not in since(job)


@pytest.mark.parametrize("forged", ["since=2026-13-02T03:04:05+00:00 run=8", "since=soon run=8", "run=1"])
def test_a_date_that_is_none_begins_anew(job: Job, forged: str) -> None:
    night(job, EXPIRED)
    only_issue(job).body = re.sub(r"since=\S+ run=8", forged, only_issue(job).body or "")
    night(job, EXPIRED)
    assert since(job).endswith("UTC 9 9")


def rows(*reasons: str) -> list[dict[str, str]]:
    """A report's rows, of which those with a reason failed."""
    return [
        {
            "filename": f"demo-1.0-{number}-py3-none-any.whl",
            "state": "failed" if reason else "uploaded",
            "reason": reason,
        }
        for number, reason in enumerate(reasons)
    ]


@pytest.mark.parametrize(
    ("reasons", "title", "gists"),
    [
        (
            ["", "HTTP 402: Full"],
            "Some wheels weren't published",
            ["1 of 2 wheels", "demo-1.0-1-py3-none-any.whl: HTTP 402"],
        ),
        (["HTTP 402: Full"], "No wheel was published", ["1 of 1 wheels"]),
        (["why"] * 300, "No wheel was published", ["and 290 more"]),
        (["w" * 70_000] * 9, "No wheel was published", ["9 of 9 wheels"]),
    ],
    ids=["some", "all", "many", "long"],
)
def test_files_that_failed_are_named_with_their_reasons(
    job: Job, reasons: Sequence[str], title: str, gists: Sequence[str]
) -> None:
    report = job.root / "the report.json"
    report.write_text(json.dumps({"files": rows(*reasons)}), encoding="utf-8")
    night(job, INPUT_OUTCOME="failure", INPUT_REPORT=str(report))
    issue = only_issue(job)
    assert issue.title == f"The nightly upload fails: {title}"
    assert all(gist in (issue.body or "") for gist in gists)


NOTHING = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "half": '{"title": "x"}',
    "numbers": '{"title": 1, "what": 2}',
}


@pytest.mark.parametrize("said", NOTHING.values(), ids=NOTHING)
def test_a_failure_that_said_nothing_is_reported_all_the_same(job: Job, said: str) -> None:
    report = job.root / "broken.json"
    report.write_text(said, encoding="utf-8")
    night(job, INPUT_OUTCOME="failure", INPUT_PROBLEM=said, INPUT_REPORT=str(report))
    assert only_issue(job).title == "The nightly upload fails: It ended without saying why"


def test_what_it_says_is_text_and_no_markup(job: Job) -> None:
    hostile = "@org/team <script> #12 ![x](y) ``` --> [a](https://b.c)"
    night(job, UserError(hostile, title=hostile, means=hostile, do=hostile, more="https://b.c/) @someone"))
    body = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", only_issue(job).body or "")
    for markup in ("@org", "<script>", "#12", "](y)", "](https://b.c", "@someone"):
        assert markup not in body


PROVE_NOTHING = {
    "a pull request, good": {"GITHUB_EVENT_NAME": "pull_request"},
    "a pull request, bad": {"GITHUB_EVENT_NAME": "pull_request", "INPUT_OUTCOME": "failure"},
    "one of a fork with rights": {"GITHUB_EVENT_NAME": "pull_request_target", "INPUT_OUTCOME": "failure"},
    "a dry run": {"INPUT_DRY_RUN": "true"},
    "a dry run that fails": {"INPUT_DRY_RUN": "True", "INPUT_OUTCOME": "failure"},
    "no token": {"INPUT_REPORT": ""},
    "not tried": {"INPUT_OUTCOME": "skipped"},
    "stopped": {"INPUT_OUTCOME": "cancelled"},
    "not wanted": {"INPUT_REPORT_FAILURES": "false", "INPUT_OUTCOME": "failure"},
}


@pytest.mark.parametrize("environ", PROVE_NOTHING.values(), ids=PROVE_NOTHING)
def test_what_proves_nothing_changes_nothing(job: Job, environ: dict[str, str]) -> None:
    night(job, EXPIRED)
    job.happened()
    ran = night(job, None, **environ)
    assert (ran.code, ran.requests, job.happened()) == (0, [], [])
    assert "stays as it is" in ran.log
    assert "::" not in ran.log


PLACES = {
    "workflow": {"GITHUB_WORKFLOW_REF": "nightly/channel/.github/workflows/other.yml@refs/heads/main"},
    "job": {"GITHUB_JOB": "other"},
    "part of a matrix": {"INPUT_MATRIX": '{\n  "os": "ubuntu"\n}'},
}


@pytest.mark.parametrize("other", PLACES.values(), ids=PLACES)
def test_the_success_of_another_place_closes_no_issue(job: Job, other: dict[str, str]) -> None:
    night(job, EXPIRED)
    night(job, None, **other)
    assert [issue.state for issue in job.server.repository.issues.values()] == ["open"]
    night(job, EXPIRED, **other)
    night(job, None, **other)
    assert [issue.state for issue in job.server.repository.issues.values()] == ["open", "closed"]


def test_a_part_of_a_matrix_is_the_same_however_it_is_spelled(job: Job) -> None:
    night(job, EXPIRED, INPUT_MATRIX='{"os": "ubuntu", "python": "3.13"}')
    night(job, INPUT_MATRIX='{\n  "python": "3.13",\n  "os": "ubuntu"\n}')
    assert only_issue(job).state == "closed"


def test_who_closes_it_hears_no_more_until_something_else_happens(job: Job) -> None:
    night(job, EXPIRED)
    job.server.repository.close(1, "someone", "not_planned")
    job.happened()
    night(job, EXPIRED)
    assert job.happened() == []
    night(job, FULL)
    assert "reopened 1" in job.happened()


@pytest.mark.parametrize("problem", [EXPIRED, None], ids=["a failure", "a success"])
def test_a_job_that_may_not_write_issues_is_told_what_to_add(job: Job, problem: UserError | None) -> None:
    job.server.add_token(job.server.token, Token(permissions={}))
    ran = night(job, problem)
    assert "issues: write" in ran.log
    assert ran.error
    assert ran.error.exit_code == 1


def test_a_success_that_may_write_issues_opens_none(job: Job) -> None:
    ran = night(job)
    assert (ran.code, ran.error) == (0, None)
    assert job.happened() == []


def test_without_issues_in_the_repository_it_says_so(job: Job) -> None:
    job.server.repository.has_issues = False
    assert "turned off" in night(job, EXPIRED).log


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INPUT_OUTCOME", "green"),
        ("INPUT_REPORT_FAILURES", "yes"),
        ("GITHUB_REPOSITORY", ""),
        ("GITHUB_WORKFLOW_REF", ""),
    ],
)
def test_what_cant_be_is_refused_by_its_name(job: Job, name: str, value: str) -> None:
    ran = night(job, EXPIRED, **{name: value})
    assert (ran.code, ran.requests) == (2, [])
    assert name.removeprefix("INPUT_").lower() in ran.log.lower()


NIGHTS = (EXPIRED, EXPIRED, FULL, None)


REQUESTS = 18
"""How many it takes."""

FAULTS = ("502 in HTML", "reset after", "half of the JSON")


@pytest.mark.parametrize("effect", [PASSING[name] for name in FAULTS], ids=FAULTS)
@pytest.mark.parametrize("nth", range(1, REQUESTS + 1))
def test_a_failure_of_any_request_that_passes_changes_nothing_of_the_result(job: Job, effect: Effect, nth: int) -> None:
    job.server.faults.add(Fault(effect, nth=nth))
    for problem in NIGHTS:
        assert night(job, problem).error is None
    assert len(job.server.requests) > REQUESTS
    assert sorted(job.happened()) == sorted(["opened 1", *["edited 1"] * 3, *["commented 1"] * 2, "closed 1"])


TAKES = {0: 5, 1: 3, 2: 5, 3: 5}
"""How many requests each of the nights takes."""


@pytest.mark.parametrize(("number", "nth"), [(number, nth + 1) for number in TAKES for nth in range(TAKES[number])])
def test_an_outage_from_any_request_on_is_made_up_for_by_the_next_night(job: Job, number: int, nth: int) -> None:
    for problem in NIGHTS[:number]:
        night(job, problem)
    job.server.faults.add(*(Fault(UNICORN, nth=each) for each in range(nth, nth + 40)))
    told = night(job, NIGHTS[number]).log
    assert "githubstatus" in told
    assert "issues: write" not in told
    job.server.faults.clear()
    assert night(job, NIGHTS[number]).error is None
    expected = {0: ("open", 0), 1: ("open", 0), 2: ("open", 1), 3: ("closed", 2)}
    assert (only_issue(job).state, len(only_issue(job).comments)) == expected[number]


def test_an_issue_of_somebody_else_with_the_same_marker_is_not_touched(job: Job) -> None:
    night(job, EXPIRED)
    body = only_issue(job).body
    job.server.repository.open_issue("copied", body, "someone")
    night(job)
    assert [issue.state for issue in job.server.repository.issues.values()] == ["closed", "open"]
    assert only_author(job.server) == {1: GITHUB_ACTIONS, 2: "someone"}


def only_author(server: GitHubServer) -> dict[int, str]:
    return {issue.number: issue.login for issue in server.repository.issues.values()}


def process(laptop: Laptop, job: Job) -> Laptop:
    """The real scripts on a machine that reaches no registry, and whose Python has no package at all."""
    python = (sys.executable, "-I", "-S", "-X", "utf8")
    return replace(laptop, scripts=SCRIPTS, python=python, settings={**laptop.settings, **job.environ})


def test_it_runs_where_nothing_can_be_installed(offline: Laptop, job: Job) -> None:
    laptop = process(offline, job)
    ran = laptop.run("report-upload", INPUT_OUTCOME="failure", INPUT_PROBLEM=handed_over(EXPIRED))
    assert ran.code == 0, ran.output
    assert only_issue(job).title == "The nightly upload fails: The token has expired"
    report = job.root / "report.json"
    report.touch()
    ran = laptop.run("report-upload", "--outcome", "success", "--report", str(report))
    assert ran.code == 0, ran.output
    assert only_issue(job).state == "closed"
    assert not laptop.cache.exists()


def test_a_set_up_that_failed_is_what_the_issue_is_about(offline: Laptop, job: Job) -> None:
    files = Files(job.root)
    upload = replace(offline, scripts=SCRIPTS).run("upload", GITHUB_OUTPUT=str(files.outputs))
    assert upload.code == 1
    ran = process(offline, job).run("report-upload", INPUT_OUTCOME="failure", INPUT_PROBLEM=files.values()["problem"])
    assert ran.code == 0, ran.output
    assert only_issue(job).title == "The nightly upload fails: Set-up failed"
    assert "package registry can't be reached" in (only_issue(job).body or "")


@pytest.mark.parametrize("outcome", ["failure", "success"])
def test_want_of_a_permission_is_a_warning_and_the_step_is_green(offline: Laptop, job: Job, outcome: str) -> None:
    job.server.add_token(job.server.token, Token(permissions={}))
    laptop = process(offline, job)
    ran = laptop.run("report-upload", INPUT_OUTCOME=outcome, INPUT_REPORT=__file__, GITHUB_ACTIONS="true")
    assert ran.code == 0
    (warning,) = (line for line in ran.output.splitlines() if line.startswith("::"))
    assert warning.startswith("::warning title=")
    assert "`issues: write`" in warning


def test_an_input_that_is_not_allowed_is_an_error(offline: Laptop, job: Job) -> None:
    ran = process(offline, job).run("report-upload", INPUT_OUTCOME="success", INPUT_REPORT_FAILURES="yes")
    assert ran.code == 2
    assert "'report_failures' can't be 'yes'" in ran.output


def test_the_token_goes_to_the_api_alone(job: Job, tmp_path: Path) -> None:
    """A repository that moved answers with redirects."""
    moved = job.server.state.add_repository("nightly/renamed")
    job.server.repository.moved_to = moved.name
    ran = night(job, EXPIRED)
    assert "renamed" in ran.log
    assert job.server.token not in ran.log + ran.summary
    assert moved.issues == {}
    assert [request.plain_path for request in ran.requests if "/repositories/" in request.plain_path] == []
    assert not list(tmp_path.glob("*.part"))
