"""Opening a channel: for reading, or for reading and writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nightly.anaconda.api import AnacondaReader, AnacondaWriter
from nightly.anaconda.channel import AnacondaChannel, WritableAnacondaChannel
from nightly.channel import Channel, WritableChannel
from nightly.directory.channel import DirectoryChannel
from nightly.directory.writing import WritableDirectoryChannel
from nightly.http import Http, Token
from nightly.patience import Patience

ANACONDA = "anaconda"

Tell = Callable[[str], None]
"""Told of what a person should know of while it goes on, line by line."""


@dataclass(frozen=True)
class ChannelOptions:
    """Which channel: `anaconda`, or the path of a directory, for which the others mean nothing."""

    channel: str
    organization: str = ""
    labels: tuple[str, ...] = ("main",)
    api_url: str = ""
    index_url: str = ""
    parallel: int = 8
    token: Token | None = field(default=None, repr=False)

    @property
    def wanted_labels(self) -> tuple[str, ...]:
        """The labels that a file must have; a directory knows none."""
        return () if self.is_directory else self.labels

    @property
    def is_directory(self) -> bool:
        return self.channel != ANACONDA


def open_channel(options: ChannelOptions, patience: Patience, tell: Tell) -> Channel:
    """Open a channel that can't be changed through what is returned."""
    if options.is_directory:
        return DirectoryChannel(Path(options.channel), tell)
    http = Http(patience, options.parallel)
    reader = AnacondaReader(http, options.api_url, options.organization, options.token)
    return AnacondaChannel(reader, options.index_url, options.labels)


def open_writable(options: ChannelOptions, patience: Patience, tell: Tell) -> WritableChannel:
    """Open a channel to publish to."""
    if options.is_directory:
        return WritableDirectoryChannel(Path(options.channel), tell)
    http = Http(patience, options.parallel)
    writer = AnacondaWriter(http, options.api_url, options.organization, options.token)
    return WritableAnacondaChannel(writer, options.index_url, options.labels, options.parallel)
