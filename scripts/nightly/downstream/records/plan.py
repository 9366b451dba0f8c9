"""Which nightly of each dependency one environment shall get, and why another gets none. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum


class State(str, Enum):
    """What becomes of a dependency; `FORCED` is installed though somebody caps it."""

    NIGHTLY = "nightly"
    FORCED = "forced"
    CAPPED = "capped"
    STALE = "stale"
    UNSUPPORTED = "unsupported"
    ABSENT = "absent"


@dataclass(frozen=True)
class Package:
    """One dependency: its state, and in words the `reason` for it where it isn't simply a nightly.

    `name` is normalised. `version`, `url`, `sha256`, `filename`, `uploaded_at` and `channel` are the chosen wheel's,
    also where that is capped or stale; None where there's none. `stable` is the version that is installed without the
    channel, None where that isn't known. `requirements` are those on a forced package as others state them
    ("dask[array]; sys_platform == 'linux'"), for an override drops what it doesn't repeat.
    """

    name: str
    state: State
    reason: str = ""
    version: str | None = None
    url: str | None = None
    sha256: str | None = None
    filename: str | None = None
    uploaded_at: datetime | None = None
    channel: str | None = None
    stable: str | None = None
    capped_by: str | None = None
    requirements: tuple[str, ...] = ()

    @property
    def is_planned(self) -> bool:
        return self.state in (State.NIGHTLY, State.FORCED)


@dataclass(frozen=True)
class Plan:
    """The plan of one environment, from the snapshot that was taken at `made_at`.

    `python` is its version (3.13.1), `platform` as sysconfig names it (linux-x86_64). `notes` are what a person should
    know besides: "cap goes back from 2.0 to 1.9, which allows this foo".
    """

    python: str
    platform: str
    made_at: datetime
    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()

    @property
    def planned(self) -> tuple[Package, ...]:
        return tuple(package for package in self.packages if package.is_planned)

    def only(self, names: Collection[str]) -> Plan:
        """The same with no other nightlies than these; the others are installed as if there were no channel."""
        kept = tuple(package for package in self.packages if package.name in names or not package.is_planned)
        return replace(self, packages=kept)
