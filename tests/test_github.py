"""GitHub is asked with patience, believed with care, and told a token where it belongs alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchanges import Json
from faults import EVERY, Effect, Fault, Status
from github_faults import BAD_CREDENTIALS, PASSING, SECONDARY_LIMIT, UNICORN, error
from github_fixtures import PATIENCE
from github_model import Artifact, Run, Token, Workflow
from github_server import REPOSITORY, GitHubServer
from nightly import auth
from nightly.errors import UserError
from nightly.github import access
from nightly.github.api import GitHubReader, GitHubWriter
from nightly.github.explain import explain
from nightly.github.issue_api import IssueChange
from nightly.github.refusals import MissingPermission, RateLimited, refusal
from nightly.http import Http
from nightly.http_errors import HttpError, Refused, Reply, Unavailable


@dataclass(frozen=True)
class Seeds:
    """What a repository has before a test."""

    workflow: Workflow
    run: Run
    artifact: Artifact


@pytest.fixture
def seeds(github: GitHubServer) -> Seeds:
    """Two issues and a pull request, one comment, and a run with an artifact."""
    repository = github.repository
    repository.open_issue("First", "body", github.state.tokens[github.token].login, ["stale"])
    repository.open_issue("A pull request", "", "someone", is_pull=True)
    repository.open_issue("Third", None, "someone")
    repository.comment(1, "a comment", "someone")
    workflow = repository.add_workflow(".github/workflows/cleanup.yml", state="disabled_inactivity")
    run = repository.add_run(workflow, "failure")
    return Seeds(workflow, run, repository.add_artifact("plan", b"PK zipped", run))


def with_token(server: GitHubServer, secret: str) -> GitHubWriter:
    return GitHubWriter(Http(PATIENCE), server.api_url, REPOSITORY, auth.Token(secret))


def test_issues_are_listed_without_pull_requests(reader: GitHubReader, seeds: Seeds) -> None:
    issues = reader.issues()
    assert [(each.number, each.title, each.body, each.author) for each in issues] == [
        (1, "First", "body", "github-actions[bot]"),
        (3, "Third", "", "someone"),
    ]
    assert issues[0].url == "https://github.com/nightly/channel/issues/1"
    assert seeds.workflow.state == "disabled_inactivity"


@pytest.mark.usefixtures("seeds")
def test_issues_are_listed_by_label_creator_and_state(reader: GitHubReader, github: GitHubServer) -> None:
    github.repository.close(3, "someone")
    assert [each.number for each in reader.issues(labels=["stale"])] == [1]
    assert [each.number for each in reader.issues(creator="someone", state="all")] == [3]
    assert [each.is_open for each in reader.issues(state="closed")] == [False]


def test_all_pages_are_read(reader: GitHubReader, github: GitHubServer) -> None:
    for number in range(1, 252):
        github.repository.open_issue(f"issue {number}", "", "someone")
    assert [each.number for each in reader.issues()] == list(range(1, 252))
    assert len(github.requests) == 3


def test_the_next_page_is_not_read_from_another_host(reader: GitHubReader, github: GitHubServer) -> None:
    link = {"Link": f'<{github.storage_url}/issues?page=2>; rel="next"'}
    github.faults.add(Fault(Status(200, b"[]", link)))
    with pytest.raises(Refused, match="another host"):
        reader.issues()
    assert {request.role for request in github.requests} == {"api"}


def test_pages_that_lead_to_each_other_are_read_once(reader: GitHubReader, github: GitHubServer) -> None:
    url = f"{github.api_url}/repos/{REPOSITORY}/issues?page=2"
    github.faults.add(Fault(Status(200, b"[]", {"Link": f'<{url}>; rel="next"'}), nth=EVERY))
    assert reader.issues() == []
    assert len(github.requests) == 2


@pytest.mark.usefixtures("seeds")
def test_a_comment_is_read_with_its_author(reader: GitHubReader) -> None:
    assert [(each.body, each.author) for each in reader.comments(1)] == [("a comment", "someone")]


def test_the_login_is_a_jobs_or_a_persons(github: GitHubServer) -> None:
    github.add_token("pat", Token("someone"))
    logins = [with_token(github, secret).login() for secret in (github.token, "pat")]
    assert logins == ["github-actions[bot]", "someone"]


def test_the_latest_run_is_of_that_workflow_branch_and_conclusion(
    reader: GitHubReader, github: GitHubServer, seeds: Seeds
) -> None:
    github.repository.add_run(seeds.workflow, None, "in_progress", "side")
    latest = reader.latest_run("cleanup.yml")
    on_main = reader.latest_run(str(seeds.workflow.id), branch="main")
    assert latest
    assert (latest.status, latest.conclusion, latest.branch) == ("in_progress", None, "side")
    assert on_main
    assert (on_main.id, on_main.status, on_main.conclusion) == (seeds.run.id, "completed", "failure")
    assert on_main.created_at == seeds.run.created_at.replace(microsecond=0)
    assert reader.latest_run("cleanup.yml", status="success") is None


def test_a_run_is_known_by_its_number_with_the_repository_of_its_commit(
    reader: GitHubReader, github: GitHubServer, seeds: Seeds
) -> None:
    forked = github.repository.add_run(seeds.workflow, event="pull_request", head="stranger/fork")
    assert reader.run(seeds.run.id).head == REPOSITORY
    assert (reader.run(forked.id).event, reader.run(forked.id).head) == ("pull_request", "stranger/fork")
    with pytest.raises(HttpError, match="404"):
        reader.run(1)


def test_a_workflow_is_kept_alive_by_switching_it_on(writer: GitHubWriter, github: GitHubServer, seeds: Seeds) -> None:
    assert not writer.workflow("cleanup.yml").is_active
    writer.enable_workflow("cleanup.yml")
    assert writer.workflow(str(seeds.workflow.id)).is_active
    writer.disable_workflow("cleanup.yml")
    assert writer.workflow("cleanup.yml").state == "disabled_manually"
    assert [event.what for event in github.events][-2:] == ["enabled", "disabled"]


def test_artifacts_are_listed_by_name_and_by_run(reader: GitHubReader, github: GitHubServer, seeds: Seeds) -> None:
    other = github.repository.add_run(seeds.workflow)
    github.repository.add_artifact("other", b"", other, days=-1)
    assert [(each.name, each.expired) for each in reader.artifacts()] == [("other", True), ("plan", False)]
    assert [each.run_id for each in reader.artifacts(name="plan")] == [seeds.run.id]
    assert [each.name for each in reader.artifacts(run_id=other.id)] == ["other"]


def test_an_artifact_is_fetched_from_storage_without_the_token(
    reader: GitHubReader, github: GitHubServer, tmp_path: Path, seeds: Seeds
) -> None:
    target = tmp_path / "plan.zip"
    reader.download(reader.artifacts(name="plan")[0], target)
    assert target.read_bytes() == seeds.artifact.content
    assert {request.role: request.authorized for request in github.requests} == {"api": True, "storage": False}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize(
    "effect",
    [*PASSING.values(), Status(200, b"other bytes"), Status(403, b"<Error/>")],
    ids=[*PASSING, "other bytes", "its address is too old"],
)
def test_an_artifact_is_asked_for_anew_when_storage_fails(
    reader: GitHubReader, github: GitHubServer, tmp_path: Path, effect: Effect
) -> None:
    github.faults.add(Fault(effect, role="storage"))
    reader.download(reader.artifacts()[0], tmp_path / "plan.zip")
    assert (tmp_path / "plan.zip").read_bytes() == b"PK zipped"
    assert sum(request.plain_path.endswith("/zip") for request in github.requests) == 2


@pytest.mark.usefixtures("seeds")
def test_an_artifact_at_an_unsafe_address_is_refused(
    reader: GitHubReader, github: GitHubServer, tmp_path: Path
) -> None:
    artifact = reader.artifacts()[0]
    github.faults.add(Fault(Status(302, headers={"Location": "http://storage.example/plan.zip"}), path="*/zip"))
    with pytest.raises(Refused, match="isn't safe"):
        reader.download(artifact, tmp_path / "plan.zip")


def test_an_expired_artifact_is_told_as_such(reader: GitHubReader, github: GitHubServer, tmp_path: Path) -> None:
    run = github.repository.add_run(github.repository.add_workflow("cleanup.yml"))
    github.repository.add_artifact("plan", b"", run, days=-1)
    with pytest.raises(Refused, match="has expired") as caught:
        reader.download(reader.artifacts()[0], tmp_path / "plan.zip")
    assert "has expired" in explain(caught.value).means


def test_an_issue_is_opened_changed_closed_and_reopened(writer: GitHubWriter, github: GitHubServer) -> None:
    writer.create_issue_now("Title", "Body", ["stale"])
    writer.update_issue(1, IssueChange(title="Other", body="Text"))
    assert writer.update_issue(1, IssueChange(state="closed", reason="not_planned")).state == "closed"
    assert writer.update_issue(1, IssueChange(state="open")).is_open
    writer.comment_now(1, "Hello")
    issue = github.repository.issues[1]
    assert (issue.title, issue.body, issue.labels, issue.comments[0].body) == ("Other", "Text", ["stale"], "Hello")
    whats = [event.what for event in github.events]
    assert whats == ["labeled", "opened", "edited", "closed", "reopened", "commented"]


def test_a_label_is_made_once_and_then_left_alone(writer: GitHubWriter, github: GitHubServer) -> None:
    writer.ensure_label("stale", "d4c5f9", "went quiet")
    writer.ensure_label("Stale", "000000", "")
    assert [(each.name, each.color) for each in github.repository.labels.values()] == [("stale", "d4c5f9")]


def test_a_label_that_is_refused_for_another_reason_is_told(writer: GitHubWriter) -> None:
    with pytest.raises(Refused, match="Label color invalid"):
        writer.ensure_label("stale", "no colour", "")


READS: Mapping[str, Callable[[GitHubReader], object]] = {
    "login": lambda github: github.login(),
    "issues": lambda github: len(github.issues()),
    "issue": lambda github: github.issue(1).number,
    "comments": lambda github: len(github.comments(1)),
    "artifacts": lambda github: len(github.artifacts()),
    "latest run": lambda github: github.latest_run("cleanup.yml") is not None,
    "workflow": lambda github: github.workflow("cleanup.yml").name,
}
CHANGES: Mapping[str, Callable[[GitHubWriter], object]] = {
    "update": lambda github: github.update_issue(1, IssueChange(title="New", state="closed")).state,
    "label": lambda github: github.ensure_label("new", "d4c5f9", ""),
    "enable": lambda github: github.enable_workflow("cleanup.yml"),
    "disable": lambda github: github.disable_workflow("cleanup.yml"),
}
REPEATED: Mapping[str, Callable[[GitHubWriter], object]] = {**READS, **CHANGES}


FAILURES = [
    pytest.param(request, effect, id=f"{name}, {failure}")
    for name, request in REPEATED.items()
    for failure, effect in PASSING.items()
    # These have nothing in their answers to be cut.
    if not (name in ("enable", "disable") and failure.startswith("half"))
]


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize(("request_", "effect"), FAILURES)
def test_what_may_be_repeated_is_asked_again_after_a_failure(
    writer: GitHubWriter, github: GitHubServer, request_: Callable[[GitHubWriter], object], effect: Effect
) -> None:
    github.faults.add(Fault(effect))
    request_(writer)
    assert len(github.requests) == 2


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize("request_", REPEATED.values(), ids=REPEATED)
def test_patience_ends(writer: GitHubWriter, github: GitHubServer, request_: Callable[[GitHubWriter], object]) -> None:
    github.faults.add(Fault(UNICORN, nth=EVERY))
    with pytest.raises(Unavailable) as caught:
        request_(writer)
    assert len(github.requests) == PATIENCE.tries
    assert "<" not in str(caught.value)
    assert "githubstatus.com" in str(explain(caught.value))


ONCE: Mapping[str, Callable[[GitHubWriter], object]] = {
    "create an issue": lambda github: github.create_issue_now("Title", "Body"),
    "comment": lambda github: github.comment_now(1, "Body"),
}


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize("effect", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("request_", ONCE.values(), ids=ONCE)
def test_what_must_not_happen_twice_is_asked_once(
    writer: GitHubWriter, github: GitHubServer, request_: Callable[[GitHubWriter], object], effect: Effect
) -> None:
    github.faults.add(Fault(effect))
    with pytest.raises(Unavailable):
        request_(writer)
    assert len(github.requests) == 1


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize("request_", [*REPEATED.values(), *ONCE.values()], ids=[*REPEATED, *ONCE])
def test_a_bad_token_is_told_at_once(
    writer: GitHubWriter, github: GitHubServer, request_: Callable[[GitHubWriter], object]
) -> None:
    github.faults.add(Fault(BAD_CREDENTIALS, nth=EVERY))
    with pytest.raises(Refused) as caught:
        request_(writer)
    assert len(github.requests) == 1
    assert "token is wrong" in explain(caught.value).means


HALF_ANSWERS: Mapping[str, tuple[Json, Callable[[GitHubReader], object]]] = {
    "no list": ({"message": "hello"}, READS["issues"]),
    "no number": ([{"title": "a"}], READS["issues"]),
    "a number in words": ({"number": "1"}, READS["issue"]),
    "no artifacts": ({"total_count": 1}, READS["artifacts"]),
    "no time": ({"artifacts": [{"id": 1, "name": "a", "size_in_bytes": 1, "expired": False}]}, READS["artifacts"]),
    "no viewer": ({"data": None, "errors": [{"message": "Something went wrong"}]}, READS["login"]),
    "nothing": (None, READS["workflow"]),
}


@pytest.mark.usefixtures("seeds")
@pytest.mark.parametrize(("answer", "read"), HALF_ANSWERS.values(), ids=HALF_ANSWERS)
def test_an_answer_of_another_shape_is_no_answer(
    reader: GitHubReader, github: GitHubServer, answer: Json, read: Callable[[GitHubReader], object]
) -> None:
    github.faults.add(Fault(Status(200, json.dumps(answer).encode()), nth=EVERY))
    with pytest.raises(Unavailable, match="GitHub's answer"):
        read(reader)


def test_a_missing_permission_is_named(github: GitHubServer) -> None:
    github.add_token("weak", Token(permissions={"issues": "read"}))
    writer = with_token(github, "weak")
    with pytest.raises(MissingPermission) as caught:
        writer.create_issue_now("Title", "Body")
    message = str(explain(caught.value))
    assert "Resource not accessible by integration" in message
    assert "`issues: write`" in message
    assert "permissions:" in message


def test_a_permission_that_is_not_named_is_told_all_the_same() -> None:
    told = explain(MissingPermission("POST /x", "Resource not accessible by integration", 403, ""))
    assert "what this request takes" in told.do


TEXTS = {
    "moved": (error(301, "Moved Permanently"), "renamed"),
    "not found": (error(404, "Not Found"), "may not see it"),
    "issues turned off": (error(410, "Issues are disabled for this repo"), "issues turned off"),
    "archived": (error(403, "Repository was archived so is read-only."), "archived"),
    "invalid": (error(422, "Validation Failed"), "wrong with what was sent"),
    "unknown": (error(418, "teapot"), "teapot"),
}


@pytest.mark.parametrize(("effect", "told"), TEXTS.values(), ids=TEXTS)
def test_a_refusal_is_explained(reader: GitHubReader, github: GitHubServer, effect: Status, told: str) -> None:
    github.faults.add(Fault(effect, nth=EVERY))
    with pytest.raises(Refused) as caught:
        reader.issues()
    explained = explain(caught.value)
    assert told in str(explained)
    assert explained.do
    assert len(github.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_that_is_not_in_githubs_words_may_pass(
    reader: GitHubReader, github: GitHubServer, status: int
) -> None:
    github.faults.add(Fault(Status(status, b"<html>proxy</html>", content_type="text/html")))
    assert reader.issues() == []
    assert len(github.requests) == 2


def test_what_is_invalid_is_told_by_field(writer: GitHubWriter) -> None:
    with pytest.raises(Refused, match=r"Validation Failed: Issue body custom body is too long \(maximum is 65536"):
        writer.create_issue_now("Title", "b" * 65_537)


LIMITS = {
    "retry-after": (403, {"retry-after": "7"}, "anything", 7),
    "a primary limit": (403, {"x-ratelimit-remaining": "0"}, "API rate limit exceeded", 90),
    "a primary limit as 429": (429, {"x-ratelimit-remaining": "0"}, "API rate limit exceeded", 90),
    "a reset that is past": (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "rate limit", 0),
    "a reset that is no number": (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "x"}, "rate limit", 60),
    "no date": (403, {"x-ratelimit-remaining": "0", "date": ""}, "rate limit", 60),
    "a secondary limit": (403, {"x-ratelimit-remaining": "4000"}, SECONDARY_LIMIT, 60),
    "a secondary limit as 429": (429, {}, SECONDARY_LIMIT, 60),
    "its former name": (403, {}, "You have triggered an abuse detection mechanism.", 60),
}


@pytest.mark.parametrize(("status", "headers", "message", "wait"), LIMITS.values(), ids=LIMITS)
def test_a_limit_says_how_long_to_wait_by_githubs_own_clock(
    status: int, headers: Mapping[str, str], message: str, wait: float
) -> None:
    clock = {"date": "Sat, 03 Jan 2026 10:00:00 GMT", "x-ratelimit-reset": "1767434490"}
    reply = Reply(status, {**clock, **headers}, json.dumps({"message": message}).encode())
    limit = refusal(reply, "GET /x")
    assert isinstance(limit, RateLimited)
    assert limit.retry_after == wait
    assert f"asks to wait {wait} s" in explain(limit).means


def test_a_missing_permission_is_no_limit_even_with_the_last_request() -> None:
    content = json.dumps({"message": "Resource not accessible by integration"}).encode()
    assert isinstance(refusal(Reply(403, {"x-ratelimit-remaining": "0"}, content), "GET /x"), MissingPermission)


def test_a_limit_that_is_longer_than_our_patience_is_told(reader: GitHubReader, github: GitHubServer) -> None:
    github.limit = 0
    with pytest.raises(RateLimited, match="API rate limit exceeded") as caught:
        reader.issues()
    assert caught.value.retry_after
    assert 3500 < caught.value.retry_after <= 3600
    assert len(github.requests) == 1


def test_no_error_tells_a_token(github: GitHubServer) -> None:
    reader = with_token(github, "ghs_secret")
    with pytest.raises(HttpError) as caught:
        reader.issues()
    assert "ghs_secret" not in f"{caught.value} {caught.value!r} {explain(caught.value)} {reader!r}"


@pytest.mark.parametrize("url", ["http://api.github.com", "ftp://api.github.com", ""])
def test_a_token_goes_over_https_alone(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        GitHubReader(Http(PATIENCE), url, REPOSITORY, auth.Token("x"))
    with pytest.raises(UserError, match="GITHUB_API_URL"):
        access.api_url("GITHUB_API_URL", url)


@pytest.mark.parametrize("url", [access.API_URL, "https://ghe.example/api/v3", "http://127.0.0.1:8000"])
def test_an_address_of_the_api_is_taken(url: str) -> None:
    assert access.api_url("GITHUB_API_URL", f"{url}/") == url


@pytest.mark.parametrize("name", ["numpy/numpy", "a_b/.github", "o/a.b-c_d"])
def test_a_repository_is_taken(name: str) -> None:
    assert access.repository_name("repository", name) == name


@pytest.mark.parametrize("name", ["", "numpy", "/numpy", "numpy/", "a/b/c", "a/..", "../a", "a/b?c", "a/b\n", "a b/c"])
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="repository") as caught:
        access.repository_name("repository", name)
    assert caught.value.exit_code == 2


def test_a_pasted_token_loses_its_line_end_and_nothing_shows_it() -> None:
    token = access.parse_token(" ghs_secret\n")
    assert token
    assert (token.secret, "ghs_secret" in repr(token)) == ("ghs_secret", False)
    assert access.parse_token(" ") is None
    with pytest.raises(UserError) as caught:
        access.parse_token("ghs_secret more")
    assert "ghs_secret" not in str(caught.value)
