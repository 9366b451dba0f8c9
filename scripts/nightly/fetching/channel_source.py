"""A channel as a source of files: it tells hashes and sizes, also where its index page doesn't."""

from __future__ import annotations

from collections.abc import Sequence

from nightly.auth import Anonymous, Auth
from nightly.channel import Channel, RemoteFile
from nightly.fetching.files import IndexFile
from nightly.fetching.names import UnsafeName, is_file_name, safe_name
from nightly.fetching.refusing import not_to_be_trusted


class ChannelSource:
    """The files of a channel that have all these labels."""

    def __init__(self, channel: Channel, labels: Sequence[str]) -> None:
        self._channel = channel
        self._labels = labels

    @property
    def name(self) -> str:
        return self._channel.identity

    def auth(self, _: str) -> Auth:
        """None: a channel's files are for everybody, and their storage refuses a request that brings a token."""
        return Anonymous()

    def files(self, project: str) -> tuple[IndexFile, ...]:
        """See `Source.files`."""
        listing = self._channel.listing(project).labelled(self._labels)
        try:
            return tuple(self._file(file) for file in listing.files if is_file_name(file.filename))
        except UnsafeName as error:
            raise not_to_be_trusted(self.name, error) from error

    def _file(self, file: RemoteFile) -> IndexFile:
        filename = safe_name(file.filename)
        return IndexFile(filename, self._channel.address(file), file.sha256, file.md5, file.size)
