"""Failures that are known: each with an issue, and a day from which it is known no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.requirements import Requirement

from nightly.downstream.proving.proof import Proof
from nightly.downstream.running.result import Failure, Known


@dataclass(frozen=True)
class Entry:
    """Tests of which `pattern` says (only `*` is special) that they fail, up to and with the day `expires`.

    Only with this `package` installed, if it names one.
    """

    pattern: str
    issue: str
    expires: date
    package: Requirement | None = None


def read_known(path: Path) -> tuple[Entry, ...]:
    """Read a file of known failures.

    Raises:
        UserError: it can't be read, or an entry isn't one.
    """
    raise NotImplementedError


def sort_out(
    entries: Sequence[Entry], failures: Sequence[Failure], passed: Collection[str], proof: Proof | None, today: date
) -> tuple[tuple[Failure, ...], tuple[Known, ...]]:
    """The failures that nothing excuses, and what became of the entries that concern this environment."""
    raise NotImplementedError
