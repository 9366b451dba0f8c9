"""What a run has left behind to tell from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nightly.downstream.records.experiment import ExperimentResult
from nightly.downstream.records.history import History
from nightly.downstream.records.result import Cell, CellResult
from nightly.downstream.records.snapshot import Trouble


@dataclass(frozen=True)
class Scene:
    """Which run it is: the input `name` of the workflow, the repository (OWNER/NAME), the run's page, and when."""

    name: str
    repository: str
    run_url: str
    at: datetime


@dataclass(frozen=True)
class Evidence:
    """What the jobs were to do, and what they left behind.

    `cells` are those of the matrix, whether or not there is a result of each. `jobs` holds each job's result as GitHub
    calls it. `trouble` is why there was no snapshot. `notes` say what couldn't be read.
    """

    cells: tuple[Cell, ...]
    results: tuple[CellResult, ...]
    experiments: tuple[ExperimentResult, ...] = ()
    jobs: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None
    history: History = field(default_factory=History)
    notes: tuple[str, ...] = ()

    @property
    def by_cell(self) -> Mapping[int, Sequence[ExperimentResult]]:
        """The experiments that are about a cell, by its index."""
        found: dict[int, list[ExperimentResult]] = {}
        for shown in self.experiments:
            found.setdefault(shown.experiment.cell, []).append(shown)
        return found
