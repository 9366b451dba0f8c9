"""A package on the server during one run: it and its releases are made once, and it never runs empty.

Since 2024-01-04 the server collects a release, and then its package with all its collaborators, as soon as the last
file is deleted (anaconda-client#702). Staged files go with their release.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from nightly.anaconda.api import AnacondaWriter
from nightly.channel import Listing, RemoteFile
from nightly.http_errors import HttpError, Refused
from nightly.retry import retrying
from nightly.wheels import Wheel


class Place:
    """Where the files of one project go. Used by several threads."""

    def __init__(self, api: AnacondaWriter, listing: Listing) -> None:
        self.api = api
        self.name = listing.project
        self._exists = listing.exists
        self._versions = set(listing.versions)
        self._files = {(file.version, file.filename) for file in listing.files}
        self._away: Counter[str] = Counter()
        self._unprepared: HttpError | None = None
        self._setback: Exception | None = None
        self.keeper: RemoteFile | None = None
        self._turn = threading.Condition()

    def prepare(self, wheel: Wheel) -> None:
        """Make the package and the wheel's release where they aren't there.

        It asks nothing where they are, nor again for another file where it couldn't be done.
        """
        with self._turn:
            if self._unprepared:
                raise self._unprepared
            try:
                retrying(lambda tried: self._make(wheel, look_first=tried > 1), self.api.http.patience)
            except HttpError as error:
                self._unprepared = error
                raise

    def repair(self, wheel: Wheel) -> None:
        """Make again what the server may have collected meanwhile."""
        with self._turn:
            self._make(wheel, look_first=True)

    def arrived(self, wheel: Wheel) -> None:
        """Count a file in that the server has now."""
        with self._turn:
            self._files.add((wheel.version, wheel.filename))

    def hold(self, deliver: Callable[[], RemoteFile]) -> None:
        """Have a keeper delivered before any file is deleted.

        It shows that files can come in, as an outage must not be found out with an old file gone; and it stays while
        others go, those that other runs delete too.
        """
        with self._turn:
            self.check_setback()
            if self.keeper is None:
                try:
                    self.keeper = deliver()
                except HttpError as error:
                    self._setback = error
                    raise

    def lost(self, file: RemoteFile, error: Exception) -> None:
        """Uncount a file that couldn't be put back, and let no other one be deleted."""
        with self._turn:
            self._files.discard((file.version, file.filename))
            self._setback = error

    def check_setback(self) -> None:
        """Raise what kept a file from coming in, for then no other one may go."""
        if self._setback:
            raise self._setback

    def is_only_file_of_release(self, file: RemoteFile) -> bool:
        """Whether the release would be collected with this file."""
        return all(filename == file.filename for version, filename in self._files if version == file.version)

    def vacated(self, wheel: Wheel) -> None:
        """Make the release again after its only file was deleted, before the server is asked to stage into it."""
        with self._turn:
            self._create_release(wheel)

    @contextmanager
    def away(self, file: RemoteFile) -> Iterator[None]:
        """Wait for the turn of a file to be gone for a moment: one of each release, and of the package, stays."""
        with self._turn:
            self._turn.wait_for(lambda: self._may_go(file.version))
            self._away[file.version] += 1
        try:
            yield
        finally:
            with self._turn:
                self._away[file.version] -= 1
                self._turn.notify_all()

    def _may_go(self, version: str) -> bool:
        in_release = sum(1 for other, _ in self._files if other == version)
        return self._away[version] < max(1, in_release - 1) and sum(self._away.values()) < max(1, len(self._files) - 1)

    def _make(self, wheel: Wheel, *, look_first: bool) -> None:
        if look_first:
            self._look()
        if not self._exists:
            _create(partial(self.api.create_package, wheel))
            self._exists = True
        if wheel.version not in self._versions:
            self._create_release(wheel)

    def _look(self) -> None:
        now = self.api.package_now(self.name)
        self._exists = now is not None
        self._versions = set(now.versions) if now else set()

    def _create_release(self, wheel: Wheel) -> None:
        _create(partial(self.api.create_release, self.name, wheel))
        self._versions.add(wheel.version)


def _create(create: Callable[[], None]) -> None:
    try:
        create()
    except Refused as error:
        if error.status != 409:  # 409: another run made it at the same time
            raise
