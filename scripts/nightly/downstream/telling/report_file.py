"""The whole report as a file, for machines and for the badge. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nightly.downstream.isolating.finding import Finding
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import CellResult
from nightly.downstream.telling.causes import Cause
from nightly.downstream.telling.headline import headline
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story


@dataclass(frozen=True)
class CellReport:
    """A cell: its outcome, what is proved of its failures, and all that it said; None where nothing came of it."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    result: CellResult | None


@dataclass(frozen=True)
class ReportFile:
    """A run. `proof` has the worst that was found of each package in any cell."""

    name: str
    repository: str
    run_url: str
    at: datetime
    outcome: Outcome
    headline: str
    culprits: tuple[str, ...]
    causes: tuple[Cause, ...]
    proof: Proof
    jobs: Mapping[str, str]
    notes: tuple[str, ...]
    cells: tuple[CellReport, ...]


def report_file(story: Story) -> ReportFile:
    return ReportFile(
        name=story.scene.name,
        repository=story.scene.repository,
        run_url=story.scene.run_url,
        at=story.scene.at,
        outcome=story.outcome,
        headline=headline(story),
        culprits=story.culprits,
        causes=story.causes,
        proof=story.proof,
        jobs=story.jobs,
        notes=story.notes,
        cells=tuple(CellReport(each.cell.name, each.outcome, each.findings, each.result) for each in story.cells),
    )
