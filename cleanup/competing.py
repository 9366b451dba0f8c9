"""Reading what a channel says of a project's files: which compete for a place, and which can't be judged. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from packaging.version import Version

from file_names import coverage_keys, parsed_version
from moments import moment_of
from nightly.channel import RemoteFile
from reasons import Figures
from rules import Pin

StreamOf = Callable[[RemoteFile, Version], str]


class Candidate(NamedTuple):
    """A file that competes for a place: its moment, its version (`release` in normal form), and what it covers.

    `number` tells it from the others of its project.
    """

    number: int
    file: RemoteFile
    time: int
    version: Version
    release: str
    stream: str
    keys: tuple[str, ...]


class Outside(NamedTuple):
    """A file that stays whatever its age, takes no other's place, and by which rule."""

    file: RemoteFile
    rule: str
    figures: Figures

    @property
    def counts(self) -> bool:
        """Whether it's one of those whose size the policy limits."""
        return self.rule not in {"not-python", "label"}


class Reading(NamedTuple):
    """By what a project's files are read: its pins, the labels of the cleanup, and how to tell a file's stream."""

    pins: Sequence[Pin]
    labels: frozenset[str]
    stream_of: StreamOf


def read(files: Sequence[RemoteFile], reading: Reading) -> Iterator[Candidate | Outside]:
    """Read a project's files one by one."""
    for number, file in enumerate(files):
        yield _read(number, file, reading)


def _read(number: int, file: RemoteFile, reading: Reading) -> Candidate | Outside:
    if not (keys := coverage_keys(file.filename)):
        return Outside(file, "not-python", {})
    if not (file.labels <= reading.labels and (file.labels or not reading.labels)):
        return Outside(file, "label", {"labels": ", ".join(sorted(reading.labels)) or "none"})
    if not (parsed := parsed_version(file.version)):
        return Outside(file, "unknown-version", {})
    version, release = parsed
    if pin := next((pin for pin in reading.pins if pin.covers(version)), None):
        return Outside(file, "pin", {"requirement": pin.requirement, "reason": pin.reason})
    time = moment_of(file.uploaded_at) if file.uploaded_at else None
    if time is None:
        return Outside(file, "unknown-time", {})
    return Candidate(number, file, time, version, release, reading.stream_of(file, version), keys)


def stream_of(streams: str) -> StreamOf:
    """How to tell a file's stream by `Rules.streams`. What a pattern isn't found in is in a stream without a name."""
    if streams == "none":
        return lambda _file, _version: ""
    if streams == "minor":
        return lambda _file, version: f"{version.epoch}!{version.major}.{version.minor}".removeprefix("0!")
    if streams == "label":
        return lambda file, _version: ", ".join(sorted(file.labels))
    pattern = re.compile(streams)
    return lambda _file, version: _named(pattern.search(str(version)))


def _named(match: re.Match[str] | None) -> str:
    return ".".join(group or "" for group in match.groups()) if match else ""
