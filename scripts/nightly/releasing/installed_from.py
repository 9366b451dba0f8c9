"""Which file pip has installed, by its report (pip's "Installation Report"), and whether it's the channel's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from nightly.channel import RemoteFile
from nightly.data import parse
from nightly.downstream.proving.origin import same_url


@dataclass(frozen=True)
class _Archive:
    """`hashes` is what newer versions of pip write, `hash` (`NAME=VALUE`) what older ones do."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    hash: str = ""

    @property
    def told(self) -> Mapping[str, str]:
        name, _, value = self.hash.partition("=")
        return {**({name: value} if value else {}), **self.hashes}


@dataclass(frozen=True)
class _Download:
    url: str
    archive_info: _Archive = field(default_factory=_Archive)


@dataclass(frozen=True)
class _Metadata:
    name: str
    version: str


@dataclass(frozen=True)
class _Item:
    metadata: _Metadata
    download_info: _Download


@dataclass(frozen=True)
class _Report:
    install: tuple[_Item, ...]


@dataclass(frozen=True)
class Taken:
    """A file that pip has chosen, downloaded from `url` and installed. pip has held it against these hashes."""

    project: str
    version: str
    url: str
    hashes: Mapping[str, str]

    @property
    def filename(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def digest(self) -> str:
        """The best hash that pip has told, as `sha256 ...`, or "none"."""
        return next((f"{name} {self.hashes[name]}" for name in ("sha256", "md5") if name in self.hashes), "none")


def read_taken(content: bytes) -> dict[str, Taken]:
    """All that pip has installed, by normalised names.

    Raises:
        Unreadable: it isn't a report of pip's.
    """
    items = parse(_Report, content, "pip's report").install
    return {
        canonicalize_name(item.metadata.name): Taken(
            item.metadata.name, item.metadata.version, item.download_info.url, item.download_info.archive_info.told
        )
        for item in items
    }


def elsewhere(taken: Taken, listed: Iterable[RemoteFile], address: str) -> str:
    """Why it isn't the file that the channel lists under its name, "" where it is.

    `address` is where the channel has that file, which only counts where hashes can't be compared.
    """
    file = next((each for each in listed if each.filename == taken.filename), None)
    if file is None:
        return f"the channel lists no {taken.filename}"
    for name, theirs in (("sha256", file.sha256), ("md5", file.md5)):
        if theirs and name in taken.hashes:
            same = theirs == taken.hashes[name]
            return "" if same else f"the channel's {taken.filename} has the {name} {theirs}"
    return "" if same_url(taken.url, address) else "there is no hash to compare, and the channel has it elsewhere"
