"""Which earlier issue a run goes on with: reopened within 30 days, muted by a label, and never opened twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

import pytest

from github_server import GitHubServer
from nightly.downstream.telling.lifecycle import IGNORE, REOPENED_WITHIN, considered
from nightly.github.api import GitHubReader
from nightly.github.records import Issue
from nightly.issues import Report, Step, Sync, Tracked, sync, tracked

KIND = "nightlies"
BOT = "github-actions[bot]"
MONDAY = datetime(2026, 9, 14, 5, 23, tzinfo=timezone.utc)


@dataclass
class Weeks:
    """A repository over the weeks, to which plans are applied as GitHub would."""

    now: datetime = MONDAY
    issues: dict[int, Issue] = field(default_factory=dict)

    def run(self, state: str) -> list[str]:
        """A week with a report of this state, "" for a green one. Returns what was done."""
        reports = [Report("nightlies", state, f"It is {state}, {self.now}.", state)] if state else []
        existing = tracked(self.issues.values(), BOT, KIND)
        plan = sync(reports, considered(existing, state, self.now), KIND)
        self._apply(plan)
        self.now += timedelta(weeks=1)
        return [f"{action.step.value} {action.number or len(self.issues)}" for action in plan.actions]

    def by_hand(self, number: int, *labels: str) -> None:
        """A person closes an issue."""
        self.issues[number] = replace(self.issues[number], state="closed", closed_at=self.now, labels=labels)

    def _apply(self, plan: Sync) -> None:
        for action in plan.actions:
            number = action.number or len(self.issues) + 1
            old = self.issues.get(number) or Issue(
                number, "", "", BOT, "open", f"https://github.com/o/n/issues/{number}"
            )
            state = {Step.CLOSE: "closed", Step.REOPEN: "open"}.get(action.step, old.state)
            closed_at = {Step.CLOSE: self.now, Step.REOPEN: None}.get(action.step, old.closed_at)
            body = old.body if action.body is None else action.body
            self.issues[number] = replace(
                old, title=action.title or old.title, body=body, state=state, closed_at=closed_at
            )


@pytest.fixture(name="repository")
def repository_fixture() -> Weeks:
    """A repository in whose first week numpy broke something."""
    made = Weeks()
    assert made.run("numpy") == ["open 1"]
    return made


def test_while_it_is_the_same_it_is_edited_and_nobody_hears_of_it(repository: Weeks) -> None:
    assert [repository.run("numpy") for _ in range(3)] == [["edit 1"]] * 3


def test_another_state_is_a_comment(repository: Weeks) -> None:
    assert repository.run("scipy") == ["comment on 1"]


def test_a_green_week_closes_it_once(repository: Weeks) -> None:
    assert [repository.run(""), repository.run(""), repository.run("")] == [["close 1"], [], []]


def test_what_comes_back_within_30_days_reopens_it(repository: Weeks) -> None:
    repository.run("")
    assert repository.run("numpy") == ["reopen 1"]


def test_what_comes_back_later_is_a_new_one(repository: Weeks) -> None:
    assert [repository.run("") for _ in range(6)] == [["close 1"], [], [], [], [], []]
    assert repository.run("numpy") == ["open 2"]
    assert repository.run("numpy") == ["edit 2"]
    assert repository.run("") == ["close 2"]
    assert repository.run("scipy") == ["reopen 2"]


@pytest.mark.parametrize(("ago", "numbers"), [(REOPENED_WITHIN, [1]), (REOPENED_WITHIN + timedelta(seconds=1), [])])
def test_the_limit_is_30_days(repository: Weeks, ago: timedelta, numbers: list[int]) -> None:
    repository.by_hand(1)
    existing = tracked(repository.issues.values(), BOT, KIND)
    found = considered(existing, "numpy", repository.now + ago)
    assert [each.issue.number for each in found] == numbers


def test_a_close_alone_does_not_keep_it_quiet(repository: Weeks) -> None:
    repository.by_hand(1)
    assert repository.run("numpy") == ["reopen 1"]


@pytest.mark.parametrize("label", [IGNORE, "Nightly: Ignore"])
def test_a_close_with_the_label_mutes_it_however_long(repository: Weeks, label: str) -> None:
    repository.by_hand(1, "nightly", label)
    assert [repository.run("numpy") for _ in range(8)] == [[]] * 8


def test_a_muted_one_is_reopened_when_something_else_fails(repository: Weeks) -> None:
    repository.by_hand(1, IGNORE)
    repository.run("numpy")
    assert repository.run("scipy") == ["reopen 1"]


def test_a_muted_one_from_long_ago_is_left_for_a_new_one_when_something_else_fails(repository: Weeks) -> None:
    repository.by_hand(1, IGNORE)
    for _ in range(6):
        repository.run("numpy")
    assert repository.run("scipy") == ["open 2"]
    assert repository.run("numpy") == ["comment on 2"]


def test_a_green_week_ends_the_mute_quietly(repository: Weeks) -> None:
    repository.by_hand(1, IGNORE)
    assert repository.run("") == ["edit 1"]
    assert repository.issues[1].state == "closed"
    assert repository.run("numpy") == ["reopen 1"]


def test_the_label_on_an_open_issue_changes_nothing(repository: Weeks) -> None:
    repository.issues[1] = replace(repository.issues[1], labels=(IGNORE,))
    assert repository.run("numpy") == ["edit 1"]


def test_of_several_closed_ones_the_last_closed_goes_on(repository: Weeks) -> None:
    repository.issues[2] = replace(repository.issues[1], number=2)
    repository.run("numpy")
    assert repository.issues[2].state == "closed"
    repository.run("")
    assert repository.run("numpy") == ["reopen 1"]


def test_an_issue_whose_end_is_not_known_is_of_long_ago() -> None:
    issue = Issue(1, "t", "", BOT, "closed", "u")
    found = tracked([replace(issue, body=_marked())], BOT, KIND)
    assert len(found) == 1
    assert considered(found, "numpy", MONDAY) == ()


def _marked() -> str:
    (action,) = sync([Report("nightlies", "t", "b", "numpy")], [], KIND).actions
    return str(action.body)


def test_labels_and_the_end_of_an_issue_are_read(reader: GitHubReader, github: GitHubServer) -> None:
    github.repository.open_issue("t", "b", BOT, ["nightly", IGNORE])
    github.repository.open_issue("t", "b", BOT)
    github.repository.close(1, "someone")
    closed, still_open = reader.issues(state="all")
    assert (closed.labels, still_open.labels) == (("nightly", IGNORE), ())
    assert closed.closed_at is not None
    assert closed.closed_at.tzinfo is not None
    assert still_open.closed_at is None


def test_nothing_is_considered_where_nothing_is() -> None:
    nothing: tuple[Tracked, ...] = ()
    assert considered(nothing, "numpy", MONDAY) == ()
