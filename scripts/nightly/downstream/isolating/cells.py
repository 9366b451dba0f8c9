"""Which red cells are worth isolating, and with which tests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nightly.downstream.isolating.suspects import groups
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End

MOST_CELLS = 3


def failing_tests(result: CellResult) -> tuple[str, ...]:
    """The tests whose culprit is looked for, sorted: those that failed, or the one that ran at a crash.

    Where that isn't known it is WHOLE_COMMAND. Empty where a cell ended otherwise, as then no test tells a thing.
    """
    if result.end is End.FAILED:
        return tuple(sorted({failure.test for failure in result.failures}))
    if result.end is End.CRASHED:
        return (result.stopped_in or WHOLE_COMMAND,)
    return ()


def representatives(results: Iterable[CellResult]) -> tuple[CellResult, ...]:
    """One cell for each distinct set of failing tests, three at most; those that stand for most cells come first.

    Of the cells that fail alike it is the one with the least index that has somebody to suspect.
    """
    alike = [cells for cells in _alike(results).values() if any(map(groups, cells))]
    alike.sort(key=lambda cells: (-len(cells), cells[0].cell.index))
    return tuple(next(filter(groups, cells)) for cells in alike[:MOST_CELLS])


def _alike(results: Iterable[CellResult]) -> Mapping[tuple[str, ...], Sequence[CellResult]]:
    found: dict[tuple[str, ...], list[CellResult]] = {}
    for result in sorted(results, key=lambda result: result.cell.index):
        if tests := failing_tests(result):
            found.setdefault(tests, []).append(result)
    return found
