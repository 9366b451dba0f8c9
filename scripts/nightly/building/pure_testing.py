"""Testing a wheel that runs everywhere: installed in a clean environment, as cibuildwheel does it with the others."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nightly.actions import Runner
from nightly.downstream.running.shell import find_bash
from nightly.downstream.running.step_files import without_ours
from nightly.errors import UserError


def test_wheel(wheel: Path, command: str, source: Path, environ: Mapping[str, str], runner: Runner) -> None:
    """Install a wheel with what it requires, and run the command in an empty directory.

    `{project}` and `{package}` in the command are the source, `{wheel}` is the file.

    Raises:
        UserError: it can't be installed, or the test fails.
    """
    scratch = Path(tempfile.mkdtemp(prefix="test-", dir=runner.temp))
    place = scratch / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    variables = {**without_ours(environ), "PATH": os.pathsep.join((str(place), environ.get("PATH", "")))}
    _run((sys.executable, "-I", "-m", "venv", str(scratch / "venv")), scratch, variables, "No venv")
    _run((str(place / "python"), "-m", "pip", "install", str(wheel)), scratch, variables, "Cannot install")
    for name, path in {"project": source, "package": source, "wheel": wheel}.items():
        command = command.replace(f"{{{name}}}", path.as_posix())
    runner.line(f"$ {command}")
    bash = (find_bash(environ), "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command)
    _run(bash, scratch, variables, "Tests failed")


def _run(command: tuple[str, ...], cwd: Path, environ: Mapping[str, str], title: str) -> None:
    done = subprocess.run(command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise UserError(
            f"Testing the wheel ended with {done.returncode}: {command[-1]}",
            title=title,
            means="What it said is in the log above.",
            do="Correct the source, or the input `test_command`, which runs by bash in an empty directory.",
        )
