"""Running whole processes, and what that took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Sample
from nightly.errors import UserError

_KEPT = ("PATH", "TMPDIR", "LANG", "LD_LIBRARY_PATH")
_LINES_SHOWN = 20


@dataclass(frozen=True)
class Call:
    """A process to run, and its whole environment."""

    command: tuple[str, ...]
    environ: Mapping[str, str]


def bare_environ(home: Path) -> dict[str, str]:
    """An environment with another home, and nothing of the user's settings."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"HOME": str(home)}


def user_environ(home: Path) -> dict[str, str]:
    """The user's environment, which may say how a registry is reached, with another home and nothing in pip's cache."""
    dropped = ("INPUT_", "GITHUB_", "RUNNER_", "NIGHTLY_", "XDG_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"HOME": str(home), "PIP_CACHE_DIR": str(home / "pip-cache")}


def measured(call: Call, log: Path) -> Sample:
    """Run a process to its end, with its output in the file `log`.

    The peak memory is the largest resident set of the process and of those that it waited for. The system counts
    from the fork, so it is at least this process's own, which is why this one is kept small.

    Raises:
        UserError: it failed; with the end of what it said.
    """
    if sys.platform == "win32":
        raise UserError("Windows doesn't tell a process's peak memory when it ends.", do="Use Linux or macOS.")
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            call.command, env=call.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise _failed(call.command, process.returncode, log)
    return Sample(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def _failed(command: Sequence[str], code: int, log: Path) -> UserError:
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES_SHOWN:]
    return UserError(f"{command[0]} ended with {code}, so nothing was measured. It said:\n" + "\n".join(said))
