"""What a whole run has shown, of all cells. Pure."""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    """How a run ended. What a job couldn't tell is `UNKNOWN`, which is never green."""

    GREEN = "green"
    UPSTREAM_BREAK = "upstream-break"
    OWN_BREAK = "own-break"
    FLAKY = "flaky"
    CANNOT_INSTALL = "cannot-install"
    CHANNEL_MOVED = "channel-moved"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    NO_NIGHTLY = "no-nightly"
    CHANNEL_DOWN = "channel-down"
    UNKNOWN = "unknown"
