"""Choose the experiments that show which nightly broke the tests, as a matrix for the next jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly import markdown
from nightly.actions import Runner
from nightly.downstream.data import Unreadable, load, to_json
from nightly.downstream.isolating.announcing import announced
from nightly.downstream.isolating.collected import read_cells, read_experiments
from nightly.downstream.isolating.experiment import Experiment
from nightly.downstream.isolating.rounds import first_round, second_round
from nightly.downstream.running.result import CellResult
from nightly.downstream.telling.history import Green, History
from nightly.options import Input, parse_inputs, whole_number
from nightly.patience import Patience

INPUTS = (
    Input("results", "", "The directory with the artifacts of all cells and experiments."),
    Input("round", "1", "Which round of experiments to choose: 1, or 2 for what the first left open."),
    Input("state", "", "The file state.json of the last run, if there is one."),
)


@dataclass(frozen=True)
class Options:
    """The inputs, checked."""

    results: Path
    round: int
    state: Path | None


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, _patience: Patience) -> int:
    """Say what to run, and why. Returns 0, also when there is nothing to run.

    Raises:
        UserError: an input is wrong.
    """
    options = _options(argv, environ)
    cells = read_cells(options.results)
    green = _green(options.state, runner)
    if options.round == 1:
        experiments, unread = first_round(cells.found, green), cells.left_out
    else:
        shown = read_experiments(options.results)
        experiments, unread = second_round(cells.found, shown.found), cells.left_out + shown.left_out
    for line in unread:
        runner.warning(f"{line}. Nothing is known of that job.", title="A result can't be read")
    _announce(cells.found, experiments, green, runner)
    runner.output("experiments", _matrix(experiments))
    return 0


def _options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    values = parse_inputs("nightlies suspects", str(__doc__), INPUTS, argv, environ)
    return Options(
        results=Path(values["results"]),
        round=whole_number("round", values["round"], 1, 2),
        state=Path(values["state"]) if values["state"] else None,
    )


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
