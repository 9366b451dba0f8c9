"""git, as it is installed, asked about a checkout."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from nightly.actions import printable
from nightly.errors import UserError

_LONGEST = 120
"""In seconds."""


def ask_git(checkout: Path, *arguments: str, environ: Mapping[str, str]) -> str:
    """What git answers in a checkout, without the newline at the end.

    Raises:
        UserError: there's no git, it isn't a checkout, or git fails.
    """
    done = _run(checkout, arguments, environ)
    if done.returncode:
        raise _failed(checkout, arguments, done.stderr)
    return done.stdout.rstrip("\n")


def try_git(checkout: Path, *arguments: str, environ: Mapping[str, str]) -> str | None:
    """The same where it may well fail: None if it does.

    Raises:
        UserError: there's no git.
    """
    done = _run(checkout, arguments, environ)
    return None if done.returncode else done.stdout.rstrip("\n")


def _run(checkout: Path, arguments: tuple[str, ...], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", "-C", str(checkout), *arguments],
            check=False,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(checkout, arguments, str(error)) from error


def _failed(checkout: Path, arguments: tuple[str, ...], said: str) -> UserError:
    return UserError(
        f"git can't say what it is asked for in {str(checkout)!r} (git {arguments[0]}): {printable(said).strip()}",
        title="git failed",
        means="Usually it isn't a checkout of git, has no commit yet, or belongs to another user of the system.",
        do="Name the directory of a checkout; in a workflow, let actions/checkout make it.",
    )
