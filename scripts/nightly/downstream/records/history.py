"""What earlier weeks have shown: kept as an artifact, as an issue is there only while something is wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Week:
    """One run: how it ended, of whom, and how many nightlies were really there ("5 of 6")."""

    at: datetime
    outcome: str
    culprits: tuple[str, ...]
    proved: str
    run_url: str


@dataclass(frozen=True)
class Known:
    """A project's nightly in the last green run; its wheels' hashes, as cells may have had different ones.

    `uploaded_at` is when the first of them was, as what came after that is what is new.
    """

    name: str
    version: str
    sha256s: tuple[str, ...]
    commit: str | None = None
    uploaded_at: datetime | None = None


@dataclass(frozen=True)
class Green:
    """The last run that was green."""

    at: datetime
    run_url: str
    packages: tuple[Known, ...]


@dataclass(frozen=True)
class History:
    """The last runs, newest first, and the last green one, None where there is none that's known."""

    weeks: tuple[Week, ...] = ()
    green: Green | None = None
