"""What a policy says: which files of a channel stay, and for how long. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

KeepIf = Literal["both", "either"]

GLOB = "glob:"
"""How a pattern of names begins; whatever doesn't begin so is one name."""

_DAY = timedelta(days=1)
_WHERE = frozenset({"line", "source"})
"""Where something was read is no part of what it says."""


@dataclass(frozen=True)
class Rules:
    """How long the files of one project stay. A limit that is None is none.

    `keep` and `max_age` are the N and the M of SPEC 4: a file is within the policy while it's among the newest `keep`
    versions and younger than `max_age`, or with `keep_if: either` while one of them holds. What is beyond it is held
    all the same while it's younger than `min_age`; in the last batch of one of the newest `floor` versions; among the
    newest `coverage` files for an interpreter, ABI and platform family; or, without `allow_empty`, in the last batch
    of all. `max_bytes` is the project's size from which on the oldest of what nothing holds goes. `streams` says which
    versions don't compete with each other: `none`, `minor`, `label`, or a pattern whose groups name the stream.
    """

    keep: int = 5
    max_age: timedelta | None = 30 * _DAY
    keep_if: KeepIf = "both"
    min_age: timedelta = _DAY
    floor: int = 1
    floor_max_age: timedelta | None = 90 * _DAY
    coverage: int = 1
    coverage_max_age: timedelta | None = 90 * _DAY
    max_bytes: int | None = None
    streams: str = "none"
    allow_empty: bool = False


@dataclass(frozen=True)
class Exemption:
    """A project of which nothing goes: its name, or `glob:` and a pattern. `until` is the last day (UTC) it's in force.

    `line` of the policy's file says where it's written, here and below.
    """

    project: str
    reason: str
    until: date | None = None
    line: int = 0

    def covers(self, project: str) -> bool:
        """Whether a project is meant. Names are compared as PEP 503 says, and exactly."""
        if self.project.startswith(GLOB):
            return fnmatchcase(canonicalize_name(project), canonicalize_name(self.project.removeprefix(GLOB)))
        return canonicalize_name(project) == canonicalize_name(self.project)


@dataclass(frozen=True)
class Pin:
    """Versions of a project that stay."""

    project: str
    specifier: SpecifierSet
    reason: str
    until: date | None = None
    line: int = 0

    @property
    def requirement(self) -> str:
        return f"{self.project}{self.specifier}"

    def is_of(self, project: str) -> bool:
        return canonicalize_name(project) == canonicalize_name(self.project)

    def covers(self, version: Version) -> bool:
        """Whether a version of the pin's project is meant, a development release like any other."""
        return self.specifier.contains(version, prereleases=True)


@dataclass(frozen=True)
class Override:
    """What differs for one project."""

    project: str
    rules: Rules
    line: int = 0


@dataclass(frozen=True)
class Limits:
    """What one run may delete: files, bytes, and shares (0 to 1) of the files of a channel, or of a project.

    A share counts from `..._above` files on: most of very little is little.
    """

    files: int = 500
    bytes: int = 20 * 10**9
    channel_share: float = 0.3
    channel_share_above: int = 100
    project_share: float = 0.6
    project_share_above: int = 20


@dataclass(frozen=True)
class Policy:
    """What is written in a policy's file, `source`."""

    rules: Rules = Rules()
    projects: tuple[Override, ...] = ()
    exempt: tuple[Exemption, ...] = ()
    pin: tuple[Pin, ...] = ()
    limits: Limits = Limits()
    source: str = ""

    @property
    def digest(self) -> str:
        """The same for two policies that say the same, however they are written (sha256, hexadecimal)."""
        said = asdict(self, dict_factory=_said)
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()

    def rules_of(self, project: str) -> Rules:
        name = canonicalize_name(project)
        return next((each.rules for each in self.projects if canonicalize_name(each.project) == name), self.rules)

    def exemption_of(self, project: str) -> Exemption | None:
        return next((each for each in self.exempt if each.covers(project)), None)

    def pins_of(self, project: str) -> tuple[Pin, ...]:
        return tuple(pin for pin in self.pin if pin.is_of(project))


def _said(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {name: value for name, value in pairs if name not in _WHERE}
