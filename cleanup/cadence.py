"""How often a project uploads, and from when on its silence is odd. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

_DAY = timedelta(days=1)

ONE_UPLOAD = timedelta(hours=12)
"""What comes within this time of an upload's first file is part of it."""

SHORTEST = 3 * _DAY
"""No silence is odd before: one night may fail, and so may a weekend."""

WARNING = 7 * _DAY
"""How long before something goes it is told."""

_ENOUGH = 3
"""From so many uploads on there's a usual gap."""


class Rhythm(NamedTuple):
    """The time between two uploads that is usual for a project; None where it isn't known, or there's none.

    `is_irregular` says that there is none: the project uploads when there is something to upload.
    """

    gap: timedelta | None = None
    is_irregular: bool = False

    @property
    def is_known(self) -> bool:
        return self.is_irregular or self.gap is not None


UNKNOWN = Rhythm()


def uploads(times: Iterable[datetime]) -> Sequence[datetime]:
    """When a project uploaded, oldest first: the first time of each bunch."""
    found: list[datetime] = []
    for time in sorted(times):
        if not found or time - found[-1] > ONE_UPLOAD:
            found.append(time)
    return found


def rhythm(versions: Iterable[datetime]) -> Rhythm:
    """The median gap between the uploads of versions, by their newest files.

    Not between those of files: of a version that is uploaded again and again, the channel only has the last files
    and some that were left over, and the gaps between these say nothing.
    """
    times = uploads(versions)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return Rhythm(timedelta(seconds=median(gaps))) if len(times) >= _ENOUGH else UNKNOWN


def odd_after(usual: Rhythm, policy_ends: timedelta | None, first_goes: timedelta | None) -> timedelta | None:
    """How long after an upload silence is odd: after twice the usual gap, and a week before its first file goes.

    Where the usual gap isn't known, a week before the policy lets go of the upload. Both ends are counted from the
    upload; None is never.
    """
    unsure = None if usual.is_known else policy_ends
    ends = [end - WARNING for end in (unsure, first_goes) if end is not None]
    ends += [2 * usual.gap] if usual.gap else []
    return max(SHORTEST, min(ends)) if ends else None
