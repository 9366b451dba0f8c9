"""What would be installed: a question to the user's own installer, with or without nightlies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nightly.downstream.planning.conflicts import Demand
from nightly.downstream.records.plan import Package
from nightly.errors import UserError


@dataclass(frozen=True)
class Wanted:
    """What is to be installed: the project in a directory, with extras and dependency groups, and `requirements`."""

    project: Path | None = None
    requirements: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """A package that would be installed, by its normalised name.

    `requires` are the requirements of its metadata that apply here, empty where the installer doesn't tell. `url` is
    where it comes from if it was asked for by URL. `extras` are those with which it is required.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    url: str | None = None
    extras: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """All that would be installed; of the project itself only what it needs."""

    packages: tuple[Resolved, ...]

    def version_of(self, name: str) -> str | None:
        return next((package.version for package in self.packages if package.name == name), None)


@dataclass(frozen=True)
class Conflict:
    """The requirements contradict each other, in the installer's own words: at most some twelve lines.

    `demands` are those that these words, in full, tell of.
    """

    lines: tuple[str, ...]
    demands: tuple[Demand, ...] = ()


class Unreachable(UserError):
    """A registry or a channel didn't answer."""


class Unbuildable(UserError):
    """The metadata of the project, or of a source distribution that it needs, can't be made."""


class Moved(UserError):
    """A wheel of the channel has been replaced or removed under its URL since the snapshot."""


class Resolver(Protocol):
    """An installer that is asked, and installs nothing."""

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Resolution | Conflict:
        """What would be installed with these nightlies, each in place of any other version.

        Those that are FORCED win over who caps them, if the installer can do that (uv); if it can't (pip), they are
        left out, for they are installed afterwards.

        Raises:
            Unreachable, Unbuildable, Moved: as they say.
            UserError: the installer can't be used.
        """
