"""Running `build` (pypa/build), which makes an sdist or a wheel in an environment of its own."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nightly.actions import Runner
from nightly.downstream.running.step_files import without_ours
from nightly.errors import UserError
from nightly.tooling import tool


def new_results(runner: Runner) -> Path:
    """A new directory for what is built."""
    return Path(tempfile.mkdtemp(prefix="built-", dir=runner.temp))


def make(kind: str, source: Path, environ: Mapping[str, str], runner: Runner) -> Path:
    """Build the source as an `sdist` or a `wheel`. What is said goes to the log.

    Raises:
        UserError: it fails, or makes no file.
    """
    results = new_results(runner)
    command = (*tool("build", environ), f"--{kind}", "--outdir", str(results), str(source))
    done = subprocess.run(command, env=without_ours(environ), stdin=subprocess.DEVNULL, check=False)
    files = sorted(results.iterdir())
    if done.returncode or len(files) != 1:
        raise build_failed(kind, done.returncode)
    return files[0]


def build_failed(what: str, code: int) -> UserError:
    """Say that a build ended, and how."""
    ended = f"ended with {code}" if code else "ended without an error, and without what it was to make"
    return UserError(
        f"Building the {what} {ended}.",
        title="Build failed",
        means="What it said is in the log above.",
        do="Correct the source, or its settings; the same commit gives the same result on your machine, with the "
        "variables that the step before this one shows.",
    )
