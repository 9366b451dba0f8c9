"""What the tests that fail with nightlies did without any. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from nightly.downstream.isolating.case import Trial, make_case
from nightly.downstream.records.experiment import ExperimentResult, Verdict
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End


class Control(str, Enum):
    """Whether tests failed without nightlies too. `UNKNOWN` where there was no control, or it couldn't be run."""

    PASSED = "passed"
    FAILED = "failed"
    PARTLY = "partly"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Controlled:
    """What the control of one cell showed: which tests passed and failed, or in words why there is nothing to see."""

    cell: int
    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    problem: str = ""

    def of(self, tests: Iterable[str]) -> Control:
        """What it showed of these tests."""
        asked = frozenset(tests)
        if asked & self.passed and asked & self.failed:
            return Control.PARTLY
        if asked & self.passed:
            return Control.PASSED
        return Control.FAILED if asked & self.failed else Control.UNKNOWN


def controlled(
    results: Sequence[CellResult], shown: Mapping[int, Sequence[ExperimentResult]]
) -> Mapping[int, Controlled]:
    """What the controls showed, by the indexes of the red cells that have any."""
    found = {}
    for result in results:
        trials = make_case(result, shown.get(result.cell.index, ())).trials if result.is_red else ()
        controls = [trial for trial in trials if not trial.nightlies]
        if controls:
            found[result.cell.index] = _read(result, controls)
    return found


def failing(result: CellResult) -> tuple[str, ...]:
    """What isn't as it should be in a cell: its failing tests, with the one it stopped in, or the command as one."""
    tests = [failure.test for failure in result.failures]
    stopped = [result.stopped_in] if result.stopped_in and result.stopped_in not in tests else []
    return tuple(tests + stopped) or ((WHOLE_COMMAND,) if result.is_red else ())


def failing_anywhere(results: Iterable[CellResult]) -> frozenset[str]:
    return frozenset(test for result in results for test in failing(result))


def _read(result: CellResult, controls: Sequence[Trial]) -> Controlled:
    tests = failing(result)
    verdicts = {(test, trial.verdict(test)) for test in tests for trial in controls}
    problems = dict.fromkeys(_problem(trial) for trial in controls)
    return Controlled(
        result.cell.index,
        passed=frozenset(test for test, verdict in verdicts if verdict is Verdict.PASSED),
        failed=frozenset(test for test, verdict in verdicts if verdict is Verdict.FAILED),
        problem="; ".join(problem for problem in problems if problem),
    )


def _problem(trial: Trial) -> str:
    """Why there's nothing to learn from a trial."""
    if trial.shown.end not in (End.PASSED, End.FAILED):
        return f"it ended with {trial.shown.end.value}: {trial.shown.problem}".rstrip(": ")
    return "" if trial.sound else "other versions were installed than it was to have"
