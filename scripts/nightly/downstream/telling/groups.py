"""Failures put together by their last line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from nightly.downstream.running.result import CellResult, Failure

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")


@dataclass
class Group:
    """Failures with one last line, but for addresses in memory: each test with the indexes of its cells."""

    message: str
    tests: dict[str, list[int]] = field(default_factory=dict)
    traceback: str = ""
    traceback_of: str = ""
    is_collection: bool = True

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(cell for cells in self.tests.values() for cell in cells))

    def add(self, failure: Failure, cell: int) -> None:
        self.tests.setdefault(failure.test, []).append(cell)
        self.is_collection = self.is_collection and failure.is_collection
        if failure.traceback and not self.traceback:
            self.traceback, self.traceback_of = failure.traceback, failure.test


def grouped(results: Iterable[CellResult]) -> tuple[Group, ...]:
    """The groups, the one of the most tests first."""
    groups: dict[str, Group] = {}
    for result in results:
        for failure in result.failures:
            message = _ADDRESS.sub("0x…", failure.message) if "0x" in failure.message else failure.message
            groups.setdefault(message, Group(message)).add(failure, result.cell.index)
    return tuple(sorted(groups.values(), key=lambda each: -len(each.tests)))
