"""Reading what the jobs of a run have left behind. All of it is data: what can't be read is left out, and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightly.data import Unreadable, load, parse
from nightly.downstream.isolating.collected import read_cells, read_experiments
from nightly.downstream.records.history import History
from nightly.downstream.records.result import Cell, Matrix
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling.evidence import Evidence


@dataclass(frozen=True)
class Left:
    """Where it is: the directory of all artifacts, the last run's state (None for none), the matrix as JSON."""

    results: Path
    state: Path | None
    matrix: str
    jobs: Mapping[str, str]


def gathered(left: Left) -> Evidence:
    """All that there is to tell from."""
    cells, experiments = read_cells(left.results), read_experiments(left.results)
    matrix, no_matrix = _matrix(left.matrix)
    history, no_history = _history(left.state)
    return Evidence(
        cells=matrix,
        results=cells.found,
        experiments=experiments.found,
        jobs=left.jobs,
        trouble=next(filter(None, map(_trouble, sorted(left.results.rglob("trouble.json")))), None),
        history=history,
        notes=(*cells.left_out, *experiments.left_out, *no_matrix, *no_history),
    )


def _matrix(text: str) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """The cells that were expected; none where the job that plans them has failed."""
    if not text.strip():
        return (), ()
    try:
        return parse(Matrix, text, "the matrix").include, ()
    except Unreadable as error:
        return (), (str(error),)


def _history(path: Path | None) -> tuple[History, tuple[str, ...]]:
    """What earlier weeks have shown. Without it, the same issue goes on, but nothing is known of the last green run."""
    if path is None:
        return History(), ()
    try:
        return load(History, path), ()
    except Unreadable as error:
        return History(), (f"the state of the last run: {error}",)
    except OSError as error:
        return History(), (f"the state of the last run: {error.strerror or 'it cannot be read'}",)


def _trouble(path: Path) -> Trouble | None:
    try:
        return load(Trouble, path)
    except (Unreadable, OSError):
        return None
