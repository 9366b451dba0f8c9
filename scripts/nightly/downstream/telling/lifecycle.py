"""What a run does to the issue, and which one of earlier weeks it goes on with. Pure.

`nightly.issues.sync` leaves a closed issue alone until its state is another one. Here a close alone doesn't keep an
issue quiet: that takes the label `nightly: ignore`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from enum import Enum

from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story
from nightly.issues import Tracked
from nightly.marker import CURED, digest
from nightly.options import Input, one_of

IGNORE = "nightly: ignore"
"""The label of closed issues that stay closed until the state is another one."""

REOPENED_WITHIN = timedelta(days=30)
"""What was closed longer ago stays closed, and a new issue is opened."""

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


class Rule(str, Enum):
    """`OPEN` opens the issue, or edits the one that is there. `WAIT` does so from the third week in a row on.

    `LEAVE` doesn't touch it, and `CLOSE` closes it.
    """

    OPEN = "open"
    WAIT = "wait"
    LEAVE = "leave"
    CLOSE = "close"


RULES: Mapping[Outcome, Rule] = {
    Outcome.GREEN: Rule.CLOSE,
    Outcome.UPSTREAM_BREAK: Rule.OPEN,
    Outcome.OWN_BREAK: Rule.OPEN,
    Outcome.TESTS_FAIL: Rule.OPEN,
    Outcome.FLAKY: Rule.LEAVE,
    Outcome.CANNOT_INSTALL: Rule.OPEN,
    Outcome.CHANNEL_MOVED: Rule.OPEN,
    Outcome.CRASHED: Rule.OPEN,
    Outcome.TIMED_OUT: Rule.OPEN,
    Outcome.NO_NIGHTLY: Rule.OPEN,
    Outcome.CHANNEL_DOWN: Rule.WAIT,
    Outcome.UNKNOWN: Rule.WAIT,
}

WEEKS = 3
"""How many in a row it takes until what may pass by itself is told."""


class When(str, Enum):
    """The input `issue`: which runs write the issue."""

    SCHEDULE = "schedule"
    ALWAYS = "always"
    NEVER = "never"

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> When:
        """What the input says.

        Raises:
            UserError: it's none of these.
        """
        return cls(one_of(ISSUE.name, given[ISSUE.name], [each.value for each in cls]))

    def allows(self, event: str) -> bool:
        """Whether a run of this event (GITHUB_EVENT_NAME) writes."""
        return self is When.ALWAYS or (self is When.SCHEDULE and event == "schedule")


ISSUE = Input("issue", When.SCHEDULE.value, "Which runs write the issue: schedule, always or never.")


def rule_of(story: Story) -> Rule:
    """What the run does to the issue."""
    rule = RULES[story.outcome]
    if rule is Rule.WAIT:
        return Rule.OPEN if story.in_a_row >= WEEKS else Rule.LEAVE
    return rule


def considered(existing: Sequence[Tracked], state: str, now: datetime) -> tuple[Tracked, ...]:
    """The issues as `sync` shall see them, for a report of this state: "" where there's nothing to report.

    These are the open ones, or else the one that was closed last: where it is muted as it is, and without the label as
    one that was cured, so that it is reopened. Where that was long ago, there is none.
    """
    still_open = tuple(each for each in existing if each.issue.is_open)
    if still_open or not existing:
        return still_open
    last = max(existing, key=lambda each: each.issue.closed_at or _LONG_AGO)
    if is_labelled(last) and (not state or last.marker.state == digest(state)):
        return (last,)
    if now - (last.issue.closed_at or _LONG_AGO) > REOPENED_WITHIN:
        return ()
    return (replace(last, marker=replace(last.marker, state=CURED)),)


def is_labelled(tracked: Tracked) -> bool:
    return IGNORE in {label.casefold() for label in tracked.issue.labels}
