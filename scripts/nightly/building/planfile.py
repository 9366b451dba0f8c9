"""The plan, handed over from the job that made it to those that build."""

from __future__ import annotations

from pathlib import Path

from nightly.building.records import BuildPlan, Target
from nightly.data import Unreadable, load, parse
from nightly.errors import UserError, bad_input
from nightly.options import Input

PLAN = Input("plan", "", "The file build-plan.json of the mode plan, or a directory with it.")
TARGET = Input("target", "", "The entry of the matrix, as JSON.")

PLAN_FILE = "build-plan.json"


def read_plan(value: str) -> BuildPlan:
    """The plan in a file, or in a directory.

    Raises:
        UserError: it isn't there, or can't be read.
    """
    path = Path(value)
    try:
        return load(BuildPlan, path / PLAN_FILE if path.is_dir() else path)
    except (OSError, Unreadable) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise UserError(
            f"The plan {value!r} can't be read: {said}.",
            title="No plan",
            do=f"Name the {PLAN_FILE} that the mode plan has written.",
            exit_code=2,
        ) from error


def read_target(value: str) -> Target:
    """An entry of the matrix.

    Raises:
        UserError: it isn't one.
    """
    try:
        return parse(Target, value, "the target")
    except Unreadable as error:
        raise bad_input("target", value, f"an entry of the matrix as JSON ({error})") from error
