"""What is fetched, and where from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nightly.auth import Auth
from nightly.errors import UserError


class Unreachable(UserError):
    """The source doesn't answer now, as is normal of it: later it may."""


@dataclass(frozen=True)
class IndexFile:
    """A file as its source lists it. Hashes are hexadecimal and in lower case, `size` is in bytes.

    What the source doesn't say is None. `url` begins with https:, with http: only to this machine, or with file:.
    `yanked` is the reason for which the file was yanked (PEP 592), which may be empty.
    """

    filename: str
    url: str
    sha256: str | None = None
    md5: str | None = None
    size: int | None = None
    yanked: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A file that is there now, whole. `kept` says that it was there before, with these very bytes."""

    path: Path
    size: int
    sha256: str
    kept: bool = False


class Source(Protocol):
    """Where files come from: an index, a channel, or a run's artifacts."""

    @property
    def name(self) -> str:
        """What people call it. No password is in it."""

    def auth(self, url: str) -> Auth:
        """The secret that goes with a request to this URL, for it is of the source's own host; else none."""

    def files(self, project: str) -> tuple[IndexFile, ...]:
        """All files of a project that are there now; none where there's no such project. It may be asked again.

        Files of other projects may be among them. No file's name is a path.

        Raises:
            Unreachable, UserError: it can't be told.
        """
