"""What twine says of the files, before an index says it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def twine_faults(found: Iterable[Distribution], environ: Mapping[str, str]) -> Iterator[Fault]:
    """What `twine check --strict` refuses, in its own words.

    It looks at the metadata alone, but hashes the whole file: so it's given one file for all of the same metadata.

    Raises:
        UserError: twine can't be installed.
    """
    same: dict[str, list[Distribution]] = {}
    for each in sorted(found, key=lambda each: (each.size, each.filename)):
        same.setdefault(each.metadata_sha256, []).append(each)
    paths = [own[0].path for own in same.values()]
    command = (*tool("twine", environ), "check", "--strict") if paths else ()
    plain = {name: value for name, value in environ.items() if name not in _COLOURED} | _PLAIN
    for first in range(0, len(paths), _AT_ONCE):
        yield from _run(command, [str(path.absolute()) for path in paths[first : first + _AT_ONCE]], plain)


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
        f"`twine check --strict` says (of one file for all of the same metadata):\n{told}\n",
        "Usually the project's description can't be rendered, or its format isn't said; indexes show it as plain text, "
        "or refuse it.",
        "Mend `readme` in pyproject.toml, and build again.",
    )
