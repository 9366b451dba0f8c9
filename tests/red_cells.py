"""Red cells of a matrix, the truth about which nightlies break their tests, and experiments that find it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind, Verdict
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import Cell, CellResult, End, Failure

Breaks = Callable[[frozenset[str]], bool]
"""Whether a test fails with just these nightlies."""

NIGHT = datetime(2026, 6, 22, 5, 23, tzinfo=timezone.utc)


def nightly(name: str, *requires: str, stable: str | None = "1.0", sha256: str | None = None) -> Proved:
    """A nightly that was really there."""
    return Proved(name, ProofState.NIGHTLY, "", "2.0.dev0", stable=stable, requires=requires, sha256=sha256)


def cell(
    *there: Proved | str,
    tests: Iterable[str] = ("t",),
    index: int = 0,
    attempt: int = 1,
    end: End = End.FAILED,
    stopped_in: str = "",
) -> CellResult:
    """A cell in which these tests fail."""
    proved = tuple(nightly(each) if isinstance(each, str) else each for each in there)
    return CellResult(
        Cell(index, f"3.{index}", "ubuntu-latest"),
        attempt,
        end,
        proof=Proof(("site-packages",), proved),
        failures=tuple(Failure(test, "AssertionError") for test in tests),
        stopped_in=stopped_in,
    )


def plan(*packages: Package) -> Plan:
    return Plan("3.13.1", "linux-x86_64", NIGHT, packages)


def planned(name: str, stable: str | None = None, sha256: str | None = None) -> Package:
    return Package(name, State.NIGHTLY, stable=stable, sha256=sha256)


@dataclass(frozen=True)
class Truth:
    """What really breaks each test, which of them are flaky when run again, and what can't be installed."""

    breaks: Mapping[str, Breaks]
    flaky: Collection[str] = ()
    uninstallable: Collection[frozenset[str]] = ()

    def try_with(self, nightlies: frozenset[str], test: str) -> Verdict:
        if nightlies in self.uninstallable:
            return Verdict.UNKNOWN
        if test in self.flaky:
            return Verdict.FLAKY
        return Verdict.FAILED if self.breaks[test](nightlies) else Verdict.PASSED


@dataclass
class Lab:
    """Carries experiments out on one cell, as its truth has it; those of `lost` leave no result."""

    result: CellResult
    truth: Truth
    lost: Collection[tuple[Kind, str]] = ()
    attempt: Callable[[Experiment], int] = field(default=lambda _: 1)

    @property
    def everything(self) -> frozenset[str]:
        return frozenset(each.name for each in self.result.proof.nightlies) if self.result.proof else frozenset()

    def with_nightlies(self, experiment: Experiment) -> frozenset[str]:
        """What has to be there, from the experiment's own words."""
        named = frozenset(experiment.suspect.split(","))
        there = {Kind.CONTROL: frozenset[str](), Kind.WITHOUT: self.everything - named, Kind.ALONE: named}
        return there[experiment.kind]

    def carry_out(self, experiments: Iterable[Experiment]) -> list[ExperimentResult]:
        return [self._one(each) for each in experiments if (each.kind, each.suspect) not in self.lost]

    def _one(self, experiment: Experiment) -> ExperimentResult:
        there = self.with_nightlies(experiment)
        tests = {test: self.truth.try_with(there, test) for test in self.truth.breaks}
        end = End.FAILED if Verdict.FAILED in tests.values() else End.PASSED
        if there in self.truth.uninstallable:
            end = End.CANNOT_INSTALL
        return ExperimentResult(experiment, self.attempt(experiment), end, tests)


def any_of(*sets: str) -> Breaks:
    """Breaks with any of these sets at least, each written as names by plus, such as "a+b"."""
    needed = [frozenset(each.split("+")) for each in sets]
    return lambda there: any(each <= there for each in needed)


def always(_there: frozenset[str]) -> bool:
    """Breaks without any nightly too."""
    return True


def exactly(*sets: str) -> Breaks:
    """Breaks with just these sets of nightlies, and no others: nothing follows from more or fewer of them."""
    those = {frozenset(filter(None, each.split("+"))) for each in sets}
    return lambda there: there in those


def asked(experiments: Sequence[Experiment]) -> list[str]:
    """Experiments in short: "control", "without a", "alone b,c"."""
    return [f"{each.kind.value} {each.suspect}".strip() for each in experiments]
