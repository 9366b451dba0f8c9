"""What a whole run has shown, of all cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Outcome(str, Enum):
    """How a run ended. What a job couldn't tell is `UNKNOWN`, which is never green.

    `UPSTREAM_BREAK` is only what a control without nightlies shows to be one. Where tests fail and no control tells
    whose fault it is, that is `TESTS_FAIL`.
    """

    GREEN = "green"
    UPSTREAM_BREAK = "upstream-break"
    OWN_BREAK = "own-break"
    TESTS_FAIL = "tests-fail"
    FLAKY = "flaky"
    CANNOT_INSTALL = "cannot-install"
    CHANNEL_MOVED = "channel-moved"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    NO_NIGHTLY = "no-nightly"
    CHANNEL_DOWN = "channel-down"
    UNKNOWN = "unknown"


IMPORTANCE = (
    Outcome.UPSTREAM_BREAK,
    Outcome.CRASHED,
    Outcome.OWN_BREAK,
    Outcome.TESTS_FAIL,
    Outcome.CANNOT_INSTALL,
    Outcome.TIMED_OUT,
    Outcome.CHANNEL_MOVED,
    Outcome.NO_NIGHTLY,
    Outcome.CHANNEL_DOWN,
    Outcome.UNKNOWN,
    Outcome.FLAKY,
    Outcome.GREEN,
)
"""All outcomes, the one first that a run is called by when its cells ended differently."""


def most_important(outcomes: Iterable[Outcome]) -> Outcome:
    """What a run is called by. Of nothing, nothing is known."""
    return min(outcomes, key=IMPORTANCE.index, default=Outcome.UNKNOWN)
