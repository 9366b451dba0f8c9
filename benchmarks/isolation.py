"""Isolation: how many jobs it takes, beside the runs of a search from package to package. It's counted, not timed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmarks.bench import Bench
from benchmarks.figures import Result, Row
from benchmarks.sequential_search import sequential_runs
from nightly.downstream.isolating.finding import Proves
from nightly.downstream.isolating.rounds import first_round, second_round
from nightly.downstream.isolating.verdict import findings
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Verdict
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import Cell, CellResult, End, Failure
from nightly.errors import UserError

SUSPECTS = (3, 12)
WORKS = {Proves.CULPRIT: ("one culprit", 1), Proves.INTERACTION: ("an interaction of two", 2)}
"""What there is to be found, and how many nightlies take part in it."""

_TEST = "test_bench.py::test_bench"


@dataclass(frozen=True)
class Search:
    """How many jobs each round took, and how many runs the search from package to package takes for the same case."""

    suspects: int
    first: int
    second: int
    runs: int


def run(_bench: Bench) -> Result:
    """Isolate whatever may be broken."""
    return Result(tuple(row(proves, searches(proves)) for proves in WORKS), {})


def searches(proves: Proves) -> tuple[Search, ...]:
    """One for each set of nightlies that may be the broken ones."""
    _, size = WORKS[proves]
    return tuple(
        search(names, frozenset(broken), proves)
        for names in ([f"p{number:02}" for number in range(count)] for count in SUSPECTS)
        for broken in combinations(names, size)
    )


def search(names: Sequence[str], broken: frozenset[str], proves: Proves) -> Search:
    """Isolate what breaks a test, where it fails with all the `broken` ones.

    Raises:
        UserError: something else is found.
    """
    red = _red(names)
    first = first_round([red], None)
    shown = [_carried_out(each, names, broken) for each in first]
    second = second_round([red], shown)
    shown += [_carried_out(each, names, broken) for each in second]
    found = [(each.proves, frozenset(each.projects)) for each in findings(red, shown)]
    if found != [(proves, broken)]:
        raise UserError(f"With {sorted(broken)} broken, this was found: {found}.")
    return Search(len(names), len(first), len(second), sequential_runs(names, broken.issubset))


def _red(names: Collection[str]) -> CellResult:
    there = tuple(Proved(name, ProofState.NIGHTLY, "", "2.0.dev1", stable="1.0") for name in names)
    failures = (Failure(_TEST, "AssertionError"),)
    return CellResult(Cell(0, "3.13", "ubuntu-latest"), 1, End.FAILED, proof=Proof((), there), failures=failures)


def _carried_out(experiment: Experiment, names: Collection[str], broken: frozenset[str]) -> ExperimentResult:
    fails = broken <= experiment.nightlies_of(names)
    verdict, end = (Verdict.FAILED, End.FAILED) if fails else (Verdict.PASSED, End.PASSED)
    return ExperimentResult(experiment, 1, end, {_TEST: verdict})


def row(proves: Proves, found: Sequence[Search]) -> Row:
    """What the table says of it."""
    what, _ = WORKS[proves]
    by_count = {count: [each for each in found if each.suspects == count] for count in SUSPECTS}
    return Row(
        work=f"Isolation of {what}",
        ours=_told((count, _jobs(its)) for count, its in by_count.items()),
        rival=_told((count, f"{_span([each.runs for each in its])} runs in a row") for count, its in by_count.items()),
        result=f"{_rounds(found)}, instead of up to {max(each.runs for each in found)} runs in a row",
        goal="k+1 jobs for k suspects, in one round",
        met=all(each.first == each.suspects + 1 and not each.second for each in found),
    )


def _told(said: Iterable[tuple[int, str]]) -> str:
    return "; ".join(f"{count} suspects: {what}" for count, what in said)


def _jobs(found: Sequence[Search]) -> str:
    return f"{_span([each.first for each in found])} jobs in {_rounds(found)}"


def _rounds(found: Sequence[Search]) -> str:
    more = max(each.second for each in found)
    return f"one round, and up to {more} in a second" if more else "one round"


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(most) if least == most else f"{least} to {most}"
