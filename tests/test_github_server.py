"""The stand-in of GitHub answers as GitHub documents it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import pytest
import requests

from exchanges import Json
from github_model import Token, Workflow
from github_server import REPOSITORY, GitHubServer

FIELDS = {
    "issue": "id node_id number title body user labels state state_reason locked assignee assignees milestone comments"
    " created_at updated_at closed_at url html_url repository_url labels_url comments_url events_url",
    "user": "login id node_id type site_admin url html_url",
    "comment": "id node_id url html_url issue_url body user created_at updated_at",
    "label": "id node_id url name color default description",
    "artifact": "id node_id name size_in_bytes url archive_download_url expired digest workflow_run"
    " created_at expires_at updated_at",
    "run": "id node_id name head_branch head_sha run_number run_attempt event status conclusion workflow_id"
    " created_at updated_at url html_url path display_title artifacts_url head_repository",
    "workflow": "id node_id name path state created_at updated_at url html_url badge_url",
}


def ask(
    server: GitHubServer, method: str, path: str, body: Json = None, token: str | None = "", **query: str
) -> requests.Response:
    secret = server.token if token == "" else token
    return requests.request(
        method,
        f"{server.api_url}/repos/{REPOSITORY}{path}",
        json=body,
        params=query,
        headers={"Authorization": f"Bearer {secret}"} if secret else {},
        timeout=30,
        allow_redirects=False,
    )


def workflow(server: GitHubServer) -> Workflow:
    return server.repository.add_workflow(".github/workflows/cleanup.yml")


def test_records_have_the_fields_that_are_documented(github: GitHubServer) -> None:
    repository = github.repository
    run = repository.add_run(workflow(github))
    repository.add_artifact("plan", b"PK", run)
    issue = ask(github, "POST", "/issues", {"title": "a", "labels": ["stale"]}).json()
    runs = ask(github, "GET", "/actions/workflows/cleanup.yml/runs").json()
    artifacts = ask(github, "GET", f"/actions/runs/{run.id}/artifacts").json()
    records = {
        "issue": issue,
        "user": issue["user"],
        "label": issue["labels"][0],
        "comment": ask(github, "POST", "/issues/1/comments", {"body": "b"}).json(),
        "artifact": artifacts["artifacts"][0],
        "run": runs["workflow_runs"][0],
        "workflow": ask(github, "GET", "/actions/workflows/cleanup.yml").json(),
    }
    assert {name: set(fields.split()) - records[name].keys() for name, fields in FIELDS.items()} == {
        name: set() for name in FIELDS
    }
    assert (runs["total_count"], artifacts["total_count"]) == (1, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", issue["created_at"])


def test_pull_requests_are_among_the_issues(github: GitHubServer) -> None:
    github.repository.open_issue("issue", "", "someone")
    github.repository.open_issue("pull", "", "someone", is_pull=True)
    listed = ask(github, "GET", "/issues", direction="asc").json()
    assert [("pull_request" in each, each["html_url"].split("/")[-2]) for each in listed] == [
        (False, "issues"),
        (True, "pull"),
    ]


def test_a_list_comes_in_pages_whose_addresses_are_in_the_link_header(github: GitHubServer) -> None:
    for number in range(5):
        github.repository.open_issue(f"issue {number}", "", "someone")
    first = ask(github, "GET", "/issues", per_page="2", direction="asc")
    assert set(first.links) == {"next", "last"}
    second = requests.get(first.links["next"]["url"], timeout=30)
    third = requests.get(second.links["next"]["url"], timeout=30)
    assert [each["number"] for page in (first, second, third) for each in page.json()] == [1, 2, 3, 4, 5]
    assert (set(second.links), set(third.links)) == ({"next", "last", "prev", "first"}, {"prev", "first"})


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [2]),
        ({"state": "closed"}, [1]),
        ({"state": "all"}, [2, 1]),
        ({"state": "all", "direction": "asc"}, [1, 2]),
        ({"state": "all", "creator": "someone"}, [1]),
        ({"state": "all", "labels": "Stale"}, [2]),
        ({"state": "all", "labels": "stale,other"}, []),
    ],
    ids=lambda value: "&".join(map("=".join, value.items())) if isinstance(value, dict) else "",
)
def test_issues_are_listed_by_what_is_asked_for(
    github: GitHubServer, query: Mapping[str, str], numbers: list[int]
) -> None:
    github.repository.open_issue("a", "", "someone")
    github.repository.close(1, "someone")
    github.repository.open_issue("b", "", "another", ["stale"])
    assert [each["number"] for each in ask(github, "GET", "/issues", **query).json()] == numbers


def test_a_close_and_a_reopening_have_their_reasons(github: GitHubServer) -> None:
    github.repository.open_issue("a", "", "someone")
    closed = ask(github, "PATCH", "/issues/1", {"state": "closed", "state_reason": "not_planned"}).json()
    assert (closed["state"], closed["state_reason"], closed["closed_by"]["type"]) == ("closed", "not_planned", "Bot")
    opened = ask(github, "PATCH", "/issues/1", {"state": "open"}).json()
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)
    assert [event.what for event in github.events] == ["opened", "closed", "reopened"]


@pytest.mark.parametrize(
    ("content", "field", "code"),
    [
        ({"title": ""}, "title", "missing_field"),
        ({"title": "t" * 257}, "title", "custom"),
        ({"title": "t", "body": "b" * 65_537}, "body", "custom"),
    ],
    ids=["no title", "a long title", "a long body"],
)
def test_what_is_invalid_is_said_with_its_field(github: GitHubServer, content: Json, field: str, code: str) -> None:
    answer = ask(github, "POST", "/issues", content)
    error = answer.json()["errors"][0]
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    assert (error["resource"], error["field"], error["code"]) == ("Issue", field, code)
    assert github.repository.issues == {}


@pytest.mark.parametrize(
    ("token", "status", "message"),
    [
        (None, 401, "Requires authentication"),
        ("other", 401, "Bad credentials"),
        ("bot", 403, "Resource not accessible by integration"),
        ("person", 403, "Resource not accessible by personal access token"),
    ],
    ids=["nobody", "a bad token", "a job without the permission", "a person's without the permission"],
)
def test_who_may_not_write_is_refused(github: GitHubServer, token: str | None, status: int, message: str) -> None:
    github.add_token("bot", Token(permissions={"issues": "read"}))
    github.add_token("person", Token("someone", {}))
    answer = ask(github, "POST", "/issues", {"title": "a"}, token)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert answer.headers.get("x-accepted-github-permissions") == ("issues=write" if status == 403 else None)


def test_each_answer_tells_how_many_requests_are_left(github: GitHubServer) -> None:
    github.limit = 2
    answers = [ask(github, "GET", "/issues") for _ in range(3)]
    assert [each.headers["x-ratelimit-remaining"] for each in answers] == ["1", "0", "0"]
    assert [each.status_code for each in answers] == [200, 200, 403]
    assert "rate limit exceeded" in answers[2].json()["message"]
    assert 3590 < int(answers[2].headers["x-ratelimit-reset"]) - time.time() <= 3600


def test_a_new_issue_may_be_missing_from_the_first_lists(github: GitHubServer) -> None:
    github.repository.new_issues_unseen = 2
    ask(github, "POST", "/issues", {"title": "a"})
    assert [len(ask(github, "GET", "/issues").json()) for _ in range(3)] == [0, 0, 1]
    assert ask(github, "GET", "/issues/1").status_code == 200


def test_a_renamed_repository_sends_to_its_number(github: GitHubServer) -> None:
    github.state.add_repository("new/name").open_issue("a", "", "someone")
    github.repository.moved_to = "new/name"
    answer = ask(github, "GET", "/issues/1")
    assert (answer.status_code, answer.json()["message"]) == (301, "Moved Permanently")
    assert answer.headers["Location"] == answer.json()["url"] == f"{github.api_url}/repositories/1002/issues/1"
    assert requests.get(answer.headers["Location"], timeout=30).json()["title"] == "a"


def test_a_repository_may_have_no_issues(github: GitHubServer) -> None:
    github.repository.has_issues = False
    assert [ask(github, method, "/issues", {"title": "a"}).status_code for method in ("GET", "POST")] == [410, 410]


def test_an_artifact_is_at_storage_which_takes_no_token(github: GitHubServer) -> None:
    artifact = github.repository.add_artifact("plan", b"PK", github.repository.add_run(workflow(github)))
    address = ask(github, "GET", f"/actions/artifacts/{artifact.id}/zip").headers["Location"]
    assert address.startswith(github.storage_url)
    assert requests.get(address, timeout=30).content == b"PK"
    assert requests.get(address, headers={"Authorization": "Bearer x"}, timeout=30).status_code == 403


def test_an_expired_artifact_is_gone(github: GitHubServer) -> None:
    artifact = github.repository.add_artifact("plan", b"PK", github.repository.add_run(workflow(github)), days=-1)
    assert ask(github, "GET", "/actions/artifacts").json()["artifacts"][0]["expired"]
    assert ask(github, "GET", f"/actions/artifacts/{artifact.id}/zip").status_code == 410


def test_a_failure_of_the_stand_in_fails_the_test() -> None:
    server = GitHubServer()
    server.state.tokens = None  # type: ignore[assignment]  # what breaks it
    with pytest.raises(requests.ConnectionError):
        ask(server, "GET", "/issues")
    with pytest.raises(RuntimeError, match="stand-in of GitHub failed"):
        server.close()
