"""Moments as whole numbers: microseconds since 1970 (UTC), or infinitely late or early. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

NEVER = math.inf
ALWAYS = -math.inf
SECOND = 10**6

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY = 86_400 * SECOND


def moment_of(time: datetime) -> int | None:
    """The moment of a time; None for one that doesn't say where its clock is."""
    try:
        return _microseconds(time - _EPOCH)
    except TypeError:
        return None


def time_of(moment: float) -> datetime | None:
    """The time in UTC of a moment, or None where there's none: never, or after the year 9999."""
    try:
        return None if moment == NEVER else _EPOCH + timedelta(0, 0, moment)
    except OverflowError:
        return None


def length(duration: timedelta | None) -> float:
    """A duration in microseconds; none is infinitely long."""
    return NEVER if duration is None else _microseconds(duration)


def _microseconds(duration: timedelta) -> int:
    return duration.days * _DAY + duration.seconds * SECOND + duration.microseconds
