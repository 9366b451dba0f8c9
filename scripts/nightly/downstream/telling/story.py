"""All that is to be told of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.records.history import History
from nightly.downstream.records.proof import Proof, Proved
from nightly.downstream.records.result import Cell, CellResult
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling.causes import Cause, Findings, causes_of, culprits_of, findings_of
from nightly.downstream.telling.controls import Controlled, controlled, failing_anywhere
from nightly.downstream.telling.deciding import cell_outcome, run_outcome
from nightly.downstream.telling.evidence import Evidence, Scene
from nightly.downstream.telling.groups import Group, grouped
from nightly.downstream.telling.merging import merged_proof
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.remembering import earlier, remembered, weeks_in_a_row
from nightly.marker import digest


@dataclass(frozen=True)
class CellStory:
    """A cell, how it ended, and what is proved of its failures. `result` is None where nothing came of it."""

    cell: Cell
    outcome: Outcome
    result: CellResult | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Story:
    """A run. `before` is the history up to it, `history` with it; `in_a_row` counts the weeks that ended so."""

    scene: Scene
    outcome: Outcome
    culprits: tuple[str, ...]
    causes: tuple[Cause, ...]
    cells: tuple[CellStory, ...]
    controls: tuple[Controlled, ...]
    proof: Proof
    jobs: Mapping[str, str]
    trouble: Trouble | None
    failing: frozenset[str]
    groups: tuple[Group, ...]
    before: History
    history: History
    in_a_row: int
    notes: tuple[str, ...]

    @property
    def state(self) -> str:
        """What makes it another matter when it changes: the outcome, who did it, or which tests fail."""
        return digest(self.outcome.value, *sorted(self.culprits), "", *sorted(self.failing))

    @property
    def results(self) -> tuple[CellResult, ...]:
        return tuple(each.result for each in self.cells if each.result)

    @property
    def worst(self) -> CellResult | None:
        """The first cell that ended as the run did, with a result."""
        return next((each.result for each in self.cells if each.result and each.outcome is self.outcome), None)

    @property
    def own(self) -> tuple[str, ...]:
        """The tests of which it is shown that they fail without nightlies too."""
        found = (test for cause in self.causes if cause.proves is Proves.OWN for test in cause.tests)
        return tuple(dict.fromkeys(found))

    def proved(self, name: str) -> Proved | None:
        """What was found of a package where the run's outcome comes from, or else anywhere."""
        worst = self.worst.proof.packages if self.worst and self.worst.proof else ()
        return next((each for each in (*worst, *self.proof.packages) if each.name == name), None)

    def cell_name(self, index: int) -> str:
        return next((each.cell.name for each in self.cells if each.cell.index == index), f"cell {index}")


def story_of(evidence: Evidence, scene: Scene, found: Findings) -> Story:
    """Put together what a run has shown; `found` is what the experiments prove of the cells that were looked into."""
    controls = controlled(evidence.results, evidence.by_cell)
    cells = tuple(_cells(evidence, found, controls))
    outcome = run_outcome(evidence, (each.outcome for each in cells))
    causes = causes_of({each.cell.index: each.findings for each in cells})
    results, culprits = [each.result for each in cells if each.result], culprits_of(causes)
    return Story(
        scene=scene,
        outcome=outcome,
        culprits=culprits,
        causes=causes,
        cells=cells,
        controls=tuple(controls.values()),
        proof=merged_proof(results),
        jobs=evidence.jobs,
        trouble=evidence.trouble,
        failing=failing_anywhere(results),
        groups=grouped(results),
        before=earlier(evidence.history, scene),
        history=remembered(evidence.history, scene, outcome, culprits, results),
        in_a_row=weeks_in_a_row(evidence.history, scene, outcome),
        notes=evidence.notes,
    )


def _cells(evidence: Evidence, found: Findings, controls: Mapping[int, Controlled]) -> Iterator[CellStory]:
    """Every cell that was expected or has a result, by its index."""
    results = {result.cell.index: result for result in evidence.results}
    cells = {cell.index: cell for cell in (*(each.cell for each in evidence.results), *evidence.cells)}
    for index, cell in sorted(cells.items()):
        result = results.get(index)
        findings = findings_of(result, found) if result else ()
        control = controls.get(index) or _all(controls, index)
        yield CellStory(cell, cell_outcome(result, findings, control), result, findings)


def _all(controls: Mapping[int, Controlled], index: int) -> Controlled:
    """What all controls showed, for a cell that has none: the tests that fail in it were tried elsewhere."""
    passed = frozenset(test for each in controls.values() for test in each.passed)
    failed = frozenset(test for each in controls.values() for test in each.failed)
    return Controlled(index, passed, failed)
