"""One red cell, whom to suspect in it, and with which nightlies it was tried again. Pure.

Only the nightlies that are installed count, not what a run is called: of two suspects, one alone is all but the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from nightly.downstream.isolating.suspects import Group, groups, nightlies, stable_version
from nightly.downstream.records.experiment import ExperimentResult, Kind, Verdict
from nightly.downstream.records.result import CellResult, End

_TELLING = frozenset({End.PASSED, End.FAILED, End.CRASHED, End.TIMED_OUT})


@dataclass(frozen=True)
class Trial:
    """An experiment, and its nightlies. If it isn't `sound`, only that a test is flaky can be learnt from it."""

    shown: ExperimentResult
    nightlies: frozenset[str]
    sound: bool

    def verdict(self, test: str) -> Verdict:
        told = self.shown.tests.get(test, Verdict.UNKNOWN)
        return told if self.sound or told is Verdict.FLAKY else Verdict.UNKNOWN


@dataclass(frozen=True)
class Case:
    """A cell, all its suspects, and the trials that are about it."""

    result: CellResult
    suspects: tuple[Group, ...]
    trials: tuple[Trial, ...]

    @property
    def nightlies(self) -> frozenset[str]:
        return frozenset(name for group in self.suspects for name in group)

    @property
    def tried(self) -> frozenset[frozenset[str]]:
        """The sets of nightlies of which there is a result; the cell itself had them all."""
        return frozenset({self.nightlies, *(trial.nightlies for trial in self.trials)})

    def without(self, group: Group) -> ExperimentResult | None:
        """The run without this suspect, if it was asked for and has a result."""
        return next((each for each in self._of(Kind.WITHOUT) if each.experiment.suspects == group), None)

    @property
    def controls(self) -> tuple[ExperimentResult, ...]:
        return self._of(Kind.CONTROL)

    def _of(self, kind: Kind) -> tuple[ExperimentResult, ...]:
        return tuple(trial.shown for trial in self.trials if trial.shown.experiment.kind is kind)


def make_case(result: CellResult, experiments: Iterable[ExperimentResult]) -> Case:
    """Take from all experiments those that are about this result: of this cell and its suspects, and not older."""
    suspects = groups(result)
    about = (each for each in experiments if _is_about(result, suspects, each))
    trials = (Trial(each, each.experiment.nightlies_of(nightlies(result)), _is_sound(result, each)) for each in about)
    return Case(result, suspects, tuple(sorted(trials, key=_order)))


def _order(trial: Trial) -> tuple[int, int, int]:
    return trial.shown.experiment.round, trial.shown.experiment.index, trial.shown.attempt


def _is_about(result: CellResult, suspects: tuple[Group, ...], shown: ExperimentResult) -> bool:
    experiment, cell = shown.experiment, result.cell
    if (experiment.cell, experiment.python, experiment.os) != (cell.index, cell.python, cell.os):
        return False
    if shown.attempt < result.attempt:
        return False
    return not experiment.suspect if experiment.kind is Kind.CONTROL else experiment.suspects in suspects


def _is_sound(result: CellResult, shown: ExperimentResult) -> bool:
    """Whether tests could run, and no installed version speaks against it: each nightly is there, and no other one is.

    A project that isn't installed at all isn't needed any more. Where stable and nightly have one version, it can't
    tell them apart.
    """
    there = nightlies(result)
    asked = shown.experiment.nightlies_of(there)
    versions = {name: (proved.version, (shown.installed or {}).get(name)) for name, proved in there.items()}
    return shown.end in _TELLING and all(
        _same(nightly, found) == (name in asked)
        for name, (nightly, found) in versions.items()
        if nightly and found and not _same(nightly, stable_version(result, name))
    )


def _same(one: str, other: str | None) -> bool:
    try:
        return other is not None and Version(one) == Version(other)
    except InvalidVersion:
        return one == other
