"""Opening a channel: for reading, or for reading and writing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from nightly.anaconda.api import AnacondaReader, AnacondaWriter
from nightly.anaconda.channel import AnacondaChannel, WritableAnacondaChannel
from nightly.auth import Token, is_safe_for_secrets, without_passwords
from nightly.channel import Channel, WritableChannel
from nightly.directory.channel import DirectoryChannel
from nightly.directory.site import GRACE
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError, bad_input
from nightly.http import Http
from nightly.options import names
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


def open_writable(options: ChannelOptions, patience: Patience, tell: Tell, grace: timedelta = GRACE) -> WritableChannel:
    """Open a channel to publish to, or to delete from: in a directory, deleted bytes stay for the time of `grace`."""
    if options.is_directory:
        return WritableDirectoryChannel(Path(options.channel), tell, grace=grace)
    http = Http(patience, 2 * options.parallel)
    writer = AnacondaWriter(http, options.api_url, options.organization, options.token, options.parallel)
    return WritableAnacondaChannel(writer, options.index_url, options.labels)


def channel_name(name: str, value: str) -> str:
    """`anaconda`, or a directory's path. What is only meant as one of them is refused.

    Raises:
        UserError: as `bad_input` says, here and below.
    """
    channel = value.strip()
    if not channel or "://" in channel or (channel != ANACONDA and channel.casefold() == ANACONDA):
        raise bad_input(name, value, "anaconda, or the path of a directory")
    return channel


def organization_name(name: str, value: str) -> str:
    """An organization's or a user's login."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", value):
        raise bad_input(name, value, "the name of an organization")
    return value


def label_names(name: str, value: str) -> tuple[str, ...]:
    """Labels, by comma or line: at least one."""
    labels = names(value)
    if not labels or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:/-]*", label) for label in labels):
        raise bad_input(name, value, "names of labels, by comma or line")
    return labels


def safe_url(name: str, value: str) -> str:
    """A URL that a token may be sent to, and that wheels may be installed from. It ends up in plans and in issues."""
    if (shown := without_passwords(value)) != value:
        raise bad_input(name, shown, "a URL without a name and a password; a token is given by itself")
    if not _has_host(value) or not is_safe_for_secrets(value):
        raise bad_input(name, value, "a URL that begins with https:// (http:// only to this machine)")
    return value.rstrip("/")


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an address of IPv6, or a port that is no number
        return False


def parse_token(secret: str) -> Token | None:
    """A token without the line end that a paste brings, or None. What can't be one is refused without showing it."""
    secret = secret.strip()
    if not re.fullmatch(r"[\x21-\x7e]*", secret):
        raise UserError(
            "The token holds spaces, line ends or characters that no token has.",
            title="Bad token",
            do="Copy it again from anaconda.org, alone and whole, into the repository's secret.",
            exit_code=2,
        )
    return Token(secret) if secret else None
