"""Writing to a directory channel."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from nightly.channel import Changed, Outcome, Progress, RemoteFile, State, Upload
from nightly.directory import store
from nightly.directory.channel import DirectoryChannel
from nightly.directory.lock import locked, unwritable
from nightly.directory.page import Page, PageFile
from nightly.directory.site import GRACE, Tell, read_page, stored_files

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
    run left. A file that no page names any more keeps its bytes for the time of `grace`.
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
        self.patience = patience
        self.grace = grace
        self.clock = clock

    def check(self) -> Sequence[str]:
        """See `Channel.check`; the directory can be written to, or made."""
        told = super().check()
        there = next(folder for folder in (self.site.root, *self.site.root.parents) if folder.exists())
        if not os.access(there, os.W_OK):
            raise unwritable(there, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return told

    def publish(self, uploads: Sequence[Upload], progress: Progress) -> Iterator[Outcome]:
        """See `WritableChannel.publish`; a project's files appear on its page all at once."""
        with self._writing():
            for project, group in groupby(sorted(uploads, key=_project), key=_project):
                yield from self._publish_project(project, list(group), progress)

    def delete(self, file: RemoteFile) -> None:
        """See `WritableChannel.delete`; the bytes stay for the time of grace."""
        project = canonicalize_name(file.project)
        with self._writing():
            page = read_page(self.site, project, self.tell)
            listed = page.by_name.get(file.filename)
            if listed is None or page.path(listed) != file.handle:
                raise Changed(f"{file.filename} isn't what it was when it was listed")
            with self._project(project, page):
                self._finish(page.without(listed, self.clock() + self.grace))

    def _publish_project(self, project: NormalizedName, uploads: list[Upload], progress: Progress) -> list[Outcome]:
        stored: list[_Stored] = []
        try:
            page = read_page(self.site, project, self.tell)
            with self._project(project, page):
                stored += [self._store(page, upload, progress) for upload in uploads]
                files = tuple(each.file for each in stored if each.file)
                self._finish(page.with_files(files, self.clock() + self.grace))
        except OSError as error:
            return [_failed(upload, f"{project}'s page can't be written: {error}") for upload in uploads]
        return [each.outcome for each in stored]

    def _store(self, page: Page, upload: Upload, progress: Progress) -> _Stored:
        """Bring one file in; what happens to the others doesn't depend on it."""
        wheel, there = upload.wheel, page.by_name.get(upload.wheel.filename)
        started = time.monotonic()
        if there and there.sha256 == wheel.sha256:
            return _Stored(Outcome(wheel, State.SKIPPED, "the same bytes are there", url=self._url(page, there)))
        if there and not upload.replaces:
            return _Stored(_failed(upload, "another run published other bytes meanwhile; run this again"))
        try:
            file = store.store_wheel(self.site, wheel, self.clock(), progress)
        except (OSError, store.NotTheWheel) as error:
            return _Stored(_failed(upload, str(error)))
        state = State.REPLACED if there else State.UPLOADED
        return _Stored(Outcome(wheel, state, "", time.monotonic() - started, self._url(page, file)), file)

    def _url(self, page: Page, file: PageFile) -> str:
        return self.remote_file(page, file).url

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock, with nothing left of a killed run.

        Raises:
            UserError: it can't be had.
        """
        with locked(self.site.lock, self.patience, self.tell):
            for project in store.interrupted(self.site):
                self._settle(project)
            yield

    def _settle(self, project: NormalizedName) -> None:
        """Bring a project that a killed run was writing to back to what its JSON says.

        Files that it doesn't name retire, rather than being removed: the HTML page may have named them already.
        """
        try:
            page = read_page(self.site, project, self.tell)
            with self._project(project, page):
                store.remove_unfinished(self.site, project)
                unnamed = tuple(stored_files(self.site, project, self.tell, but=page.paths()))
                self._finish(page.retiring(unnamed, self.clock() + self.grace))
        except OSError as error:
            self.tell(f"{project}, left half-done by an earlier run, can't be put right: {error}")

    @contextlib.contextmanager
    def _project(self, project: NormalizedName, page: Page) -> Iterator[None]:
        """Mark the project as being written to; the mark outlives all that ends the block early.

        The JSON is there before any file is, so that files without it always mean that it was lost.
        """
        store.begin(self.site, project)
        store.write_json(self.site, page)
        yield
        store.end(self.site, project)

    def _finish(self, page: Page) -> None:
        store.write_pages(self.site, page, self.clock())


def _project(upload: Upload) -> NormalizedName:
    return upload.wheel.project


def _failed(upload: Upload, reason: str) -> Outcome:
    return Outcome(upload.wheel, State.FAILED, reason)
