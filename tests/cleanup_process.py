"""The cleanup command as a process of its own: `cleanup_process.py DIE_AT ARGUMENT...`.

With a positive DIE_AT it kills itself just before its so-manieth change of the file system.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cleanup
from cleaning import Cleaning
from directory_processes import die_at

HERE = Path(__file__).resolve().parent
PLACES = [HERE.parent / "cleanup", HERE.parent / "scripts", HERE]


def start(cleaning: Cleaning, *argv: str, step: int = 0) -> subprocess.Popen[str]:
    """Start the command on a channel, as a step of a job, whose files are in the folder `runner`."""
    runner = cleaning.root / "runner"
    runner.mkdir(exist_ok=True)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "GITHUB_"))}
    ours |= {"PYTHONPATH": os.pathsep.join(map(str, PLACES)), "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(runner)}
    ours |= {"GITHUB_OUTPUT": str(runner / "outputs"), "GITHUB_STEP_SUMMARY": str(runner / "summary")}
    return subprocess.Popen(
        [sys.executable, "-X", "utf8", __file__, str(step), *argv],
        env=ours | cleaning.inputs(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for its end. Returns the exit code and what it printed."""
    with process:
        output, _ = process.communicate()
    return process.returncode, output


if __name__ == "__main__":
    die_at(int(sys.argv[1]))
    sys.exit(cleanup.main(sys.argv[2:]))
