"""Deleting one file: only the one that was listed, and with an answer whether it is gone where one was lost."""

from __future__ import annotations

from nightly.anaconda.api import AnacondaWriter
from nightly.anaconda.explain import explain
from nightly.anaconda.records import is_same
from nightly.channel import Deletion, End, RemoteFile
from nightly.http_errors import HttpError, Refused, Unavailable
from nightly.retry import retrying

_NO_RIGHT = (401, 403)


class Removal:
    """A file that goes."""

    def __init__(self, api: AnacondaWriter, file: RemoteFile) -> None:
        self.api = api
        self.file = file
        self.unsure = False
        """Whether an answer to our own deletion was lost: then it is ours that the file is gone."""

    def run(self) -> Deletion:
        """Delete it.

        Raises:
            Refused: the token is no good, or not for deleting (401, 403).
        """
        try:
            return retrying(self._attempt, self.api.http.patience)
        except HttpError as error:
            if error.status in _NO_RIGHT:
                raise
            unsure = "It may be gone: an answer to its deletion was lost. " if self.unsure else ""
            return Deletion(self.file, End.FAILED, f"{unsure}{explain(error)}")

    def _attempt(self, _tried: int) -> Deletion:
        there = self._there()
        if there is None or not is_same(there, self.file):
            return self._gone(there)
        try:
            self.api.delete(there)
        except Unavailable:
            self.unsure = True
            raise
        except Refused as error:
            return self._refused(error)
        return Deletion(self.file, End.DELETED)

    def _refused(self, error: Refused) -> Deletion:
        """A 404 is for a file that is gone and for one that the token has no right to: a look tells them apart."""
        if error.status in _NO_RIGHT:
            raise error
        there = self._there()
        if there is not None and is_same(there, self.file):
            raise error
        return self._gone(there)

    def _gone(self, there: RemoteFile | None) -> Deletion:
        if self.unsure:
            return Deletion(self.file, End.DELETED, "Another file has its name now." if there else "")
        if there is None:
            return Deletion(self.file, End.GONE, "It wasn't there any more.")
        reason = "What has its name now isn't known to be the file that was listed, and was left alone."
        return Deletion(self.file, End.CHANGED, reason)

    def _there(self) -> RemoteFile | None:
        return self.api.file_now(self.file.project, self.file.version, self.file.filename)
