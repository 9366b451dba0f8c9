"""A user's command as a step of a workflow: real bash, real processes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from nightly.actions import Runner
from nightly.downstream.running.said import KeptLog
from nightly.downstream.running.shell import Deadline, Ran, Shell, find_bash
from nightly.downstream.running.step_files import after_step
from nightly.errors import UserError

PYTHON = f'"{Path(sys.executable).as_posix()}"'


@dataclass
class Step:
    """Commands of one cell, and what was said of them."""

    root: Path
    log: io.StringIO

    def shell(self, variables: Mapping[str, str]) -> Shell:
        scratch = self.root / "scratch"
        scratch.mkdir(exist_ok=True)
        return Shell(
            directory=self.root,
            scratch=scratch,
            given={**os.environ, **variables},
            tell=Runner(log=self.log, on_github=True).line,
            log=KeptLog(self.root / "log.txt"),
            bash=find_bash(os.environ),
            grace=0.5,
        )

    def run(self, command: str, variables: Mapping[str, str] | None = None, seconds: float = 30) -> Ran:
        return self.shell(variables or {}).run(command, Deadline.after(seconds))

    @property
    def said(self) -> list[str]:
        return self.log.getvalue().splitlines()


@pytest.fixture(name="step")
def step_fixture(tmp_path: Path) -> Step:
    return Step(tmp_path, io.StringIO())


def python(code: str) -> str:
    return f"{PYTHON} -c '{code}'"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("false; true", 1),
        ("false | true", 1),
        ("no-such-program-here", 127),
        ("echo 'one\ntwo'\n\nexit 4", 4),
    ],
)
def test_a_command_ends_as_a_step_of_a_workflow_would(step: Step, command: str, code: int) -> None:
    ran = step.run(command)
    assert (ran.code, ran.succeeded, ran.timed_out) == (code, code == 0, False)


def test_a_command_runs_in_the_working_directory(step: Step) -> None:
    (step.root / "here").touch()
    assert step.run("test -f here").succeeded


def test_what_a_command_says_comes_to_the_log_the_file_and_the_tail(step: Step) -> None:
    ran = step.run("echo out; echo err >&2")
    assert step.said == ["$ echo out; echo err >&2", "out", "err"]
    assert ran.tail == "out\nerr"
    assert (step.root / "log.txt").read_text() == "$ echo out; echo err >&2\nout\nerr\n"


def test_what_tests_print_is_no_command_of_the_workflow(step: Step) -> None:
    lines = ["::set-output name=results::/evil", "::add-mask::e", "  ::error::x", "##[error]y", "::stop-commands::z"]
    step.run("\n".join(f"echo '{line}'" for line in lines))
    assert [line for line in step.said if line.lstrip().startswith("::") or "##[" in line] == []
    assert len(step.said) == 2 * len(lines)  # as the command, and as what it says


def test_terminal_escapes_and_bytes_that_are_no_text_are_shown_as_text(step: Step) -> None:
    ran = step.run(r"printf '\033[31mred\033[0m \xff\xfe end\r\nthe last one without an end'")
    assert ran.tail.splitlines() == ["red \ufffd\ufffd end", "the last one without an end"]


def test_a_line_without_an_end_is_cut_and_does_not_fill_the_memory(step: Step) -> None:
    ran = step.run(python('print("x" * 300_000); print("done")'))
    assert ran.tail.endswith("done")
    assert max(map(len, ran.tail.splitlines())) <= 16_384


def test_the_file_keeps_the_first_and_the_last_lines(tmp_path: Path) -> None:
    log = KeptLog(tmp_path / "log.txt", first=50, last=50)
    for number in range(100):
        log.add(f"line {number}")
    log.save()
    text = (tmp_path / "log.txt").read_text()
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 98\nline 99\n")
    assert "lines are left out here" in text
    assert len(text) < 150


def test_at_the_deadline_all_that_was_started_is_ended(step: Step) -> None:
    spawn = "import os, subprocess, sys, time; print(subprocess.Popen([sys.executable, *sys.argv[1:]]).pid, flush=True)"
    sleeper = "import time; time.sleep(60)"
    code = f"{PYTHON} -c '{spawn}; time.sleep(60)' -c '{sleeper}' | cat"
    ran = step.run(f"trap '' TERM; {code}", seconds=1.5)
    assert ran.timed_out
    assert not ran.succeeded
    assert_gone(int(ran.tail.split()[0]))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions of this kind")
def test_at_the_deadline_what_has_a_session_of_its_own_is_ended_too(step: Step) -> None:
    code = (
        "import subprocess, sys, time; "
        'child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True); '
        "print(child.pid, flush=True); time.sleep(60)"
    )
    ran = step.run(python(code), seconds=1.5)
    assert ran.timed_out
    assert_gone(int(ran.tail.split()[0]))


def test_a_process_that_is_left_behind_holds_nobody_up(step: Step) -> None:
    stay = "import os, pathlib, time; pathlib.Path(chr(112)).write_text(str(os.getpid())); time.sleep(240)"
    ran = step.run(f"{python(stay)} & while ! test -s p; do sleep 0.1; done")
    left = psutil.Process(int((step.root / "p").read_text()))
    assert (ran.code, ran.timed_out, left.is_running()) == (0, False, True)
    left.kill()


def test_what_a_command_writes_for_later_ones_holds_for_them(step: Step) -> None:
    shell = step.shell({})
    first = r"""
        echo PLAIN=a=b >> "$GITHUB_ENV"
        printf 'LONG<<END\none\ntwo\nEND\nNEXT=1\n' >> "$GITHUB_ENV"
        mkdir tools; echo 'echo tool' > tools/a-tool-of-ours; chmod +x tools/a-tool-of-ours
        echo "$PWD/tools" >> "$GITHUB_PATH"
    """
    assert shell.run(first, Deadline.after(30)).succeeded
    ran = shell.run('echo "$PLAIN|$LONG|$NEXT"; a-tool-of-ours', Deadline.after(30))
    assert ran.tail.splitlines() == ["a=b|one", "two|1", "tool"]


def test_a_step_can_not_set_what_is_the_runners() -> None:
    found = after_step({"PATH": "p", "GITHUB_SHA": "right"}, "GITHUB_SHA=wrong\nRUNNER_OS=x\nA=1\nnonsense\n", "", ":")
    assert found == {"PATH": "p", "GITHUB_SHA": "right", "A": "1"}


def test_no_token_and_no_file_of_our_own_step_reaches_a_command(step: Step) -> None:
    ours = {"GITHUB_OUTPUT": "ours", "GITHUB_STEP_SUMMARY": "ours", "GITHUB_STATE": "ours", "GITHUB_ENV": "ours"}
    secret = {"INPUT_GITHUB_TOKEN": "s3cret", "ACTIONS_RUNTIME_TOKEN": "s3cret", "GITHUB_TOKEN": "s3cret"}
    kept = {"GITHUB_REPOSITORY": "o/r", "GITHUB_ACTIONS": "true"}
    ran = step.run("env", {**ours, **secret, **kept})
    assert "s3cret" not in ran.tail
    assert "=ours" not in ran.tail
    assert {f"{name}={value}" for name, value in kept.items()} <= set(ran.tail.splitlines())


def test_a_command_may_write_to_the_files_of_a_step(step: Step) -> None:
    names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_STATE", "GITHUB_ENV", "GITHUB_PATH")
    assert step.run("\n".join(f'echo "a=b" >> "${name}"' for name in names)).succeeded


def test_without_bash_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no bash on PATH") as refused:
        find_bash({"PATH": str(tmp_path)})
    assert "Git" in refused.value.do


def assert_gone(pid: int) -> None:
    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        return
