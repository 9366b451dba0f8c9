"""Test a project against the nightlies of what it depends on, prove it, and tell which one broke it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from nightly.actions import Runner
from nightly.errors import UserError
from nightly.options import Input
from nightly.patience import Patience

Mode = Callable[[Sequence[str], Mapping[str, str], Runner, Patience], int]

MODES: Mapping[str, str] = {
    "plan": "Choose the nightlies for one Python, and write a plan and constraints.",
    "verify": "Hold what is installed against the plan.",
    "badge": "Write a badge of how many dependencies are really nightlies.",
    "snapshot": "In the workflow: what the channels offer, and the matrix.",
    "test": "In the workflow: install, prove and test, in one cell of the matrix.",
    "suspects": "In the workflow: which experiments would show who broke the tests.",
    "experiment": "In the workflow: run the failing tests with other nightlies.",
    "report": "In the workflow: what all of it shows, in the summary and one issue.",
}


MODE = Input("mode", "", "What to do.")


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return run(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Do what the first argument says, or where there's none the variable of MODE.

    Raises:
        UserError: as the mode says.
    """
    words = list(argv) or [environ.get(MODE.variable, "")]
    name, *rest = words
    if name in {"-h", "--help"}:
        print(usage())
        return 0
    if name not in MODES:
        raise UserError(f"There is no mode {name!r}.\n{usage()}", title="Bad input", exit_code=2)
    return _mode(name)(rest, environ, runner, patience)


def _mode(name: str) -> Mode:
    """Imported when it's asked for: all of them take twice the time of one."""
    run: Mode = importlib.import_module(f"nightly.downstream.modes.{name}").run
    return run


def usage() -> str:
    """What there is to do, a line each."""
    lines = [f"  {name:10}  {means}" for name, means in MODES.items()]
    return "\n".join(["usage: python3 scripts nightlies MODE [--help]", "", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
