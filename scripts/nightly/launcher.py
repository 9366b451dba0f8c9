"""Finds a command, installs what its lock names, and runs it in this process.

The standard library is all there is before that. The user's Python, PATH and working directory are left as found.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly import pip
from nightly.actions import Runner
from nightly.cache import VARIABLE, cache_dir, kept, key_of
from nightly.errors import UserError

SCRIPTS = Path(__file__).resolve().parent.parent

ELSEWHERE = ("cleanup/cleanup.py", "cleanup/freshness.py")
"""The commands that aren't files of `scripts`, from the folder above it."""

UNLOCKED = frozenset({"report-upload"})
"""The commands that need the standard library alone, so that they run where nothing can be installed."""


@dataclass(frozen=True)
class Command:
    """A module with `main(argv) -> exit code`, and the lock beside it of what it imports, if that's anything."""

    name: str
    module: Path

    @property
    def lock(self) -> Path | None:
        return None if self.name in UNLOCKED else self.module.with_name("requirements.txt")

    @property
    def summary(self) -> str:
        docstring = ast.get_docstring(ast.parse(self.module.read_bytes())) or ""
        return docstring.partition("\n")[0]


def commands(scripts: Path) -> dict[str, Command]:
    """Every file of `scripts` is a command, and so is what is `ELSEWHERE`, where it is there."""
    modules = [*scripts.glob("*.py"), *(path for name in ELSEWHERE for path in scripts.parent.glob(name))]
    named = {module.stem.replace("_", "-"): module for module in modules if module.name != "__main__.py"}
    return {name: Command(name, named[name]) for name in sorted(named)}


def usage(known: Mapping[str, Command]) -> str:
    """What there is to run, a line each."""
    width = max(map(len, known), default=0)
    lines = [f"  {name:{width}}  {command.summary}" for name, command in known.items()]
    return "\n".join(["usage: python3 scripts COMMAND [--help]", "", *lines])


def main(argv: Sequence[str]) -> int:
    """Run a command. Returns its exit code, or 2 where there's no such command."""
    known = commands(SCRIPTS)
    if not argv or argv[0] in {"-h", "--help"}:
        print(usage(known))
        return 0
    name, *rest = argv
    if name not in known:
        print(f"There is no command {name!r}.\n\n{usage(known)}", file=sys.stderr)
        return 2
    lock = known[name].lock
    try:
        libraries = installed(lock, os.environ) if lock else None
    except UserError as error:
        Runner.from_environ(os.environ, sys.stdout).fail(error)
        return error.exit_code
    return load(known[name], libraries)(rest)


def installed(lock: Path, environ: Mapping[str, str]) -> Path:
    """A directory with what the lock names: a new one on a runner, which empties RUNNER_TEMP, else one that's kept.

    A runner keeps it too where it's told to, by the variable that names the cache.

    Raises:
        UserError: it can't be installed.
    """

    def fill(directory: Path) -> None:
        pip.require_pip()
        pip.install(sys.executable, lock, "--target", str(directory))

    if environ.get(VARIABLE) or not environ.get("RUNNER_TEMP"):
        return kept(cache_dir(environ, sys.platform), key_of(lock), fill)
    directory = Path(tempfile.mkdtemp(prefix="upload-nightly-", dir=environ["RUNNER_TEMP"]))
    fill(directory)
    return directory


def load(command: Command, libraries: Path | None) -> Callable[[Sequence[str]], int]:
    """Import the command's module and return its `main`. Its libraries come before those of this Python."""
    ours = [SCRIPTS, command.module.parent, *([libraries] if libraries else [])]
    sys.path[:0] = dict.fromkeys(map(str, ours))
    run: Callable[[Sequence[str]], int] = importlib.import_module(command.module.stem).main
    return run
