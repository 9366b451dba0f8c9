"""Run the failing tests of a cell with other nightlies than all, as the workflow does it when it's red."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.data import Unreadable, parse, save
from nightly.downstream.isolating.collected import EXPERIMENT_FILE, read_cells
from nightly.downstream.isolating.trial import run_trial
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Verdict
from nightly.downstream.records.result import CellResult
from nightly.downstream.running.cell import Work
from nightly.downstream.running.cell_text import trial_headline, trial_summary
from nightly.downstream.running.commands import COMMAND_INPUTS, attempt_asked, open_bench, work_asked
from nightly.downstream.running.place import Place
from nightly.errors import bad_input
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("experiment", "", "The experiment, as JSON."),
    Input("results", "", "The directory of what the cells have left behind."),
    *COMMAND_INPUTS,
)


@dataclass(frozen=True)
class Options:
    """What is asked for: an experiment on the result of a cell."""

    experiment: Experiment
    attempt: int
    cell: CellResult
    work: Work


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Run an experiment, and set the output `results`. Returns 1 where it has shown nothing of any test.

    Raises:
        UserError: an input can't be, or there's no Python or bash.
    """
    options = parse_options(argv, environ)
    place = Place.new(runner.temp)
    bench = open_bench(options.work, place, environ, runner, patience)
    result = run_trial(options.experiment, options.attempt, options.cell, bench)
    save(place.results / EXPERIMENT_FILE, result)
    runner.output("results", str(place.results))
    tell(result, runner)
    return 0 if {*result.tests.values()} - {Verdict.UNKNOWN} else 1


def parse_options(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options that the inputs give."""
    given = parse_inputs("nightlies experiment", __doc__ or "", INPUTS, argv, environ)
    experiment = _experiment(given["experiment"])
    return Options(
        experiment=experiment,
        attempt=attempt_asked(given, environ),
        cell=_cell_of(experiment, Path(given["results"])),
        work=work_asked(given),
    )


def tell(result: ExperimentResult, runner: Runner) -> None:
    """Say what it showed, in the log and the summary."""
    runner.line(trial_headline(result))
    if result.problem:
        runner.line(result.problem)
    runner.summary(trial_summary(result))


def _experiment(value: str) -> Experiment:
    try:
        return parse(Experiment, value, "the experiment")
    except Unreadable as error:
        raise bad_input("experiment", value, f"an experiment as JSON ({error})") from error


def _cell_of(experiment: Experiment, results: Path) -> CellResult:
    cells = read_cells(results)
    for result in cells.found:
        if result.cell.index == experiment.cell:
            return result
    raise bad_input("results", str(results), f"a directory with the result of cell {experiment.cell}")
