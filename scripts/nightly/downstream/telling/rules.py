"""Which runs write the issue, and what an outcome does to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story


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

    def allows(self, event: str) -> bool:
        """Whether a run of this event (GITHUB_EVENT_NAME) writes."""
        return self is When.ALWAYS or (self is When.SCHEDULE and event == "schedule")


def rule_of(story: Story) -> Rule:
    """What the run does to the issue."""
    rule = RULES[story.outcome]
    if rule is Rule.WAIT:
        return Rule.OPEN if story.in_a_row >= WEEKS else Rule.LEAVE
    return rule
