"""What would be installed: a question to the user's own installer, with or without nightlies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.plan import Package
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

    `requires` is its metadata's Requires-Dist, empty where the installer doesn't tell. `url` is where it comes from if
    it was asked for by URL. `extras` are those with which it is required.
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
    """The requirements contradict each other, in the installer's own words: at most some twenty lines."""

    lines: tuple[str, ...]


class Unreachable(UserError):
    """A registry or a channel didn't answer."""


class Unbuildable(UserError):
    """The metadata of the project, or of a source distribution that it needs, can't be made."""


class Moved(UserError):
    """A wheel of the channel has been replaced under its URL since the snapshot."""


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


def find_resolver(interpreter: Interpreter, environ: Mapping[str, str], cwd: Path) -> Resolver:
    """uv, where PATH has one, else the pip of the interpreter, to be run in `cwd` with these variables.

    Raises:
        UserError: there's neither, or pip is older than 22.2, which can't tell what it would install.
    """
    raise NotImplementedError
