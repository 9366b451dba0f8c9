"""Replacing one file. The API can't do it in one step, so the old bytes are saved first and put back at need."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path

from nightly.anaconda.deliver import Delivery, Sent
from nightly.anaconda.keeper import LABEL, make_keeper
from nightly.anaconda.place import Place
from nightly.anaconda.records import Stage, is_same
from nightly.channel import Changed, FileLost, RemoteFile
from nightly.http_errors import HttpError, Refused
from nightly.retry import retrying
from nightly.wheels import Wheel, hashes


class NotReplaced(Exception):
    """Why the new file isn't there, what became of the old one, and where its bytes are if that isn't the channel.

    Its cause is the error that stopped the replacement.
    """


class Replacement(Delivery):
    """A file that takes the place of another one of its name."""

    def __init__(self, place: Place, wheel: Wheel, labels: frozenset[str], sent: Sent, old: RemoteFile) -> None:
        super().__init__(place, wheel, labels, sent)
        self.old = old
        self.directory = Path(tempfile.mkdtemp(prefix="upload-nightly-"))
        self.saved: Path | None = None
        self.deleted = False
        self.warning = ""

    def run(self) -> RemoteFile:
        """Bring it in, when the old file was saved.

        Raises:
            NotReplaced: the old file is there, or there again, or its bytes are on disk.
        """
        with self.place.away(self.old):
            try:
                self.place.hold(self._deliver_keeper)
                file = super().run()
            except Exception as error:  # noqa: BLE001 - whatever it was, the old file must not be lost
                file = self._settle(error)
        self.forget()
        return file

    def save(self) -> bool:
        """Fetch the old file's bytes, so that they can be put back.

        Returns False where a cleanup or another run has deleted it, so that there is nothing to replace.

        Raises:
            NotReplaced: they can't be had, so the old file mustn't be touched.
        """
        target = self.directory / self.old.filename
        try:
            self.api.download(self.old, target)
            self.saved = target
        except FileLost:
            self.warning = "the storage had lost the old file, so there was nothing to save before it was replaced"
        except (HttpError, OSError) as error:
            if self._is_gone(error):
                return False
            self.forget()
            raise NotReplaced("The old file couldn't be saved, so it wasn't deleted.") from error
        return True

    def _is_gone(self, error: Exception) -> bool:
        if not (isinstance(error, Refused) and error.status in (404, 410)):
            return False
        try:
            return retrying(lambda _: self.there(), self.api.http.patience) is None
        except HttpError:
            return False

    def _make_way(self, conflict: Refused) -> Stage:
        """Delete what was saved, and nothing else, and stage at once."""
        there = self._other_bytes(conflict)
        if not is_same(there, self.old):
            raise Changed
        self.place.check_setback()
        self.deleted = True
        self._delete(there)
        if self.place.is_only_file_of_release(self.old):
            self.place.vacated(self.wheel)
        return self._announce()

    def _delete(self, file: RemoteFile) -> None:
        try:
            self.api.delete(file)
        except Refused as error:
            if error.status not in (404, 410):
                raise

    def _deliver_keeper(self) -> RemoteFile:
        keeper = make_keeper(self.wheel, self.directory)
        return Delivery(self.place, keeper, frozenset({LABEL}), _nobody).run()

    def _settle(self, error: Exception) -> RemoteFile:
        """Find out what the failed tries have left, and put the old file back if it is gone.

        Returns the new file, if it is there after all.
        """
        if not self.deleted:
            self.forget()
            raise error if isinstance(error, Changed) else NotReplaced("The old file is there.") from error
        try:
            there = retrying(lambda _: self.there(), self.api.http.patience.stubborn)
            if there and there.holds(self.wheel):
                return there
            end = self._restore(there)
        except (HttpError, OSError) as second:
            self.place.lost(self.old, second)
            raise self._not_restored(second) from error
        self.forget()
        raise NotReplaced(end) from error

    def _restore(self, there: RemoteFile | None) -> str:
        """Put the old file back if it is gone, and say what is there now."""
        if there:
            return "The old file is there." if is_same(there, self.old) else "Another file is there now."
        if self.saved is None:
            return "The storage had lost the old file before, so none is there now."
        size, sha256, md5 = hashes(self.saved)
        old = dataclasses.replace(self.wheel, path=self.saved, size=size, sha256=sha256, md5=md5)
        try:
            delivery = Delivery(self.place, old, self.old.labels or self.labels, _nobody)
            delivery.within(self.api.http.patience.stubborn)
        except Changed:
            return "Another file is there now."
        return "The old file was put back."

    def _not_restored(self, error: Exception) -> NotReplaced:
        where = f"its bytes are in {self.saved}" if self.saved else "the storage had lost it before"
        return NotReplaced(f"THE OLD FILE MAY BE GONE, and couldn't be put back ({error}); {where}.")

    def forget(self) -> None:
        """Remove what was saved."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _nobody(_bytes: int) -> None:
    """Nobody is told of the progress of what wasn't asked for."""
