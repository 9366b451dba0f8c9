"""Writing to a directory channel."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from nightly.channel import Deletion, Outcome, Progress, RemoteFile, State, Upload
from nightly.directory import deleting, store
from nightly.directory.channel import DirectoryChannel
from nightly.directory.deleting import Restoration
from nightly.directory.page import Page, PageFile
from nightly.directory.site import GRACE, Tell, is_stored
from nightly.directory.writer import Writer
from nightly.lock import unwritable

LOCK_PATIENCE = 300.0
"""Seconds to wait for another writer: several times what a large night's files take to copy."""


def utc_now() -> datetime:
    """Whole seconds, as file systems and installers keep no finer time that all agree on."""
    return datetime.now(timezone.utc).replace(microsecond=0)


@dataclass(frozen=True)
class _Stored:
    """A file that was brought in, or wasn't, while no page tells of it yet."""

    outcome: Outcome
    file: PageFile | None = None


class WritableDirectoryChannel(DirectoryChannel):
    """A static index in a directory, to read from and to write to.

    Every write holds a lock that others wait for, at most `patience` seconds, and first brings to an end what a killed
    run left. What is deleted keeps its bytes for the time of `grace`, what is replaced for that of `GRACE`; whoever
    writes next removes them, whatever it writes.
    """

    def __init__(
        self,
        root: Path,
        tell: Tell = print,
        *,
        patience: float = LOCK_PATIENCE,
        grace: timedelta = GRACE,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(root, tell)
        self.grace = grace
        self.writer = Writer(self.site, tell, patience, clock)

    def check(self) -> Sequence[str]:
        """See `Channel.check`; the directory can be written to, or made."""
        told = super().check()
        there = next(folder for folder in (self.site.root, *self.site.root.parents) if folder.exists())
        if not os.access(there, os.W_OK):
            raise unwritable(there, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return told

    def publish(self, uploads: Sequence[Upload], progress: Progress) -> Iterator[Outcome]:
        """See `WritableChannel.publish`; a project's files appear on its page all at once."""
        with self.writer.alone():
            for project, group in groupby(sorted(uploads, key=_project), key=_project):
                yield from self._publish_project(project, list(group), progress)
            self.writer.sweep()

    def delete(self, files: Sequence[RemoteFile]) -> Iterator[Deletion]:
        """See `WritableChannel.delete`; files of one project that follow each other leave its page at once.

        The lock is held for a project at a time, so that publishers come in between.
        """
        for project, group in groupby(files, key=_project_of):
            with self.writer.alone():
                deletions = deleting.delete(self.writer, project, list(group), self.grace)
            yield from deletions
        with self.writer.alone():
            self.writer.sweep()

    def restore(self, project: str, filenames: Sequence[str] = ()) -> list[Restoration]:
        """Bring back a project's deleted files whose bytes are there, with the upload times that they had.

        Without names it's all that can come back. Of files of the same name it is the one that was uploaded last.

        Raises:
            UserError: the lock can't be had, or the page not written.
        """
        with self.writer.alone():
            try:
                return deleting.restore(self.writer, canonicalize_name(project), filenames)
            except OSError as error:
                raise unwritable(self.site.root, error) from error

    def _publish_project(self, project: NormalizedName, uploads: list[Upload], progress: Progress) -> list[Outcome]:
        stored: list[_Stored] = []
        try:
            page = self.writer.read(project)
            with self.writer.changing(page):
                stored += [self._store(page, upload, progress) for upload in uploads]
                files = tuple(each.file for each in stored if each.file)
                self.writer.write(page.with_files(files, self.writer.clock() + GRACE))
        except OSError as error:
            return [_failed(upload, f"{project}'s page can't be written: {error}") for upload in uploads]
        return [each.outcome for each in stored]

    def _store(self, page: Page, upload: Upload, progress: Progress) -> _Stored:
        """Bring one file in; what happens to the others doesn't depend on it."""
        wheel, there = upload.wheel, page.by_name.get(upload.wheel.filename)
        same = there if there and there.sha256 == wheel.sha256 else None
        started = time.monotonic()
        if same and is_stored(self.site.root / page.path(same)):
            return _Stored(Outcome(wheel, State.SKIPPED, "the same bytes are there", url=self._url(page, same)))
        if there and not (same or upload.replaces):
            return _Stored(_failed(upload, "another run published other bytes meanwhile; run this again"))
        try:
            file = store.store_wheel(self.site, wheel, same.uploaded_at if same else self.writer.clock(), progress)
        except (OSError, store.NotTheWheel) as error:
            return _Stored(_failed(upload, str(error)))
        state = State.REPLACED if there else State.UPLOADED
        reason = "its bytes had been lost" if same else ""
        return _Stored(Outcome(wheel, state, reason, time.monotonic() - started, self._url(page, file)), file)

    def _url(self, page: Page, file: PageFile) -> str:
        return self.remote_file(page, file).url


def _project(upload: Upload) -> NormalizedName:
    return upload.wheel.project


def _project_of(file: RemoteFile) -> NormalizedName:
    return canonicalize_name(file.project)


def _failed(upload: Upload, reason: str) -> Outcome:
    return Outcome(upload.wheel, State.FAILED, reason)
