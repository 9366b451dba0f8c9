"""A run of a cell's failing tests with other nightlies than all, and what it showed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from nightly.downstream.records.result import End


class Kind(str, Enum):
    """Which nightlies are installed: none, all but the suspect, or the suspect's alone."""

    CONTROL = "control"
    WITHOUT = "without"
    ALONE = "alone"


class Verdict(str, Enum):
    """What one test did, run twice. It is `UNKNOWN` where it didn't run, or nothing could be installed."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Experiment:
    """What to run. `index` counts the experiments of a round from 0, `cell` is the index of the cell it is about.

    `suspect` are the projects that move together, by comma ("awkward,awkward-cpp"); "" for the control. `python` and
    `os` are the cell's, for an experiment is an entry of a matrix.
    """

    index: int
    round: int
    cell: int
    kind: Kind
    suspect: str
    python: str
    os: str

    @property
    def suspects(self) -> tuple[str, ...]:
        return tuple(name for name in self.suspect.split(",") if name)

    def nightlies_of(self, everything: Iterable[str]) -> frozenset[str]:
        """Of all the nightlies of the cell, by name, those that this experiment is to have."""
        if self.kind is Kind.CONTROL:
            return frozenset()
        if self.kind is Kind.ALONE:
            return frozenset(everything).intersection(self.suspects)
        return frozenset(everything).difference(self.suspects)


@dataclass(frozen=True)
class ExperimentResult:
    """What an experiment showed of each failing test. `end` and `problem` are as of a cell."""

    experiment: Experiment
    attempt: int
    end: End
    tests: Mapping[str, Verdict]
    problem: str = ""
    installed: Mapping[str, str] | None = None
    log_tail: str = ""
