"""What twine says of the files, before an index says it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nightly.actions import printable
from nightly.checking.faults import Fault
from nightly.tooling import LOCKS, tool

_AT_LEAST, _AT_ONCE = 20, 50
"""How many files are named in a command line: enough to be worth a process, and no more than Windows takes."""

_PLAIN = {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "1000"}
"""Lines as they are: on a terminal that is called dumb, they are broken after 80 characters."""

_COLOURED = ("FORCE_COLOR", "CLICOLOR_FORCE")


def twine_faults(paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[Fault, ...]:
    """What `twine check --strict` refuses, in its own words. It hashes every file, so several run side by side.

    Raises:
        UserError: twine can't be installed.
    """
    if not paths:
        return ()
    command = (*tool("twine", environ), "check", "--strict")
    plain = {name: value for name, value in environ.items() if name not in _COLOURED} | _PLAIN
    each = min(_AT_ONCE, max(_AT_LEAST, -(-len(paths) // _side_by_side())))
    parts = [[str(path.absolute()) for path in paths[first : first + each]] for first in range(0, len(paths), each)]
    with ThreadPoolExecutor(_side_by_side()) as pool:
        return tuple(fault for found in pool.map(lambda files: _run(command, files, plain), parts) for fault in found)


def _side_by_side() -> int:
    return os.cpu_count() or 1


def _run(command: Sequence[str], files: Sequence[str], environ: Mapping[str, str]) -> tuple[Fault, ...]:
    done = subprocess.run(
        [*command, *files],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return (_refused(done.stdout, files),) if done.returncode else ()


def twine_version() -> str:
    """As its lock has it."""
    found = re.search(r"^twine==(\S+)", (LOCKS / "twine.txt").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def _refused(said: str, files: Sequence[str]) -> Fault:
    for file in files:
        said = said.replace(file, Path(file).name)
    words = [line.rstrip() for line in printable(said).splitlines()]
    told = "\n".join(line for line in words if line and not line.endswith(": PASSED"))
    return Fault(
        "Refused by twine",
        "",
        f"`twine check --strict` says:\n{told}\n",
        "Usually the project's description can't be rendered, or its format isn't said; indexes show it as plain text, "
        "or refuse it.",
        "Mend `readme` in pyproject.toml, and build again.",
    )
