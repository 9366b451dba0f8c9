"""Warnings of the tests by the upstream that raised them: deprecations are tomorrow's breaks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nightly import markdown
from nightly.downstream.records.result import CellResult, WarningCount
from nightly.downstream.telling import wording
from nightly.downstream.telling.detail import Detail

_SOON = ("Deprecat", "FutureWarning")
"""In names of warnings of what will break."""

_UNKNOWN = "(not known)"

Key = tuple[str, str, str]
"""Project, category and message."""


def warnings_table(results: Iterable[CellResult], detail: Detail) -> str:
    """The section. Projects with the most deprecations come first, and those before their other warnings."""
    found = [each for result in results for each in result.warnings]
    counts = _counted(found)
    where = {_key(each): each.where for each in reversed(found)}
    soon = Counter({project: 0 for project, _, _ in counts})
    for (project, category, _), number in counts.items():
        soon[project] += number if _is_soon(category) else 0
    ordered = sorted(counts, key=lambda key: (-soon[key[0]], key[0], not _is_soon(key[1]), -counts[key], key))
    rows = [_row(key, counts[key], where[key], detail.width) for key in ordered]
    table = wording.table(("from", "warning", "says", "times", "where"), rows, detail.rows, "more warning")
    return wording.section("Warnings, by who raised them", table if rows else "")


def _counted(found: Iterable[WarningCount]) -> Counter[Key]:
    counts: Counter[Key] = Counter()
    for each in found:
        counts[_key(each)] += each.count
    return counts


def _key(warning: WarningCount) -> Key:
    return (warning.project, warning.category, warning.message)


def _is_soon(category: str) -> bool:
    return any(word in category for word in _SOON)


def _row(key: Key, number: int, where: str, width: int) -> tuple[str, ...]:
    project, category, message = key
    return (
        wording.quoted(project, 80) if project else _UNKNOWN,
        wording.quoted(category, 80),
        markdown.text(wording.clip(message, width)),
        f"{number:,}",
        wording.quoted(where, width) if where else "",
    )
