"""Why a file stays or goes, as one readable line. Pure.

A rule's name and figures are the reason as data; what is here only spells them out.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantities import spell_duration, spell_size

Figures = Mapping[str, str | int | None]
"""What a rule was applied to. Durations are in seconds, sizes in bytes, as their names say; None is no limit."""

KEPT = {
    "newest-and-young": "version {place} of the newest {keep}, and {age} old, younger than {max_age}",
    "newest": "version {place} of the newest {keep}",
    "young": "{age} old, younger than {max_age}",
    "unlimited": "the policy has no max_age, and keeps what is newest or young",
}

HELD = {
    "exempt": "the project is exempt: {reason}",
    "pin": "pinned by {requirement}: {reason}",
    "not-python": "its name is neither a wheel's nor an sdist's, so it isn't touched",
    "label": "it isn't under the labels of this cleanup alone ({labels}), so it isn't touched",
    "unknown-version": "its version can't be read, and unknown is not old",
    "unknown-time": "the channel doesn't say when it was uploaded, and unknown is not old",
    "future-time": "its upload lies {ahead} ahead, which can't be, and unknown is not old",
    "min-age": "{age} old: nothing goes before it is {min_age} old",
    "floor": "{age} old, in the last upload of version {place}, which holds it for {floor_max_age}",
    "coverage": "{age} old, among the newest {coverage} for {key}, which holds it for {coverage_max_age}",
    "last-files": "{age} old, THE LAST FILES of the project: they don't go without allow_empty",
}

DELETED = {
    "beyond-keep": "version {place}, and only the newest {keep} stay",
    "beyond-max-age": "{age} old, and what is {max_age} old goes",
    "beyond-both": "version {place}, beyond the newest {keep}, and {age} old, beyond {max_age}",
    "beyond-max-bytes": "{age} old, the oldest of what nothing holds, while the project has {size} of {max}",
}

RULES = KEPT | HELD | DELETED


def spell(rule: str, figures: Figures) -> str:
    """The reason in one line."""
    return RULES[rule].format_map(dict(_spelled(name, value) for name, value in figures.items()))


def _spelled(name: str, value: str | int | None) -> tuple[str, str]:
    if name.endswith("_seconds"):
        return name.removesuffix("_seconds"), "ever" if value is None else spell_duration(int(value))
    if name.endswith("_bytes"):
        return name.removesuffix("_bytes"), spell_size(int(value or 0))
    return name, str(value)
