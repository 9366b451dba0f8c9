"""What is proved of each cell's failing tests, and of the whole run's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End
from nightly.downstream.telling.controls import failing

T = TypeVar("T")

Findings = Mapping[int, Sequence[Finding]]
"""What was found in each cell that was looked into, by its index."""

UPSTREAM = (Proves.CULPRIT, Proves.SEVERAL, Proves.INTERACTION)
"""What names an upstream."""

_ORDER = (*UPSTREAM, Proves.OWN, Proves.NOTHING, Proves.FLAKY)


@dataclass(frozen=True)
class Cause:
    """What is proved of some tests, in all cells together.

    `cells` are the indexes of those in which they fail, `shown_in` of those in which it was shown.
    """

    proves: Proves
    projects: tuple[str, ...]
    tests: tuple[str, ...]
    cells: tuple[int, ...]
    shown_in: tuple[int, ...]
    because: tuple[str, ...]

    @property
    def is_upstream(self) -> bool:
        return self.proves in UPSTREAM


def findings_of(result: CellResult, found: Findings) -> tuple[Finding, ...]:
    """What is known of a cell: its own findings, or those of other cells about the tests that fail in both.

    Only one cell is looked into for each set of failures. What is borrowed keeps the index of the cell it was shown in.
    Of a cell that passed there's nothing to know: the experiments may be of an earlier attempt, in which it failed.
    """
    if not result.is_red:
        return ()
    if result.cell.index in found:
        return tuple(found[result.cell.index])
    return tuple(_borrowed(result, (each for findings in found.values() for each in findings)))


def _borrowed(result: CellResult, findings: Iterable[Finding]) -> Iterator[Finding]:
    """A whole command that failed elsewhere tells nothing of one that crashed here, took too long or never ran."""
    left = {test for test in failing(result) if test != WHOLE_COMMAND or result.end is End.FAILED}
    for finding in findings:
        tests = tuple(test for test in finding.tests if test in left)
        if tests:
            left -= set(tests)
            yield replace(finding, tests=tests)


def causes_of(findings: Findings) -> tuple[Cause, ...]:
    """The findings of all cells, put together by what they prove and of whom: what names an upstream comes first."""
    merged: dict[tuple[Proves, frozenset[str]], Cause] = {}
    for cell, found in findings.items():
        for finding in found:
            key = (finding.proves, frozenset(finding.projects))
            merged[key] = _merged(merged.get(key), finding, cell)
    return tuple(sorted(merged.values(), key=lambda each: (_ORDER.index(each.proves), -len(each.tests))))


def culprits_of(causes: Iterable[Cause]) -> tuple[str, ...]:
    """The projects that are proved to be at fault, the one first that breaks the most."""
    return tuple(dict.fromkeys(name for cause in causes if cause.is_upstream for name in cause.projects))


def _merged(cause: Cause | None, finding: Finding, cell: int) -> Cause:
    if cause is None:
        because = (finding.because,) if finding.because else ()
        return Cause(finding.proves, finding.projects, _once(finding.tests), (cell,), (finding.cell,), because)
    return replace(
        cause,
        tests=_once((*cause.tests, *finding.tests)),
        cells=_once((*cause.cells, cell)),
        shown_in=_once((*cause.shown_in, finding.cell)),
        because=_once((*cause.because, *([finding.because] if finding.because else []))),
    )


def _once(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
