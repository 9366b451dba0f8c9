"""What a channel is: the files it holds, how they are read, and how they are changed.

A channel is a package index that a project's nightly wheels are published to. Reading and writing are two
interfaces, so that a dry run or a plan never holds an object that can change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

from nightly.wheels import Wheel

Progress = Callable[[int], None]
"""Told of each bunch of bytes that was sent."""


@dataclass(frozen=True)
class RemoteFile:
    """A file that a channel holds.

    `project` and `version` are in the channel's own spelling. `size` is in bytes, `uploaded_at` is aware and in UTC;
    whatever the channel doesn't say is None, which is never a reason to believe that a file is old or equal.
    `handle` is for the channel alone: it leads from a listing to a deletion, and another file that took the same name
    since has another one.
    """

    project: str
    version: str
    filename: str
    size: int | None
    sha256: str | None
    md5: str | None
    uploaded_at: datetime | None
    labels: frozenset[str]
    url: str
    handle: str = field(repr=False)

    def holds(self, wheel: Wheel) -> bool | None:
        """Whether these are the wheel's bytes, by sha256, else by md5 and size; None when the channel doesn't say."""
        if self.sha256:
            return self.sha256 == wheel.sha256
        if self.md5 and self.size is not None:
            return self.md5 == wheel.md5 and self.size == wheel.size
        return None


@dataclass(frozen=True)
class Listing:
    """What a channel holds of one project, in its spelling; in the one asked for where it doesn't exist there."""

    project: str
    exists: bool
    files: tuple[RemoteFile, ...] = ()
    versions: frozenset[str] = frozenset()

    def labelled(self, labels: Iterable[str]) -> Listing:
        """The same with only the files that have all these labels."""
        wanted = frozenset(labels)
        return replace(self, files=tuple(file for file in self.files if wanted <= file.labels))


@dataclass(frozen=True)
class Upload:
    """A wheel to publish, and the file of the same name that it takes the place of, if there is one."""

    wheel: Wheel
    replaces: RemoteFile | None = None


class State(str, Enum):
    """How it ended for one file; `PLANNED` is a dry run's end."""

    UPLOADED = "uploaded"
    REPLACED = "replaced"
    SKIPPED = "skipped"
    FAILED = "failed"
    PLANNED = "planned"


@dataclass(frozen=True)
class Outcome:
    """How it ended for one file, and why; `seconds` it took, and the `url` it is found at."""

    wheel: Wheel
    state: State
    reason: str = ""
    seconds: float = 0.0
    url: str = ""
    warning: str = ""


class End(str, Enum):
    """How a deletion ended: `GONE` is what wasn't there any more, `CHANGED` what other bytes took the name of."""

    DELETED = "deleted"
    GONE = "gone"
    CHANGED = "changed"
    FAILED = "failed"


@dataclass(frozen=True)
class Deletion:
    """How it ended for one file that was to go, and why. Only where it is `DELETED` it went by this deletion."""

    file: RemoteFile
    end: End
    reason: str = ""


class Changed(Exception):
    """The file that a handle stood for isn't there any more, or another took its name."""


class Channel(Protocol):
    """A channel to read from."""

    @property
    def identity(self) -> str:
        """One line that tells this channel from every other, the same on every machine where that makes sense."""

    @property
    def index_url(self) -> str:
        """The simple index that installers are given."""

    def check(self) -> Sequence[str]:
        """Find out whether it may be used as it is meant to be.

        Returns what the user should know of (a token about to expire).

        Raises:
            UserError: it can't be used. Nothing was written.
        """

    def projects(self) -> Sequence[str]:
        """The projects it holds, in its own spelling."""

    def listing(self, project: str) -> Listing:
        """All files of one project, whatever their labels; names are compared as PEP 503 says."""

    def address(self, file: RemoteFile) -> str:
        """The URL at which installers get a file that was listed; its path ends in the file's name."""

    def fetch(self, file: RemoteFile, target: Path) -> None:
        """Write a file's bytes to `target`, and believe them only if their hash is the listing's.

        Raises:
            FileLost: the channel lists the file, but its storage has lost it.
        """

    def indexed(self, project: str) -> frozenset[str]:
        """The names of the files that an installer finds now on the project's page."""


class WritableChannel(Channel, Protocol):
    """A channel to read from and to write to."""

    def publish(self, uploads: Sequence[Upload], progress: Progress) -> Iterator[Outcome]:
        """Bring the files in, yielding each one's outcome as it is known; one's failure doesn't stop the others.

        A file that is replaced is there with its old bytes or its new ones whatever happens, as far as the
        channel's own interface allows.
        """

    def delete(self, files: Sequence[RemoteFile]) -> Iterator[Deletion]:
        """Delete exactly the files that were listed, in this order, yielding each one's end as it is known.

        It is lazy: whoever stops asking stops it, after the file that was told of last, or after those of the same
        project that follow it at once. A project's last file may take along all that the channel knows of it.

        Raises:
            UserError: no more files can be deleted (no right to it, no lock). What was yielded holds.
        """


class FileLost(Exception):
    """The channel lists a file that its storage doesn't have any more (scipy/scipy#21623)."""
