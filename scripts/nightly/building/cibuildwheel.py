"""cibuildwheel, which builds, repairs and tests: the caller's own one, else the one that our lock names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nightly.actions import Runner, printable
from nightly.building.identifiers import PURE, parse_identifier
from nightly.building.records import Target
from nightly.errors import UserError
from nightly.tooling import tool

_NAME = "cibuildwheel"
_OLDEST_PYTHON = (3, 11)
_LINES_SHOWN = 12


@dataclass(frozen=True)
class Cibuildwheel:
    """A command for the package in `package`, run in `project`, with the settings in a file if there is one."""

    command: tuple[str, ...]
    package: Path
    project: Path
    config: Path | None
    environ: Mapping[str, str] = field(repr=False)

    def identifiers(self, target: Target) -> tuple[str, ...]:
        """The build identifiers of what it would build for a target; `pure` has its own.

        Raises:
            UserError: it fails, mostly because of the settings.
        """
        if target.platform == PURE:
            return (PURE,)
        done = subprocess.run(
            self._words(target, "--print-build-identifiers"),
            cwd=self.project,
            env=self._variables(target),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise _cannot_say(target, done.stderr or done.stdout)
        return tuple(_identifier(target, line) for line in done.stdout.split())

    def build(self, target: Target, output: Path, variables: Mapping[str, str]) -> int:
        """Build, repair and test the wheels of a target. Returns its exit code; what it says goes to the log."""
        words = self._words(target, "--output-dir", str(output))
        environ = {**self._variables(target), **variables}
        return subprocess.run(words, cwd=self.project, env=environ, stdin=subprocess.DEVNULL, check=False).returncode

    def _words(self, target: Target, *options: str) -> tuple[str, ...]:
        config = ("--config-file", str(self.config)) if self.config else ()
        where = ("--platform", target.platform, "--archs", target.arch)
        # On Linux, a package has to be below the working directory, which goes into the container.
        package = self.package.relative_to(self.project).as_posix()
        return (*self.command, *where, *config, *options, package)

    def _variables(self, target: Target) -> dict[str, str]:
        return {**self.environ, **({"CIBW_BUILD": target.build} if target.build else {})}


def find_cibuildwheel(environ: Mapping[str, str], runner: Runner) -> tuple[str, ...]:
    """The command: a program on PATH, as whoever put it there wants that one, else ours.

    Raises:
        UserError: it can't be installed.
    """
    if found := shutil.which(_NAME, path=environ.get("PATH")):
        runner.line(f"The cibuildwheel on PATH is used: {found}")
        return (found,)
    if sys.version_info < _OLDEST_PYTHON:
        raise UserError(
            f"cibuildwheel needs Python 3.11 or newer, and this is {sys.version.split()[0]}.",
            title="Old Python",
            do="In a workflow, let actions/setup-python choose a newer one before this step.",
        )
    return tool(_NAME, environ)


def _identifier(target: Target, line: str) -> str:
    try:
        return parse_identifier(line).text
    except ValueError as error:
        raise _cannot_say(target, f"It printed {line!r}, which is no build identifier.") from error


def _cannot_say(target: Target, said: str) -> UserError:
    lines: Sequence[str] = [line for line in printable(said).splitlines() if line.strip()]
    return UserError(
        f"cibuildwheel can't say what it would build for {target.name}. It said:\n" + "\n".join(lines[-_LINES_SHOWN:]),
        title="cibuildwheel failed",
        means="Usually its settings, in pyproject.toml or in the file that `driver_config` names, have a mistake.",
        do="Correct them. `cibuildwheel --print-build-identifiers` shows the same on your machine.",
    )
