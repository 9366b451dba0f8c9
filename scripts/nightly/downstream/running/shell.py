"""A user's command, run as a step of a workflow runs it: by bash, which ends at the first error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightly.actions import printable
from nightly.downstream.running.processes import end_tree, start
from nightly.downstream.running.said import KeptLog, Relay, Tell
from nightly.downstream.running.step_files import STEP_FILES, after_step, without_ours
from nightly.errors import UserError

_LEFT_BEHIND = 2.0
"""In seconds: how long a process that a command left behind may still say something."""


@dataclass(frozen=True)
class Deadline:
    """A moment of time.monotonic, in seconds."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        return max(0.0, self.at - time.monotonic())


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code (negative for a signal), and the last lines of what it said."""

    code: int
    tail: str
    timed_out: bool = False

    @property
    def succeeded(self) -> bool:
        return self.code == 0 and not self.timed_out


@dataclass(frozen=True)
class Shell:
    """Runs commands in `directory`. What one of them writes to GITHUB_ENV and GITHUB_PATH holds for the next.

    `scratch` is a directory for those files. Lines go to `tell` and to the `log`; `grace` is in seconds.
    """

    directory: Path
    scratch: Path
    given: Mapping[str, str] = field(repr=False)
    tell: Tell
    log: KeptLog
    bash: str
    grace: float = 5.0

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the next command."""
        files = {name: self.scratch / name.lower() for name in STEP_FILES}
        for path in files.values():
            path.touch()
        variables, paths = (_text(files[name]) for name in ("GITHUB_ENV", "GITHUB_PATH"))
        given = {**without_ours(self.given), **{name: str(path) for name, path in files.items()}}
        return after_step(given, variables, paths, os.pathsep)

    def run(self, command: str, deadline: Deadline, variables: Mapping[str, str] | None = None) -> Ran:
        """Run a command, with these variables too, and end it with all that it has started at the deadline."""
        self._say(f"$ {command.strip()}")
        inlet, outlet = os.pipe()
        relay = Relay(inlet, self.tell, self.log)
        try:
            bash = (self.bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command)
            process = start(bash, {**self.environ, **(variables or {})}, self.directory, outlet)
        finally:
            os.close(outlet)
            relay.start()
        try:
            process.wait(deadline.left)
        except subprocess.TimeoutExpired:
            timed_out = True
        else:
            timed_out = False
        finally:
            if process.poll() is None:
                end_tree(process, self.grace)
            tail = relay.finish(_LEFT_BEHIND)
            self.log.save()
        return Ran(process.returncode, tail, timed_out)

    def _say(self, text: str) -> None:
        self.tell(text)
        for line in printable(text).splitlines():
            self.log.add(line)


def find_bash(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """The bash that a step of a workflow gets. On Windows that is Git's, as the system's own one starts Linux.

    Raises:
        UserError: there's none.
    """
    path = environ.get("PATH")
    git = shutil.which("git", path=path) if platform == "win32" else None
    beside = [each / "bin" / "bash.exe" for each in Path(git).resolve().parents[1:4]] if git else []
    found = next((str(each) for each in beside if each.is_file()), None) or shutil.which("bash", path=path)
    if found is None:
        raise UserError(
            "There is no bash on PATH.",
            title="No bash",
            means="The commands that install and test are run by bash, on every system.",
            do="Install it; on Windows it comes with Git.",
        )
    return found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")
