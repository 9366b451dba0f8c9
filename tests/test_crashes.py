"""What exit codes and outputs say of a crash, and what runs of tests show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nightly.downstream.records.experiment import Verdict
from nightly.downstream.records.result import WHOLE_COMMAND, End, Failure
from nightly.downstream.running.crashes import crash_of, crash_said, tail_of
from nightly.downstream.running.judging import combined, excused, flaky, judge, selectable
from nightly.downstream.running.report_log import SESSION, ReportLog
from nightly.downstream.running.shell import Ran
from nightly.downstream.running.testing import Tested as Done


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (139, "SIGSEGV (segmentation fault)"),
        (-11, "SIGSEGV (segmentation fault)"),
        (134, "SIGABRT"),
        (137, "memory ran out"),
        (-9, "memory ran out"),
        (135, "SIGBUS"),
        (138, "SIGBUS"),
        (0xC0000005, "access violation"),
        (0xC0000005 - (1 << 32), "access violation"),
        (0xC0000374, "heap"),
        (0xC00000FD, "stack overflow"),
    ],
)
def test_a_crash_is_told_by_its_exit_code(code: int, said: str) -> None:
    assert said in crash_of(code)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 5, 11, 127, 128, 130, 143, 255, -2, -15])
def test_other_exit_codes_are_no_crash(code: int) -> None:
    assert crash_of(code) == ""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("tests/test_a.py Fatal Python error: Aborted\n\nThread 0x1\nx", ""),
        ("tests/test_a.py \nFatal Python error: Segmentation fault\n\nThread 0x1", "Segmentation fault"),
        ("py: exited with code -11 (SIGSEGV)\n  py: FAIL", "-11 (SIGSEGV)"),
        ("bash: line 1: 77 Segmentation fault      (core dumped) pytest", "SIGSEGV"),
        ("make: *** [Makefile:2: test] Error 139", "139"),
    ],
    ids=["within a line", "faulthandler", "tox", "bash", "make"],
)
def test_what_a_tool_said_of_a_crash_within_it_is_found(output: str, said: str) -> None:
    assert said in crash_said(output)


def test_an_output_that_speaks_of_no_crash_says_nothing_of_one() -> None:
    assert crash_said("FAILED tests/test_a.py::test_a - assert 1 == 2\nmake: *** [test] Error 1\n") == ""


FRAMES = "\n".join(["Fatal Python error: Aborted", "", *(f'  File "x.py", line {n}' for n in range(90))])


@pytest.mark.parametrize("before", ["", "tests/test_a.py ..", "... [ 50%]\ntests/test_b.py::test_it "])
def test_of_a_crash_the_innermost_frames_are_kept_wherever_its_line_begins(before: str) -> None:
    lines = tail_of(before + FRAMES).splitlines()
    assert (lines[:3], len(lines)) == (FRAMES.splitlines()[:3], 16)


def test_of_any_other_output_the_last_lines_are_kept() -> None:
    assert tail_of("\n".join(map(str, range(100)))).splitlines() == [str(number) for number in range(40, 100)]
    assert len(tail_of("x" * 100_000)) == 12_000


PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
BROKEN = Failure("t.py::test_broken", "assert 1 == 2")
ALL_PASSED = ReportLog({"t.py::test_fine": PASSED}, is_finished=True, exit_status=0)
ONE_FAILED = ReportLog({BROKEN.test: FAILED}, (BROKEN,), is_finished=True, exit_status=1)
CUT_OFF = ReportLog({"t.py::test_fine": PASSED}, running="t.py::test_last")
NO_PLUGIN = ReportLog()
WHOLE = (WHOLE_COMMAND,)


@pytest.mark.parametrize(
    ("code", "tail", "report", "end", "failing", "stopped_in"),
    [
        (0, "", ALL_PASSED, End.PASSED, (), ""),
        (0, "", ONE_FAILED, End.PASSED, (), ""),
        (0, "", CUT_OFF, End.CRASHED, (), "t.py::test_last"),
        (0, "", ReportLog(prefixes=("venv",)), End.CRASHED, (), ""),
        (1, "", ONE_FAILED, End.FAILED, (BROKEN.test,), ""),
        (139, "", ONE_FAILED, End.FAILED, (BROKEN.test,), ""),
        (1, "", ALL_PASSED, End.FAILED, WHOLE, ""),
        (5, "", ReportLog(is_finished=True, exit_status=5), End.FAILED, WHOLE, ""),
        (1, "", NO_PLUGIN, End.FAILED, WHOLE, ""),
        (-11, "", NO_PLUGIN, End.CRASHED, (), ""),
        (2, "make: *** [test] Error 139", NO_PLUGIN, End.CRASHED, (), ""),
        (139, "", CUT_OFF, End.CRASHED, (), "t.py::test_last"),
        (1, "", CUT_OFF, End.CRASHED, (), "t.py::test_last"),
        (134, "", ALL_PASSED, End.CRASHED, (), ""),
        (1, "ERROR: ResolutionImpossible", NO_PLUGIN, End.CANNOT_INSTALL, (), ""),
        (1, "ERROR: ResolutionImpossible", ONE_FAILED, End.FAILED, (BROKEN.test,), ""),
    ],
    ids=[
        *("passed", "failed, and that was let pass", "a test ended the process", "a test file did", "a test failed"),
        *("failed, then crashed at the end",),
        *("only the command failed", "no tests", "not by test", "crash not by test", "crash below make"),
        *("crash in a test", "crash below a tool", "crash at the end", "tox can't install", "a test about pip"),
    ],
)
def test_a_run_is_judged_by_its_exit_code_and_its_report(
    code: int, tail: str, report: ReportLog, end: End, failing: tuple[str, ...], stopped_in: str
) -> None:
    judged = judge(Done(Ran(code, tail), report))
    assert (judged.end, tuple(each.test for each in judged.failures)) == (end, failing)
    assert judged.stopped_in == stopped_in
    assert bool(judged.problem) is (end is not End.PASSED and failing in ((), WHOLE))


def test_a_run_that_was_ended_for_want_of_time_is_judged_by_that() -> None:
    judged = judge(Done(Ran(-15, "", timed_out=True), CUT_OFF))
    assert (judged.end, judged.stopped_in) == (End.TIMED_OUT, "t.py::test_last")


def run(code: int, *, timed_out: bool = False, running: str = "", **outcomes: Verdict) -> Done:
    return Done(Ran(code, "", timed_out), ReportLog(outcomes, running=running))


@pytest.mark.parametrize(
    ("runs", "verdict"),
    [
        ([run(0, t=PASSED), run(0, t=PASSED)], PASSED),
        ([run(1, t=FAILED), run(1, t=FAILED)], FAILED),
        ([run(1, t=FAILED), run(0, t=PASSED)], Verdict.FLAKY),
        ([run(0, t=PASSED), run(139, running="t")], Verdict.FLAKY),
        ([run(139, running="t"), run(139, running="t")], FAILED),
        ([run(139, running="other"), run(139, running="other")], UNKNOWN),
        ([run(0, t=PASSED), run(139, running="other")], UNKNOWN),
        ([run(0, running="t"), run(0, running="t")], FAILED),
        ([run(-15, timed_out=True, running="t")], FAILED),
        ([run(-15, timed_out=True, running="other")], UNKNOWN),
        ([run(0, other=PASSED), run(0, other=PASSED)], UNKNOWN),
    ],
)
def test_a_test_is_what_both_runs_say_of_it(runs: list[Done], verdict: Verdict) -> None:
    assert combined(["t"], runs) == {"t": verdict}


@pytest.mark.parametrize(
    ("tested", "verdict"),
    [
        (run(0), PASSED),
        (run(1), FAILED),
        (run(139), FAILED),
        (run(0, running="t"), FAILED),
        (run(-15, timed_out=True), UNKNOWN),
        (Done(Ran(1, "ERROR: ResolutionImpossible")), UNKNOWN),
    ],
)
def test_a_whole_command_is_what_its_exit_code_says(tested: Done, verdict: Verdict) -> None:
    assert combined(WHOLE, [tested]) == {WHOLE_COMMAND: verdict}


def test_what_failed_and_passes_again_is_flaky() -> None:
    again = Done(Ran(1, ""), ReportLog({BROKEN.test: FAILED, "t": PASSED}))
    assert flaky([BROKEN, Failure("t", ""), Failure("not run again", "")], again) == {"t"}


def test_failures_that_are_too_many_to_tell_are_counted_and_not_excused() -> None:
    many = Done(Ran(1, ""), replace(ONE_FAILED, untold=12_345))
    assert "12,345 more failed" in judge(many).problem
    assert excused([BROKEN], many).end is End.FAILED


@pytest.mark.parametrize(
    ("failures", "status", "end"),
    [
        ([BROKEN], 1, End.PASSED),
        ([BROKEN], 2, End.FAILED),
        ([BROKEN], 3, End.FAILED),
        ([Failure(WHOLE_COMMAND, "")], 2, End.PASSED),
        ([Failure(SESSION, "")], 4, End.PASSED),
    ],
    ids=["failures alone", "a test ended pytest", "pytest broke", "the command passes again", "so does the session"],
)
def test_what_is_excused_excuses_no_other_end_of_pytest(failures: list[Failure], status: int, end: End) -> None:
    judged = excused(failures, Done(Ran(status, ""), replace(ONE_FAILED, exit_status=status)))
    assert judged.end is end
    assert (f"exit status {status}" in judged.problem) is (end is End.FAILED)


@pytest.mark.parametrize(
    ("tests", "selected"),
    [(["a", "b"], ["a", "b"]), ([WHOLE_COMMAND], None), ([SESSION, "a"], None)],
    ids=["tests", "whole command", "before any file"],
)
def test_only_what_can_be_selected_is_run_alone(tests: list[str], selected: list[str] | None) -> None:
    assert selectable(tests) == selected
