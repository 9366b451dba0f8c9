"""What exit codes and outputs say of a crash."""

from __future__ import annotations

import pytest

from nightly.downstream.running.crashes import crash_of, crash_said


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
