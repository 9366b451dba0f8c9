"""Run the tests, in an environment made from tests/requirements.txt."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nightly.actions import Runner
from nightly.cache import cache_dir
from nightly.errors import UserError
from nightly.venvs import ensure_venv

PROCESSES = 4
"""However few the cores: most tests wait most of the time, for a server or a process."""

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str]) -> int:
    """Pass `argv` on to pytest, and return its exit code."""
    try:
        python = ensure_venv(ROOT / "tests" / "requirements.txt", cache=cache_dir(os.environ, sys.platform))
    except UserError as error:
        Runner.from_environ(os.environ, sys.stdout).fail(error)
        return error.exit_code
    # By whole files, which share what is slow to set up, and in their order.
    parallel = (f"--numprocesses={PROCESSES}", "--dist=loadfile", "--no-loadscope-reorder")
    return subprocess.run([str(python), "-m", "pytest", *parallel, *argv], cwd=ROOT, check=False).returncode
