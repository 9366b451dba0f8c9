"""How old something is, as a person says it. Pure."""

from __future__ import annotations

from datetime import timedelta

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def spell_age(age: timedelta) -> str:
    """In whole hours up to two days, then in whole days."""
    count, unit = (age // _DAY, "day") if age >= 2 * _DAY else (max(age // _HOUR, 0), "hour")
    return f"{count} {unit}{'s' * (count != 1)}"
