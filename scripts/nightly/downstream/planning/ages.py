"""How old something is, as a person says it. Pure."""

from __future__ import annotations

from datetime import timedelta

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def spell_age(age: timedelta) -> str:
    """In whole hours up to two days, then in whole days; no age, nor one to come, is told below an hour."""
    if age < _HOUR:
        return "less than an hour"
    count, unit = (age // _DAY, "day") if age >= 2 * _DAY else (age // _HOUR, "hour")
    return f"{count} {unit}{'s' * (count != 1)}"
