"""What a round of experiments will run, and why, in lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from nightly.downstream.isolating.cells import failing_tests
from nightly.downstream.isolating.experiment import Experiment, Kind
from nightly.downstream.isolating.suspects import MOST_SUSPECTS, Group, changed, groups
from nightly.downstream.running.result import WHOLE_COMMAND, CellResult
from nightly.downstream.telling.history import Green

_NOTHING = "Nothing to run: no cell has failing tests and a suspect, or what was run is enough."


def announced(results: Sequence[CellResult], experiments: Sequence[Experiment], green: Green | None) -> tuple[str, ...]:
    """A line for each cell that experiments are about, in their order."""
    chosen = dict.fromkeys(experiment.cell for experiment in experiments)
    by_index = {result.cell.index: result for result in results}
    lines = (_line(by_index[index], [each for each in experiments if each.cell == index], green) for index in chosen)
    return tuple(lines) or (_NOTHING,)


def _line(result: CellResult, experiments: Sequence[Experiment], green: Green | None) -> str:
    jobs = f"{len(experiments)} job{'s' * (len(experiments) != 1)}"
    what = [_what(each) for each in experiments]
    return " ".join([f"{result.cell.name}: {_failing(result)}. {jobs}: {', '.join(what)}.", *_why(result, green)])


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


def _why(result: CellResult, green: Green | None) -> Sequence[str]:
    suspects = groups(result)
    if len(suspects) <= MOST_SUSPECTS and not green:
        return []
    over = f"Of {len(suspects)} suspects {MOST_SUSPECTS} are tried at most." if len(suspects) > MOST_SUSPECTS else ""
    return [each for each in (over, _changes(result, suspects, green)) if each]


def _changes(result: CellResult, suspects: Sequence[Group], green: Green | None) -> str:
    if not green:
        return ""
    names = [" and ".join(group) for group in suspects if changed(result, group, green)]
    return f"Changed since the last green run: {', '.join(names) or 'none'}."
