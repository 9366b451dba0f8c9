"""Failures put together by their last line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nightly.downstream.records.result import CellResult, Failure


@dataclass(frozen=True)
class Group:
    """Failures with one last line: each test with the indexes of its cells.

    `traceback` is the first one that there is, and of the test `traceback_of`.
    """

    message: str
    tests: Mapping[str, Sequence[int]]
    traceback: str
    traceback_of: str
    is_collection: bool

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(cell for cells in self.tests.values() for cell in cells))


def grouped(results: Iterable[CellResult]) -> tuple[Group, ...]:
    """The groups, the one of the most tests first."""
    found: dict[str, list[tuple[Failure, int]]] = {}
    for result in results:
        for failure in result.failures:
            found.setdefault(failure.message, []).append((failure, result.cell.index))
    groups = (_group(message, failures) for message, failures in found.items())
    return tuple(sorted(groups, key=lambda each: -len(each.tests)))


def _group(message: str, failures: Sequence[tuple[Failure, int]]) -> Group:
    tests: dict[str, list[int]] = {}
    for failure, cell in failures:
        tests.setdefault(failure.test, []).append(cell)
    told = next((failure for failure, _ in failures if failure.traceback), failures[0][0])
    is_collection = all(failure.is_collection for failure, _ in failures)
    return Group(message, tests, told.traceback, told.test, is_collection)
