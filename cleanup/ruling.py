"""Which rule decides of a file that stands where it does, and with which figures. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from moments import SECOND, length
from ranking import Standing
from reasons import Figures
from rules import Rules

Rule = tuple[str, Figures]


class Verdict(str, Enum):
    """What becomes of a file: the policy keeps it; or it doesn't, but something holds the file; or the file goes."""

    KEEP = "keep"
    HOLD = "hold"
    DELETE = "delete"


class Judge(NamedTuple):
    """Says what becomes of a project's files at the moment `now`.

    The project has `size` bytes, which is too much for the `squeezed` files, by number.
    """

    rules: Rules
    now: int
    size: int
    squeezed: frozenset[int]

    def rule(self, standing: Standing, goes_at: float) -> tuple[Verdict, Rule]:
        """What becomes of a file that stands there and goes then, and by which rule."""
        if goes_at <= self.now:
            is_squeezed = standing.candidate.number in self.squeezed
            return Verdict.DELETE, self._squeezed(standing) if is_squeezed else self._beyond(standing)
        if standing.policy_end > self.now:
            return Verdict.KEEP, self._within(standing)
        return Verdict.HOLD, self._held(standing)

    def ahead(self, time: int) -> tuple[Verdict, Rule]:
        """The same of a file that can't have come yet."""
        return Verdict.HOLD, ("future-time", {"ahead_seconds": -((self.now - time) // SECOND)})

    def _within(self, standing: Standing) -> Rule:
        """Why the policy keeps a file."""
        rules, is_newest = self.rules, standing.rank < self.rules.keep
        if is_newest and (rules.keep_if == "either" or rules.max_age is None):
            return "newest", self._place(standing)
        if is_newest:
            return "newest-and-young", self._place_and_age(standing)
        return ("unlimited", {}) if rules.max_age is None else ("young", self._age(standing))

    def _held(self, standing: Standing) -> Rule:
        """What holds a file that the policy lets go: the first of these holds, where the end may be another one's."""
        rules, age = self.rules, (self.now - standing.candidate.time) // SECOND
        if standing.min_age_end > self.now:
            return "min-age", {"age_seconds": age, "min_age_seconds": _seconds(rules.min_age)}
        if standing.floor_end > self.now:
            floor = {"floor": rules.floor, "floor_max_age_seconds": _seconds(rules.floor_max_age)}
            return "floor", {"age_seconds": age, "place": standing.rank + 1, **floor}
        if standing.coverage_end > self.now:
            limit = {"coverage": rules.coverage, "coverage_max_age_seconds": _seconds(rules.coverage_max_age)}
            return "coverage", {"age_seconds": age, "key": standing.key, **limit}
        return "last-files", {"age_seconds": age}

    def _beyond(self, standing: Standing) -> Rule:
        """Why the policy lets a file go."""
        if standing.rank < self.rules.keep:
            return "beyond-max-age", self._age(standing)
        if standing.candidate.time + length(self.rules.max_age) > self.now:
            return "beyond-keep", self._place(standing)
        return "beyond-both", self._place_and_age(standing)

    def _squeezed(self, standing: Standing) -> Rule:
        """Why a file goes that the policy would keep."""
        age = (self.now - standing.candidate.time) // SECOND
        return "beyond-max-bytes", {"age_seconds": age, "size_bytes": self.size, "max_bytes": self.rules.max_bytes}

    def _age(self, standing: Standing) -> Figures:
        age = (self.now - standing.candidate.time) // SECOND
        return {"age_seconds": age, "max_age_seconds": _seconds(self.rules.max_age)}

    def _place(self, standing: Standing) -> Figures:
        place, stream = {"place": standing.rank + 1, "keep": self.rules.keep}, standing.candidate.stream
        return {**place, "stream": stream} if stream else place

    def _place_and_age(self, standing: Standing) -> Figures:
        return {**self._place(standing), **self._age(standing)}


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else duration.days * 86_400 + duration.seconds
