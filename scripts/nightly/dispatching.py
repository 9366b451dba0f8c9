"""A command that does one of several things: the first argument, or the input `mode`, says which."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nightly.actions import Runner
from nightly.errors import UserError
from nightly.options import Input
from nightly.patience import Patience

Mode = Callable[[Sequence[str], Mapping[str, str], Runner, Patience], int]

MODE = Input("mode", "", "What to do.")


@dataclass(frozen=True)
class Modes:
    """The modes of a command, each a module of the package with a function `run`, and what they are for."""

    command: str
    package: str
    meanings: Mapping[str, str]

    def main(self, argv: Sequence[str]) -> int:
        """What the command's own `main` does."""
        runner = Runner.from_environ(os.environ, sys.stdout)
        try:
            return self.run(argv, os.environ, runner, Patience())
        except UserError as error:
            runner.fail(error)
            return error.exit_code

    def run(self, argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
        """Do what the first argument says, or where there's none the variable of MODE.

        Raises:
            UserError: as the mode says.
        """
        words = list(argv) or [environ.get(MODE.variable, "")]
        name, *rest = words
        if name in {"-h", "--help"}:
            print(self.usage())
            return 0
        if name not in self.meanings:
            raise UserError(f"There is no mode {name!r}.\n{self.usage()}", title="Bad input", exit_code=2)
        return self._module(name)(rest, environ, runner, patience)

    def usage(self) -> str:
        """What there is to do, a line each."""
        lines = [f"  {name:10}  {means}" for name, means in self.meanings.items()]
        return "\n".join([f"usage: python3 scripts {self.command} MODE [--help]", "", *lines])

    def _module(self, name: str) -> Mode:
        """Imported when it's asked for: all of them take twice the time of one."""
        run: Mode = importlib.import_module(f"{self.package}.{name}").run
        return run
