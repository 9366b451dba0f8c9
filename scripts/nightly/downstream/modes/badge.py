"""Write a badge of how many dependencies are really nightlies, for https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.data import Unreadable, load
from nightly.downstream.proving.badge import badge
from nightly.downstream.records.proof import Proof
from nightly.errors import UserError
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("report", "report.json", "The report of a run, or the proof that `nightlies verify --output` wrote."),
    Input("output", "badge.json", "The file to write."),
)


@dataclass(frozen=True)
class _Report:
    """What of a report a badge needs."""

    proof: Proof | None


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Returns 0. A report of a run that proved nothing makes a badge that says so.

    Raises:
        UserError: the report can't be read, or the badge can't be written.
    """
    del patience
    given = parse_inputs("nightlies badge", str(__doc__), INPUTS, argv, environ)
    made = badge(_proof(Path(given["report"])))
    try:
        Path(given["output"]).write_text(json.dumps(made) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unusable("badge", given["output"], str(error.strerror)) from error
    runner.line(json.dumps(made))
    return 0


def _proof(path: Path) -> Proof | None:
    try:
        return _load(path)
    except (OSError, Unreadable) as error:
        said = str(error.strerror if isinstance(error, OSError) else error)
        raise _unusable("report", str(path), said) from error


def _load(path: Path) -> Proof | None:
    try:
        return load(_Report, path).proof
    except Unreadable:
        return load(Proof, path)


def _unusable(what: str, path: str, said: str) -> UserError:
    return UserError(
        f"The {what} {path!r} can't be used: {said}.",
        title="No badge",
        do="Name the report.json of a run, or what `nightlies verify --output proof.json` wrote, by --report.",
        exit_code=2,
    )
