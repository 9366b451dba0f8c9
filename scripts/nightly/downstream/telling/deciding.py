"""How a run ended, from how its cells did and from what the experiments prove. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.records.result import CellResult, End
from nightly.downstream.telling.causes import UPSTREAM
from nightly.downstream.telling.controls import Control, Controlled, failing
from nightly.downstream.telling.evidence import Evidence
from nightly.downstream.telling.outcome import Outcome, most_important

_BY_END = {
    End.CANNOT_INSTALL: Outcome.CANNOT_INSTALL,
    End.CHANNEL_MOVED: Outcome.CHANNEL_MOVED,
    End.CHANNEL_DOWN: Outcome.CHANNEL_DOWN,
    End.CRASHED: Outcome.CRASHED,
    End.TIMED_OUT: Outcome.TIMED_OUT,
    End.NO_NIGHTLY: Outcome.NO_NIGHTLY,
}
_TESTED = (End.CRASHED, End.TIMED_OUT)
_BAD = frozenset({"failure", "cancelled"})
_GOOD = (Outcome.GREEN, Outcome.FLAKY)


def cell_outcome(result: CellResult | None, findings: Sequence[Finding], control: Controlled) -> Outcome:
    """How a cell ended. Without a result nothing is known."""
    if result is None:
        return Outcome.UNKNOWN
    if result.end is End.PASSED:
        return _passed(result)
    if result.end is End.FAILED:
        return _failed(result, findings, control)
    proved = {finding.proves for finding in findings}
    if result.end in _TESTED and proved == {Proves.OWN}:
        return Outcome.OWN_BREAK
    if result.end in _TESTED and proved == {Proves.FLAKY}:
        return Outcome.FLAKY
    return _BY_END[result.end]


def run_outcome(evidence: Evidence, cells: Iterable[Outcome]) -> Outcome:
    """How the run ended. It isn't green while a job says that something went wrong which no cell tells of."""
    if evidence.trouble and not evidence.results:
        return Outcome.CHANNEL_DOWN
    outcome = most_important(cells)
    is_told = any(result.is_red for result in evidence.results)
    return Outcome.UNKNOWN if outcome in _GOOD and bad_jobs(evidence.jobs) and not is_told else outcome


def bad_jobs(jobs: Mapping[str, str]) -> tuple[str, ...]:
    """The jobs that failed or were cancelled."""
    return tuple(name for name, result in jobs.items() if result in _BAD)


def _passed(result: CellResult) -> Outcome:
    """Tests that passed without a nightly prove nothing, nor do tests that were all skipped."""
    if result.proof is None:
        return Outcome.UNKNOWN
    if not result.proof.holds:
        return Outcome.NO_NIGHTLY
    if result.flaky:
        return Outcome.FLAKY
    return Outcome.UNKNOWN if result.by_test and not result.passed else Outcome.GREEN


def _failed(result: CellResult, findings: Sequence[Finding], control: Controlled) -> Outcome:
    """Whose fault it is that tests fail. Of what the runs don't tell, the control says whether it is an upstream's."""
    proved = {finding.proves for finding in findings}
    if proved & set(UPSTREAM):
        return Outcome.UPSTREAM_BREAK
    explained = {test for finding in findings if finding.proves is not Proves.NOTHING for test in finding.tests}
    rest = set(failing(result)) - explained
    without = control.of(rest)
    if without in (Control.PASSED, Control.PARTLY):
        return Outcome.UPSTREAM_BREAK
    if Proves.OWN in proved or without is Control.FAILED:
        return Outcome.OWN_BREAK
    return Outcome.TESTS_FAIL if rest else Outcome.FLAKY
