"""The Python for which is planned, as that Python itself says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import packaging

from nightly.actions import printable
from nightly.data import Unreadable, parse
from nightly.errors import UserError

_ASKED = Path(__file__).with_name("asked.py")
"""What the other Python runs."""

_SECONDS = 60.0
_LINES_SHOWN = 8


@dataclass(frozen=True)
class Interpreter:
    """A Python of an environment, which may be another than ours, as `asked.py` prints it.

    `path` is its executable, `version` like "3.13.1", `platform` as sysconfig names it ("linux-x86_64"). `tags` are
    those of the wheels that it can install, the best first; `markers` the values of PEP 508's variables; `pip` its
    version of pip, None where it has none. `prefix` is the environment's directory, and `site_packages` are the
    directories that it imports from.
    """

    path: str
    version: str
    platform: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]
    pip: str | None
    prefix: str
    site_packages: tuple[str, ...]


def describe(python: str) -> Interpreter:
    """Ask a Python (3.8 or newer) what it is.

    Raises:
        UserError: it can't be run, or is too old.
    """
    said = _ask(python)
    try:
        return parse(Interpreter, said, "the answer")
    except Unreadable as error:
        raise _unusable(python, said) from error


def default_python(environ: Mapping[str, str]) -> str:
    """The path of the `python` or `python3` that is first on PATH.

    Raises:
        UserError: there's none.
    """
    path = environ.get("PATH", os.defpath)
    found = shutil.which("python", path=path) or shutil.which("python3", path=path)
    if found is None:
        raise UserError(
            "There is neither a python nor a python3 on PATH.",
            title="No Python",
            do="In a workflow, add a step that uses actions/setup-python before this one; elsewhere, say which Python "
            "is meant by the input `python`.",
        )
    return found


def _ask(python: str) -> str:
    # Our own `packaging` is lent to it: the environment needs none, and what it has may be old.
    command = [python, "-I", "-X", "utf8", str(_ASKED), str(Path(packaging.__file__).parent.parent)]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise _unusable(python, str(error)) from error
    if done.returncode:
        raise _unusable(python, done.stderr)
    return done.stdout.rstrip().rpartition("\n")[2]


def _unusable(python: str, said: str) -> UserError:
    lines = [line for line in printable(said).splitlines() if line.strip()]
    return UserError(
        f"The Python {python!r} doesn't say what it is. It said:\n" + "\n".join(lines[-_LINES_SHOWN:]),
        title="No Python",
        means="It isn't there, isn't a Python, or is older than 3.8.",
        do="Give the path of the python (on Windows python.exe) of the environment by the input `python`.",
    )
