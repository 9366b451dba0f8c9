"""The files that a cleanup reads and leaves behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

from nightly.errors import UserError
from plan import Plan
from planfile import BadPlan, plan_json, read_plan
from result import Result


def load_plan(path: str) -> Plan:
    """Read a plan's file.

    Raises:
        UserError: it isn't there, or isn't a plan.
    """
    try:
        return read_plan(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, BadPlan) as error:
        raise UserError(
            f"{path} can't be read as a plan: {error}.",
            title="No plan",
            means="Usually the path is wrong, or the file is another one, or was edited.",
            do="Give the file that `cleanup plan` has written, as it was written.",
            exit_code=2,
        ) from error


def save_plan(plan: Plan, output: str, temp: Path | None) -> Path:
    """Write a plan to `output`, or to a new directory in `temp`.

    Raises:
        UserError: it can't be written.
    """
    path = Path(output or Path(tempfile.mkdtemp(prefix="upload-nightly-", dir=temp)) / "plan.json")
    return _write(path, plan_json(plan))


def save_result(result: Result, plan: Path) -> Path:
    """Write what became of a plan beside its file.

    Raises:
        UserError: it can't be written.
    """
    return _write(plan.with_name("result.json"), result.json)


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(
            f"{path} can't be written: {error}.", title="Not written", do="Give a path that can be written to."
        ) from error
    return path
