"""Which rule decides of a file that stands where it does, and with which figures. Pure."""

from __future__ import annotations

from datetime import timedelta

from moments import SECOND, length
from ranking import Standing
from reasons import Figures
from rules import Rules

Ruling = tuple[str, Figures]


def within(standing: Standing, rules: Rules, now: int) -> Ruling:
    """Why the policy keeps a file."""
    is_newest = standing.rank < rules.keep
    if is_newest and (rules.keep_if == "either" or rules.max_age is None):
        return "newest", _place(standing, rules)
    if is_newest:
        return "newest-and-young", _place(standing, rules) | _age(standing, now, max_age=rules.max_age)
    return ("unlimited", {}) if rules.max_age is None else ("young", _age(standing, now, max_age=rules.max_age))


def held(standing: Standing, rules: Rules, now: int) -> Ruling:
    """What holds a file that the policy lets go: of several holds the first here, its own end may be a later one's."""
    if standing.min_age_end > now:
        return "min-age", _age(standing, now, min_age=rules.min_age)
    if standing.floor_end > now:
        return "floor", _place(standing, rules) | _age(standing, now, floor_max_age=rules.floor_max_age)
    if standing.coverage_end > now:
        covered: Figures = {"key": standing.key, "coverage": rules.coverage}
        return "coverage", {**covered, **_age(standing, now, coverage_max_age=rules.coverage_max_age)}
    return "last-files", _age(standing, now)


def beyond(standing: Standing, rules: Rules, now: int) -> Ruling:
    """Why the policy lets a file go."""
    is_old = standing.candidate.time + length(rules.max_age) <= now
    if standing.rank < rules.keep:
        return "beyond-max-age", _age(standing, now, max_age=rules.max_age)
    if not is_old:
        return "beyond-keep", _place(standing, rules)
    return "beyond-both", _place(standing, rules) | _age(standing, now, max_age=rules.max_age)


def squeezed(standing: Standing, rules: Rules, now: int, size: int) -> Ruling:
    """Why a file goes that the policy would keep: the project, of `size` bytes, is too large."""
    return "beyond-max-bytes", {**_age(standing, now), "size_bytes": size, "max_bytes": rules.max_bytes}


def _place(standing: Standing, rules: Rules) -> dict[str, str | int | None]:
    stream = {"stream": standing.candidate.stream} if standing.candidate.stream else {}
    return {"place": standing.rank + 1, "keep": rules.keep, **stream}


def _age(standing: Standing, now: int, **limits: timedelta | None) -> dict[str, str | int | None]:
    """A file's age and what it is measured by, in seconds."""
    seconds = {
        f"{name}_seconds": None if limit is None else int(limit.total_seconds()) for name, limit in limits.items()
    }
    return {"age_seconds": (now - standing.candidate.time) // SECOND, **seconds}
