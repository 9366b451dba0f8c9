"""Writers to a directory channel in processes of their own, which can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

HERE = Path(__file__).parent

_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.truncate"}


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program of this directory, and wait until it's about to begin."""
    process = subprocess.Popen(
        [sys.executable, HERE / program, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent / "scripts"), str(HERE)])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> int:
    """Wait for its end. Returns the exit code."""
    with process:
        return process.wait()


def die_at(step: int) -> None:
    """Kill this process just before its so-manieth change of the file system from now on, if that is positive."""
    steps = count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        changes = event in _CHANGES or (event == "open" and str(arguments[1]) not in {"r", "rb", "None"})
        if changes and next(steps) == step:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    sys.addaudithook(hook)
