"""Which experiments to run: a first round that is nearly always enough, and a second for what it leaves open. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from nightly.downstream.isolating.case import Case, make_case
from nightly.downstream.isolating.cells import failing_tests, representatives
from nightly.downstream.isolating.evidence import Shown, shown_alike
from nightly.downstream.isolating.suspects import MOST_SUSPECTS, Group, most_suspected
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind, Verdict
from nightly.downstream.records.history import Green
from nightly.downstream.records.result import CellResult


def first_round(results: Sequence[CellResult], green: Green | None) -> tuple[Experiment, ...]:
    """For each cell worth isolating a control, and a run without each suspect: k+1 for k suspects.

    Without its only suspect a cell has no nightly, so the control is that run too.
    """
    wanted = list[tuple[CellResult, Kind, Group]]()
    for result in representatives(results):
        suspects = most_suspected(result, green)
        wanted.append((result, Kind.CONTROL, ()))
        wanted += [(result, Kind.WITHOUT, group) for group in suspects if len(suspects) > 1]
    return _numbered(1, wanted)


def second_round(results: Sequence[CellResult], shown: Sequence[ExperimentResult]) -> tuple[Experiment, ...]:
    """Runs with one suspect's nightly alone, at most k for each cell, where the first round leaves a test open."""
    cases = [make_case(result, shown) for result in representatives(results)]
    return _numbered(2, [(case.result, Kind.ALONE, group) for case in cases for group in _open_suspects(case)])


def suspects_to_try_alone(shown: Shown) -> tuple[Group, ...]:
    """Those of whom it would tell something to run a test with them alone; none where it is settled.

    When a test passes without one of them, and fails without any other, that one is it; but when nothing could be run
    without some other, it is worth knowing whether that one breaks the test alone. When there's none without which it
    passes, each might break it alone. Without a control that passes nobody can be blamed, nor for what is flaky.
    """
    if shown.is_flaky or shown.control is not Verdict.PASSED or len(shown.mending) > 1:
        return ()
    if shown.mending:
        return shown.mending if shown.untold else ()
    return shown.innocent + shown.untold


def _open_suspects(case: Case) -> tuple[Group, ...]:
    """Whoever may be tried alone, but for what was tried already by another name."""
    shown = [each for each, _ in shown_alike(case, failing_tests(case.result))]
    useful = {group for each in shown for group in suspects_to_try_alone(each)}
    return tuple(group for group in _tried_without(case) if group in useful and frozenset(group) not in case.tried)


def _tried_without(case: Case) -> tuple[Group, ...]:
    """The suspects of the first round."""
    if len(case.suspects) <= MOST_SUSPECTS:
        return case.suspects
    return tuple(filter(case.without, case.suspects))[:MOST_SUSPECTS]


def _numbered(number: int, wanted: Sequence[tuple[CellResult, Kind, Group]]) -> tuple[Experiment, ...]:
    return tuple(
        Experiment(index, number, result.cell.index, kind, ",".join(group), result.cell.python, result.cell.os)
        for index, (result, kind, group) in enumerate(wanted)
    )
