"""A fresh environment, what pip installs into it from a channel, and the command that tries it."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.auth import without_passwords
from nightly.data import Unreadable
from nightly.downstream.running.said import KeptLog, Tell
from nightly.downstream.running.shell import Deadline, Shell, find_bash
from nightly.errors import UserError
from nightly.releasing.installed_from import Taken, read_taken
from nightly.releasing.published import Published
from nightly.venvs import make_venv, python_of

_PIP = "python -m pip install --no-cache-dir --no-input --disable-pip-version-check"
_REPORT = "INSTALL_REPORT"
_ELSEWHERE = ("PYTHONHOME", "PYTHONPATH")
"""They would let other packages in."""

_LINES_SHOWN = 8


@dataclass(frozen=True)
class Fresh:
    """A new environment that `shell` has first on PATH; commands run in an empty directory."""

    shell: Shell
    report: Path

    @classmethod
    def new(cls, temp: Path | None, environ: Mapping[str, str], tell: Tell) -> Fresh:
        """Make one below `temp`, or where the system keeps such.

        Raises:
            UserError: it can't be made, or there's no bash.
        """
        root = Path(tempfile.mkdtemp(prefix="install-", dir=temp))
        here, scratch, environment = (root / name for name in ("here", "scratch", "environment"))
        here.mkdir()
        scratch.mkdir()
        make_venv(environment)
        given = _activated(environment, environ)
        shell = Shell(here, scratch, given, tell, KeptLog(scratch / "log.txt"), find_bash(environ))
        return cls(shell, scratch / "report.json")

    def install(self, wanted: Sequence[Published], index_url: str, until: Deadline) -> Mapping[str, Taken]:
        """Have pip install these as a user would, with the channel's index beside the user's own.

        Returns what it has installed, by normalised names.

        Raises:
            UserError: pip failed, or the time is up.
        """
        projects = ",".join(each.project for each in wanted)
        words = ("--only-binary", projects, "--extra-index-url", index_url, *(each.requirement for each in wanted))
        command = f'{_PIP} --report "${_REPORT}" {shlex.join(words)}'
        done = self.shell.run(command, until, {_REPORT: str(self.report)})
        if not done.succeeded:
            raise _failed("pip", done.tail, timed_out=done.timed_out)
        try:
            return read_taken(self.report.read_bytes())
        except (OSError, Unreadable) as error:
            raise UserError(f"pip doesn't say what it has installed: {error}.", title="No report") from error

    def smoke(self, command: str, until: Deadline) -> None:
        """Run the user's command.

        Raises:
            UserError: it failed, or the time is up.
        """
        done = self.shell.run(command, until)
        if not done.succeeded:
            raise _failed("smoke_command", done.tail, timed_out=done.timed_out)


def _activated(environment: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What activating it does."""
    path = os.pathsep.join(filter(None, (str(python_of(environment).parent), environ.get("PATH"))))
    given = {name: value for name, value in environ.items() if name not in _ELSEWHERE}
    return {**given, "PATH": path, "VIRTUAL_ENV": str(environment)}


def _failed(what: str, tail: str, *, timed_out: bool) -> UserError:
    lines = [line for line in without_passwords(tail).splitlines() if line.strip()]
    said = "\n".join(lines[-_LINES_SHOWN:])
    if what == "pip":
        return UserError(
            f"pip {'took too long' if timed_out else 'could not install what was published'}. It said:\n{said}",
            title="Not installed",
            means="Users who install it now see the same: mostly something that it requires can't be had.",
            do="Correct its requirements, and publish again.",
        )
    return UserError(
        f"The smoke_command {'took too long' if timed_out else 'failed'}. It said:\n{said}",
        title="Smoke test",
        means="What was published installs, and doesn't work here.",
        do="Look into the log of this job, which has all that it said.",
    )
