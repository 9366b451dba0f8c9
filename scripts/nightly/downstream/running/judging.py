"""What runs of tests show: of a cell's tests, and of the tests of an experiment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nightly.downstream.planning.install_words import says_refused, why_failed
from nightly.downstream.records.experiment import Verdict
from nightly.downstream.records.result import WHOLE_COMMAND, End, Failure
from nightly.downstream.running.crashes import crash_of, crash_said
from nightly.downstream.running.report_log import SESSION
from nightly.downstream.running.testing import Tested

_PASSED, _FAILED, _NO_TESTS = 0, 1, 5
"""pytest's exit codes where all that ran passed, where tests failed, and where there were none (its reference)."""


@dataclass(frozen=True)
class Judged:
    """How a run of the tests ended, as `CellResult` has it."""

    end: End
    problem: str = ""
    failures: tuple[Failure, ...] = ()
    stopped_in: str = ""


def judge(tested: Tested) -> Judged:
    """Judge a run by the exit code of the user's command; what failed is known from the report, if there's one.

    No exit code makes good that a session broke off, as where a test ends the process by itself: more was to come.
    """
    ran, report = tested.ran, tested.report
    if ran.timed_out:
        return Judged(End.TIMED_OUT, "The tests didn't end in time.", stopped_in=report.running)
    if ran.succeeded and not report.is_cut_off:
        return Judged(End.PASSED)
    if _could_not_install(tested):
        return Judged(End.CANNOT_INSTALL, why_failed(ran.tail))
    if problem := _crash(tested):
        return Judged(End.CRASHED, problem, stopped_in=report.running)
    if report.failures and report.exit_status != _PASSED:
        besides = f"{report.untold:,} more failed, which are too many to tell." if report.untold else ""
        return Judged(End.FAILED, besides, report.failures)
    problem = _without_failures(tested)
    return Judged(End.FAILED, problem, (Failure(WHOLE_COMMAND, problem),))


def excused(failures: Sequence[Failure], tested: Tested) -> Judged:
    """Judge a run all failures of which are flaky or known: whether nothing but them has kept pytest from its end.

    Where the whole command was run again for them, that is what counts.
    """
    status, untold = tested.report.exit_status, tested.report.untold
    if (status in (None, _PASSED, _FAILED) and not untold) or selectable(
        [failure.test for failure in failures]
    ) is None:
        return Judged(End.PASSED)
    how = f"{untold:,} more failed" if untold else f"pytest ended with exit status {status}: not all tests may have run"
    problem = f"Besides failures that are excused, {how}."
    return Judged(End.FAILED, problem, (Failure(WHOLE_COMMAND, problem),))


def flaky(failures: Sequence[Failure], again: Tested) -> frozenset[str]:
    """The tests that failed and pass when they are run again."""
    verdicts = _verdicts([failure.test for failure in failures], again)
    return frozenset(test for test, verdict in verdicts.items() if verdict in (Verdict.PASSED, Verdict.FLAKY))


def selectable(tests: Collection[str]) -> Collection[str] | None:
    """The tests that a selection can name; None where it takes the whole command to run them again."""
    return None if {WHOLE_COMMAND, SESSION} & {*tests} else tests


def combined(tests: Sequence[str], runs: Sequence[Tested]) -> Mapping[str, Verdict]:
    """What each test did in all of the runs under the same conditions."""
    each_run = [_verdicts(tests, run) for run in runs]
    return {test: _one({verdicts[test] for verdicts in each_run}) for test in tests}


def _verdicts(tests: Sequence[str], tested: Tested) -> Mapping[str, Verdict]:
    return {test: _verdict(test, tested) for test in tests}


def _verdict(test: str, tested: Tested) -> Verdict:
    """What a test did in one run. One that never came to its end, since the run broke off in it, failed."""
    report = tested.report
    if test == WHOLE_COMMAND:
        return _of_whole(tested)
    if test == SESSION and test not in report.outcomes:
        return Verdict.PASSED if report.outcomes else _of_whole(tested)
    if report.running == test:
        return Verdict.FAILED
    return report.outcomes.get(test, Verdict.UNKNOWN)


def _of_whole(tested: Tested) -> Verdict:
    if tested.ran.timed_out or _could_not_install(tested):
        return Verdict.UNKNOWN
    return Verdict.PASSED if tested.ran.succeeded and not tested.report.is_cut_off else Verdict.FAILED


def _one(verdicts: Collection[Verdict]) -> Verdict:
    if Verdict.FLAKY in verdicts or {Verdict.PASSED, Verdict.FAILED} <= {*verdicts}:
        return Verdict.FLAKY
    return next(iter(verdicts)) if len(verdicts) == 1 else Verdict.UNKNOWN


def _could_not_install(tested: Tested) -> bool:
    """Whether no test ran, as tox, nox or hatch, which install when they test, couldn't."""
    return not tested.ran.succeeded and not tested.by_test and says_refused(tested.ran.tail)


def _crash(tested: Tested) -> str:
    """What ended the tests in their midst, or "". One at the very end counts where nothing else failed."""
    ran, report = tested.ran, tested.report
    words = crash_of(ran.code)
    if report.is_finished:
        return f"After the tests had ended: {words}." if words and not report.failures else ""
    if words or tested.by_test or ran.succeeded:
        return f"The tests broke off: {words or crash_said(ran.tail) or f'exit code {ran.code}'}."
    return f"The tests broke off: {said}." if (said := crash_said(ran.tail)) else ""


def _without_failures(tested: Tested) -> str:
    code = tested.ran.code
    if tested.report.exit_status == _NO_TESTS:
        return f"pytest found no tests, and the command ended with exit code {code}."
    return f"The command ended with exit code {code}."
