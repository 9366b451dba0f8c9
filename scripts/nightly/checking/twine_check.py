"""What twine says of the files, before an index says it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nightly.actions import printable
from nightly.checking.distributions import Distribution
from nightly.checking.faults import Fault
from nightly.tooling import LOCKS, tool

_AT_ONCE = 50
"""How many files are named in a command line, which Windows limits."""

_PLAIN = {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "1000"}
"""Lines as they are: on a terminal that is called dumb, they are broken after 80 characters."""

_COLOURED = ("FORCE_COLOR", "CLICOLOR_FORCE")


def of_each_metadata(found: Iterable[Distribution]) -> tuple[Path, ...]:
    """The smallest file for each metadata that there is: twine looks at nothing else, but hashes a file whole."""
    smallest: dict[str, Path] = {}
    for each in sorted(found, key=lambda each: (each.size, each.filename)):
        smallest.setdefault(each.metadata_sha256, each.path)
    return tuple(smallest.values())


def twine_faults(paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[Fault, ...]:
    """What `twine check --strict` refuses, in its own words.

    Raises:
        UserError: twine can't be installed.
    """
    command = (*tool("twine", environ), "check", "--strict") if paths else ()
    plain = {name: value for name, value in environ.items() if name not in _COLOURED} | _PLAIN
    parts = [paths[first : first + _AT_ONCE] for first in range(0, len(paths), _AT_ONCE)]
    return tuple(fault for part in parts for fault in _run(command, [str(path.absolute()) for path in part], plain))


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
        "Usually the project's description can't be rendered, or its format isn't said, so that indexes show it as "
        "plain text, or refuse it; or an old build backend wrote metadata that contradict their version.",
        "Mend `readme` in pyproject.toml, or raise the build backend's version, and build again.",
    )
