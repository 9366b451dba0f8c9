"""Asking an installer as it will be run: with the files of a plan beside the constraints that the user has set."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.downstream.planning.constraints import installer_variables
from nightly.errors import UserError


@dataclass(frozen=True)
class Question:
    """A command, where it is run and with which variables, and what it reads."""

    command: Sequence[str]
    cwd: Path
    environ: Mapping[str, str]
    reads: str = ""


def ask(question: Question) -> subprocess.CompletedProcess[str]:
    """Run it. What it says is in `stdout`, all of it.

    Raises:
        UserError: it can't be run.
    """
    try:
        return subprocess.run(
            question.command,
            check=False,
            cwd=question.cwd,
            env=question.environ,
            input=question.reads,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise UserError(
            f"{question.command[0]!r} can't be run: {error.strerror}.",
            title="No installer",
            means="It's broken, or made for another system.",
            do="Install it again, or take it off PATH.",
        ) from error


def with_files(environ: Mapping[str, str], directory: Path, constraints: str, overrides: str = "") -> dict[str, str]:
    """The variables, and those that name files of this text, which are written to a directory.

    They are what an installation gets: flags would put the user's own variables of uv out of force, and pip up to 26.1
    keeps to the variables, but to no flags, where it installs what a build needs.
    """
    file = _written(directory / "constraints.txt", constraints)
    overriding = _written(directory / "overrides.txt", overrides) if overrides else None
    return {**environ, **installer_variables(file, overriding, environ)}


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
