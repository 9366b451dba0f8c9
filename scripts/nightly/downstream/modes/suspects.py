"""Choose the experiments that show which nightly broke the tests, as a matrix for the next jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nightly import markdown
from nightly.actions import Runner
from nightly.data import Unreadable, load, parse, to_json
from nightly.downstream.isolating.announcing import announced
from nightly.downstream.isolating.collected import Collected, read_cells, read_experiments
from nightly.downstream.isolating.rounds import first_round, second_round
from nightly.downstream.records.experiment import Experiment
from nightly.downstream.records.history import Green, History
from nightly.downstream.records.result import Cell, CellResult, Matrix
from nightly.errors import bad_input
from nightly.options import Input, parse_inputs, whole_number
from nightly.patience import Patience

T = TypeVar("T")

INPUTS = (
    Input("results", "", "The directory with the artifacts of all cells and experiments."),
    Input("round", "1", "Which round of experiments to choose: 1, or 2 for what the first left open."),
    Input("state", "", "The file state.json of the last run, if there is one."),
    Input("matrix", "", "The matrix of the cells, as JSON: on no other systems an experiment may run."),
)


@dataclass(frozen=True)
class Options:
    """The inputs, checked. A result may come from any cell where `cells` is None."""

    results: Path
    round: int
    state: Path | None
    cells: frozenset[Cell] | None


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, _patience: Patience) -> int:
    """Say what to run, and why. Returns 0, also when there is nothing to run.

    Raises:
        UserError: an input is wrong.
    """
    options = _options(argv, environ)
    green = _green(options.state, runner)
    cells = _told(read_cells(options.results), runner)
    cells = tuple(each for each in cells if options.cells is None or each.cell in options.cells)
    if options.round == 1:
        experiments = first_round(cells, green)
    else:
        experiments = second_round(cells, _told(read_experiments(options.results), runner))
    _announce(cells, experiments, green, runner)
    runner.output("experiments", _matrix(experiments))
    return 0


def _options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    values = parse_inputs("nightlies suspects", str(__doc__), INPUTS, argv, environ)
    if not values["results"]:
        raise bad_input("results", "", "the directory to which the artifacts were downloaded")
    return Options(
        results=Path(values["results"]),
        round=whole_number("round", values["round"], 1, 2),
        state=Path(values["state"]) if values["state"] else None,
        cells=_cells(values["matrix"]) if values["matrix"] else None,
    )


def _cells(matrix: str) -> frozenset[Cell]:
    """The code that a cell runs could write any label of a runner into its result, that of a machine at home too."""
    try:
        return frozenset(parse(Matrix, matrix, "matrix").include)
    except Unreadable as error:
        raise bad_input("matrix", matrix, 'the output of the mode snapshot, {"include": [...]}') from error


def _told(collected: Collected[T], runner: Runner) -> tuple[T, ...]:
    for line in collected.left_out:
        runner.warning(f"{line}. Nothing is known of that job.", title="A result can't be read")
    return collected.found


def _green(state: Path | None, runner: Runner) -> Green | None:
    """The last green run. Not to know it costs an order of suspects, and nothing more."""
    try:
        return load(History, state).green if state else None
    except (Unreadable, OSError):
        runner.line(f"The last run's state can't be read from {state}: the suspects come by name.")
        return None


def _announce(
    cells: Sequence[CellResult], experiments: Sequence[Experiment], green: Green | None, runner: Runner
) -> None:
    lines = announced(cells, experiments, green)
    for line in lines:
        runner.line(line)
    runner.summary("\n".join(["## Who broke the tests?", "", *(f"- {markdown.text(line)}" for line in lines)]))


def _matrix(experiments: Sequence[Experiment]) -> str:
    """The matrix for `fromJSON`, as one line; empty when there's nothing to run, as no matrix may be."""
    return json.dumps({"include": to_json(tuple(experiments))}) if experiments else ""
