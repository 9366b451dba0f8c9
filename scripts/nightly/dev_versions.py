"""What development releases do to the order of versions (PEP 440), whoever makes or publishes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from packaging.version import Version

_RECENT = 5
"""Versions that show how a project numbers its nightlies now."""

_DATE_DIGITS = 8
"""From this length on a dev number is a date, and may not change its length. A count of commits just grows."""

_ORDERED_LABEL = re.compile(r"(git|d)?\d{8}|\d+")


def is_fallback(version: Version) -> bool:
    """0.0.0, 0+unknown (versioneer), 0.1.dev3 (setuptools-scm; what is meant so is written 0.1.0.dev3)."""
    return not any(version.release) or (version.release == (0, 1) and version.is_devrelease)


def is_unordered(version: Version) -> bool:
    """It is dev0, alone or with a label that begins with neither a number nor a date, such as a commit's hash."""
    label, _dot, _rest = (version.local or "").partition(".")
    return version.dev == 0 and not _ORDERED_LABEL.fullmatch(label)


def has_other_digits(version: Version, recent: Sequence[Version]) -> bool:
    """Its dev number is a date of another length than the recent ones before the same release, or they are dates.

    `recent` are versions of the project, the latest first.
    """
    known = [_digits(other) for other in recent if other.is_devrelease and _target(other) == _target(version)]
    lengths = {_digits(version), *known[:_RECENT]}
    return (
        version.is_devrelease
        and bool(known)
        and _digits(version) not in known[:_RECENT]
        and max(lengths) >= _DATE_DIGITS
    )


def date_of(version: Version) -> date | None:
    """The date that its dev number begins with, if it's one. A count of commits has fewer digits."""
    digits = str(version.dev)
    with suppress(ValueError):
        if len(digits) >= _DATE_DIGITS:
            return date(*map(int, (digits[:4], digits[4:6], digits[6:_DATE_DIGITS])))
    return None


def _digits(version: Version) -> int:
    return len(str(version.dev))


def _target(version: Version) -> tuple[object, ...]:
    """The release that a development release leads to."""
    return version.epoch, version.release, version.pre, version.post
