"""The user's commands as inputs: what installs, what tests, where, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nightly.actions import Runner
from nightly.downstream.proving.fetching import PlannedRecords
from nightly.downstream.running.cell import Bench, Work
from nightly.downstream.running.place import Place
from nightly.downstream.running.said import KeptLog
from nightly.downstream.running.shell import Shell, find_bash
from nightly.errors import bad_input
from nightly.options import Input, whole_number
from nightly.patience import Patience

_LONGEST_JOB = 360
_FOR_THE_REST = 0.05
"""Of the time: for proving and reporting, as a job that is cut off says nothing."""

COMMAND_INPUTS = (
    Input("install", "", "The command that installs the project with what its tests need."),
    Input("test", "", "The command that runs the tests."),
    Input("timeout_minutes", "60", f"How long installing and testing may take, in minutes, from 1 to {_LONGEST_JOB}."),
    Input("working_directory", ".", "Where the project is, and where the commands run."),
    Input("attempt", "", "Which attempt of the run it is. If empty, what GITHUB_RUN_ATTEMPT says, else 1."),
)


def work_asked(given: Mapping[str, str]) -> Work:
    """What the inputs ask for.

    Raises:
        UserError: one of them can't be.
    """
    for name in ("install", "test"):
        if not given[name].strip():
            raise bad_input(name, given[name], "a command")
    directory = Path(given["working_directory"] or ".")
    if not directory.is_dir():
        raise bad_input("working_directory", given["working_directory"], "a directory that is there")
    minutes = whole_number("timeout_minutes", given["timeout_minutes"], 1, _LONGEST_JOB)
    return Work(given["install"], given["test"], directory.resolve(), 60 * minutes * (1 - _FOR_THE_REST))


def attempt_asked(given: Mapping[str, str], environ: Mapping[str, str]) -> int:
    """Which attempt of the run it is, from 1.

    Raises:
        UserError: it's no number.
    """
    return whole_number("attempt", given["attempt"] or environ.get("GITHUB_RUN_ATTEMPT") or "1", 1, 999_999)


def open_bench(work: Work, place: Place, environ: Mapping[str, str], runner: Runner, patience: Patience) -> Bench:
    """A shell and what else is needed to do the work.

    Raises:
        UserError: there's no bash.
    """
    shell = Shell(work.directory, place.scratch, environ, runner.line, KeptLog(place.log), find_bash(environ))
    return Bench(work, shell, place, PlannedRecords(patience))
