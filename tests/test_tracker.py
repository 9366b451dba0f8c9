"""A plan for issues is carried out once, whatever GitHub answers, and never against somebody's issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults import EVERY, Effect, Fault, Status
from github_faults import BAD_CREDENTIALS, DONE, NOTHING_DONE, PASSING, SECONDARY_LIMIT, UNICORN, error
from github_fixtures import PATIENCE
from github_model import GITHUB_ACTIONS, Token
from github_server import REPOSITORY, GitHubServer
from nightly import auth
from nightly.errors import UserError
from nightly.github.api import GitHubReader, GitHubWriter
from nightly.http import Http
from nightly.http_errors import Refused, Unavailable
from nightly.issues import Report, Step, Sync, preview, sync
from nightly.marker import read_marker
from nightly.tracker import Label, Outcome, Tracker, read_tracked

KIND = "freshness"
LABEL = Label("stale nightly", "d4c5f9", "A project went quiet")
ISSUES, COMMENTS, LABELS = (f"/repos/{REPOSITORY}{path}" for path in ("/issues", "/issues/*/comments", "/labels"))


def report(key: str = "numpy", state: str = "quiet") -> Report:
    return Report(key, f"{key} is {state}", f"It is {state}.", state, f"It is {state} now.")


def plan(writer: GitHubReader, wanted: Sequence[Report]) -> Sync:
    existing = read_tracked(writer, GITHUB_ACTIONS, KIND, [each.key for each in wanted])
    return sync(wanted, existing, KIND)


def run(writer: GitHubWriter, *wanted: Report) -> list[Outcome]:
    """A whole run, as a command makes it."""
    tracker = Tracker(writer, GITHUB_ACTIONS, [LABEL], pause=0)
    return list(tracker.carry_out(plan(writer, wanted).actions))


def whats(server: GitHubServer) -> list[str]:
    return [event.what for event in server.events]


def test_an_issue_is_opened_kept_and_closed(writer: GitHubWriter, github: GitHubServer) -> None:
    outcome = run(writer, report())[0]
    assert (outcome.action.step, outcome.url, outcome.error) == (
        Step.OPEN,
        f"https://github.com/{REPOSITORY}/issues/1",
        "",
    )
    run(writer, report(state="gone"))
    run(writer)
    run(writer, report())
    issue = github.repository.issues[1]
    assert (issue.title, issue.labels, issue.state) == ("numpy is quiet", [LABEL.name], "open")
    assert whats(github) == [
        *("labeled", "opened", "commented", "edited", "commented", "edited", "closed"),
        *("commented", "edited", "reopened"),
    ]
    assert [comment.body.partition("\n")[2] for comment in issue.comments] == [
        "It is gone now.",
        "This is over: the last run found nothing to report.",
        "It is quiet now.",
    ]


def test_a_run_that_finds_nothing_new_only_reads(writer: GitHubWriter, github: GitHubServer) -> None:
    run(writer, report())
    github.forget_requests()
    assert run(writer, report()) == []
    assert {request.method for request in github.requests} == {"GET"}


def test_there_is_no_pause_before_the_only_issue_or_after_it(writer: GitHubWriter) -> None:
    tracker = Tracker(writer, GITHUB_ACTIONS, [LABEL], pause=86_400)
    assert [outcome.error for outcome in tracker.carry_out(plan(writer, [report()]).actions)] == [""]


def test_a_close_says_why(writer: GitHubWriter, github: GitHubServer) -> None:
    run(writer, report())
    github.repository.open_issue("double", github.repository.issues[1].body, GITHUB_ACTIONS)
    run(writer, report())
    run(writer)
    assert [issue.state_reason for issue in github.repository.issues.values()] == ["completed", "not_planned"]


def test_a_preview_needs_no_object_that_can_write(reader: GitHubReader, github: GitHubServer) -> None:
    assert next(preview(plan(reader, [report()]))) == "would open a new issue (numpy): it is new"
    assert not hasattr(reader, "create_issue_now")
    assert {request.method for request in github.requests} == {"GET"}


@pytest.mark.parametrize("login", ["someone", "dependabot[bot]"])
def test_an_issue_of_somebody_else_is_not_touched(writer: GitHubWriter, github: GitHubServer, login: str) -> None:
    run(writer, report())
    body = github.repository.issues[1].body
    other = github.repository.open_issue("numpy is quiet", body, login)
    before = replace(other)
    run(writer)
    assert other == before


def test_an_author_that_is_not_the_tokens_is_told(github: GitHubServer) -> None:
    github.add_token("pat", Token("someone"))
    writer = GitHubWriter(Http(PATIENCE), github.api_url, REPOSITORY, auth.Token("pat"))
    with pytest.raises(UserError, match="opened as someone") as caught:
        run(writer, report(), report("scipy"))
    assert "each run would open one more" in caught.value.means
    assert len(github.repository.issues) == 1


REQUESTS = {
    "the list": ("GET", ISSUES),
    "the label": ("POST", LABELS),
    "the new issue": ("POST", ISSUES),
    "the comments": ("GET", COMMENTS),
    "the comment": ("POST", COMMENTS),
    "the change": ("PATCH", "*"),
}


@pytest.mark.parametrize("effect", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize(("method", "path"), REQUESTS.values(), ids=REQUESTS)
def test_a_failure_that_passes_changes_nothing_of_the_result(
    writer: GitHubWriter, github: GitHubServer, method: str, path: str, effect: Effect
) -> None:
    github.faults.add(Fault(effect, method, path))
    for wanted in ([report()], [report(state="gone")], []):
        assert [outcome.error for outcome in run(writer, *wanted)] == [""]
    assert Counter(whats(github)) == Counter(
        ["labeled", "opened", "commented", "edited", "commented", "edited", "closed"]
    )


@pytest.mark.parametrize("effect", DONE.values(), ids=DONE)
@pytest.mark.parametrize("unseen", [1, 3])
def test_a_lost_answer_opens_no_second_issue_though_the_list_is_late(
    writer: GitHubWriter, github: GitHubServer, effect: Effect, unseen: int
) -> None:
    github.repository.new_issues_unseen = unseen
    github.faults.add(Fault(effect, "POST", ISSUES))
    assert [outcome.error for outcome in run(writer, report())] == [""]
    assert len(github.repository.issues) == 1


def test_an_issue_that_a_list_leaves_out_once_is_not_opened_again(writer: GitHubWriter, github: GitHubServer) -> None:
    run(writer, report())
    for nth in (1, 2):
        github.faults.add(Fault(Status(200, b"[]"), "GET", ISSUES, nth=nth))
    assert run(writer, report()) == []
    assert len(github.repository.issues) == 1


def test_while_nobody_knows_whether_it_was_opened_it_is_not_opened_again(
    writer: GitHubWriter, github: GitHubServer
) -> None:
    wanted = plan(writer, [report()])
    github.faults.add(Fault(DONE["502 after"], "POST", ISSUES), Fault(UNICORN, "GET", ISSUES, nth=EVERY))
    outcome = next(Tracker(writer, GITHUB_ACTIONS, pause=0).carry_out(wanted.actions))
    assert "out of reach" in outcome.error
    assert len(github.repository.issues) == 1
    github.faults.clear()
    assert run(writer, report()) == []


def test_a_run_that_ends_between_comment_and_change_is_taken_up_by_the_next(
    writer: GitHubWriter, github: GitHubServer
) -> None:
    run(writer, report())
    github.faults.add(*(Fault(UNICORN, "PATCH", nth=nth) for nth in range(1, PATIENCE.tries + 1)))
    assert run(writer, report(state="gone"))[0].error
    assert [outcome.error for outcome in run(writer, report(state="gone"))] == [""]
    assert len(github.repository.issues[1].comments) == 1
    assert github.repository.issues[1].title == "numpy is gone"


def test_a_comment_that_somebody_copied_is_no_comment_of_ours(writer: GitHubWriter, github: GitHubServer) -> None:
    run(writer, report())
    action = plan(writer, [report(state="gone")]).actions[0]
    github.repository.comment(1, action.comment, "someone")
    run(writer, report(state="gone"))
    assert [comment.login for comment in github.repository.issues[1].comments] == ["someone", GITHUB_ACTIONS]


def test_one_failure_does_not_stop_the_others(writer: GitHubWriter, github: GitHubServer) -> None:
    github.faults.add(Fault(error(422, "Validation Failed"), "POST", ISSUES))
    outcomes = run(writer, report("a"), report("b"))
    assert [bool(outcome.error) for outcome in outcomes] == [True, False]
    assert "Validation Failed" in outcomes[0].error


def test_failures_in_a_row_end_the_tries(writer: GitHubWriter, github: GitHubServer) -> None:
    github.faults.add(Fault(UNICORN, "PATCH", nth=EVERY))
    keys = [str(number) for number in range(6)]
    run(writer, *(report(key) for key in keys))
    outcomes = run(writer, *(replace(report(key), body="new") for key in keys))
    assert all(outcome.error for outcome in outcomes)
    tries = sum(request.method == "PATCH" for request in github.requests)
    assert tries == PATIENCE.tries * PATIENCE.failures_in_a_row
    assert "wasn't tried" in outcomes[-1].error


STOPS = {
    "a bad token": (BAD_CREDENTIALS, "token is wrong"),
    "a missing permission": (
        error(403, "Resource not accessible by integration", {"x-accepted-github-permissions": "issues=write"}),
        "`issues: write`",
    ),
    "an archive": (error(403, "Repository was archived so is read-only."), "archived"),
}


@pytest.mark.parametrize("path", [LABELS, ISSUES], ids=["at the label", "at the issue"])
@pytest.mark.parametrize(("effect", "told"), STOPS.values(), ids=STOPS)
def test_what_the_token_may_not_do_is_tried_once(
    writer: GitHubWriter, github: GitHubServer, effect: Status, told: str, path: str
) -> None:
    github.faults.add(Fault(effect, "POST", path, nth=EVERY))
    with pytest.raises(UserError) as caught:
        run(writer, report("a"), report("b"))
    assert told in str(caught.value)
    assert sum(request.plain_path == path and request.method == "POST" for request in github.requests) == 1


def test_a_limit_that_outlasts_our_patience_fails_one_and_repeats_nothing(
    writer: GitHubWriter, github: GitHubServer
) -> None:
    github.faults.add(Fault(error(403, SECONDARY_LIMIT), "POST", ISSUES))
    outcomes = run(writer, report("a"), report("b"))
    assert "asks to wait 60 s" in outcomes[0].error
    assert [issue.title for issue in github.repository.issues.values()] == ["b is quiet"]


def test_a_list_that_cannot_be_read_leads_to_no_plan(reader: GitHubReader, github: GitHubServer) -> None:
    github.faults.add(Fault(UNICORN, "GET", ISSUES, nth=EVERY))
    with pytest.raises(Unavailable):
        plan(reader, [report()])


def test_a_repository_without_issues_is_told(reader: GitHubReader, github: GitHubServer) -> None:
    github.repository.has_issues = False
    with pytest.raises(Refused, match="disabled"):
        plan(reader, [report()])


FAULT = st.builds(
    Fault,
    effect=st.sampled_from([effect for name, effect in {**NOTHING_DONE, **DONE}.items() if "hang" not in name]),
    method=st.sampled_from(["GET", "POST", "PATCH"]),
    nth=st.integers(1, 6),
)
NIGHT = st.tuples(
    st.dictionaries(st.sampled_from("ab"), st.sampled_from(["quiet", "gone"])), st.lists(FAULT, max_size=4)
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NIGHT, max_size=4), st.integers(0, 2))
def test_no_night_of_faults_makes_two_issues_of_one_key(
    nights: list[tuple[dict[str, str], list[Fault]]], unseen: int
) -> None:
    with GitHubServer() as server:
        server.repository.new_issues_unseen = unseen
        writer = GitHubWriter(Http(PATIENCE), server.api_url, REPOSITORY, auth.Token(server.token))
        for states, faults in [*nights, ({"a": "quiet"}, [])]:
            server.faults.clear()
            server.faults.add(*faults)
            for issue in server.repository.issues.values():
                issue.unseen = 0  # a night is long
            try:
                run(writer, *(report(key, state) for key, state in states.items()))
            except UserError as failure:
                assert "unavailable" in failure.title  # noqa: PT017  # most nights are without
            except Unavailable:
                continue
        markers = [read_marker(issue.body or "") for issue in server.repository.issues.values()]
        keys = [marker.key for marker in markers if marker]
        assert len(keys) == len(set(keys)) == len(server.repository.issues)
        still_open = {issue.title for issue in server.repository.issues.values() if issue.state == "open"}
        assert still_open == {"a is quiet"}
        for issue in server.repository.issues.values():
            told = [comment.body for comment in issue.comments]
            assert len(told) == len(set(told))
