"""What a round of experiments will run, and why, in lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nightly.downstream.isolating.cells import failing_tests
from nightly.downstream.isolating.suspects import MOST_SUSPECTS, changed, groups
from nightly.downstream.records.experiment import Experiment, Kind
from nightly.downstream.records.history import Green
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult

_NOTHING = "Nothing to run: what was run is enough, or no failing test has a nightly to suspect."


def announced(results: Sequence[CellResult], experiments: Sequence[Experiment], green: Green | None) -> tuple[str, ...]:
    """A line for each cell that experiments are about, in their order."""
    chosen = dict.fromkeys(experiment.cell for experiment in experiments)
    by_index = {result.cell.index: result for result in results}
    lines = (_line(by_index[index], [each for each in experiments if each.cell == index], green) for index in chosen)
    return tuple(lines) or (_NOTHING,)


def _line(result: CellResult, experiments: Sequence[Experiment], green: Green | None) -> str:
    jobs = f"{len(experiments)} job{'s' * (len(experiments) != 1)}"
    what = ", ".join(_what(each) for each in experiments)
    why = _why_first(result, green) if experiments[0].round == 1 else ["The first round doesn't tell who it is."]
    return " ".join([f"{result.cell.name}: {_failing(result)}. {jobs}: {what}.", *why])


def _failing(result: CellResult) -> str:
    tests = failing_tests(result)
    if tests == (WHOLE_COMMAND,):
        return "the whole command fails"
    return f"{len(tests)} test{'s' * (len(tests) != 1)} {'fail' if len(tests) != 1 else 'fails'}"


def _what(experiment: Experiment) -> str:
    if experiment.kind is Kind.CONTROL:
        return "without any nightly"
    names = " and ".join(experiment.suspects)
    return f"all nightlies but {names}" if experiment.kind is Kind.WITHOUT else f"no nightly but {names}"


def _why_first(result: CellResult, green: Green | None) -> Iterator[str]:
    """Why these suspects, in this order."""
    suspects = groups(result)
    if len(suspects) > MOST_SUSPECTS:
        yield f"Of {len(suspects)} suspects {MOST_SUSPECTS} are tried at most."
    if green:
        names = [" and ".join(group) for group in suspects if changed(result, group, green)]
        yield f"Changed since the last green run: {', '.join(names) or 'none'}."
