"""How an installer would order a project's new wheels among themselves and those of the channel.

Installers choose by version alone (PEP 440), among the wheels for the same interpreter, ABI and platform; the time of
an upload counts for nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from nightly import dev_versions
from nightly.channel import RemoteFile
from nightly.wheels import Wheel

_PLATFORM = re.compile(r"([^\W\d_]*)\d*(?:_\d+)*_?(.*)", re.DOTALL)

_Group = tuple[str, str, str, str]
"""Interpreter, ABI, system and architecture."""


@dataclass(frozen=True)
class Night:
    """What one project's wheels are compared with.

    `usual` is the version that most of the new wheels have; `files` are the channel's by name, `newest` is their
    highest version for each group, `recent` their versions by upload, the latest first.
    """

    usual: Version
    files: Mapping[str, RemoteFile]
    newest: Mapping[_Group, Version]
    recent: Sequence[Version]

    def newest_for(self, wheel: Wheel) -> Version | None:
        """The version that an installer would choose now in the wheel's place."""
        return max((self.newest[group] for group in _groups(wheel.tags) if group in self.newest), default=None)


def night_of(wheels: Sequence[Wheel], files: Iterable[RemoteFile]) -> Night:
    """Compare a project's new wheels, at least one, with its files on the channel."""
    usual = Counter(wheel.parsed_version for wheel in wheels)
    parsed = [(file, *names) for file in files if (names := _parsed(file.filename))]
    newest: dict[_Group, Version] = {}
    for _, version, tags in parsed:
        for group in _groups(tags):
            newest[group] = max(version, newest.get(group, version))
    return Night(
        usual=max(usual, key=lambda version: (usual[version], version)),
        files={file.filename: file for file, _, _ in parsed},
        newest=newest,
        recent=_by_upload((file, version) for file, version, _ in parsed),
    )


def _parsed(filename: str) -> tuple[Version, frozenset[Tag]] | None:
    """A file's version and tags; None for what an installer ignores as well."""
    try:
        _, version, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError):
        return None
    return version, tags


def _by_upload(files: Iterable[tuple[RemoteFile, Version]]) -> Sequence[Version]:
    dated = [(file.uploaded_at, version) for file, version in files if file.uploaded_at]
    return tuple(dict.fromkeys(version for _, version in sorted(dated, reverse=True)))


def _groups(tags: Iterable[Tag]) -> set[_Group]:
    return {(tag.interpreter, tag.abi, *_family(tag.platform)) for tag in tags}


def _family(platform: str) -> tuple[str, str]:
    """A platform's system and architecture, without the system's version: manylinux_2_28_x86_64 is linux, x86_64."""
    match = _PLATFORM.fullmatch(platform)
    return (match[1].removeprefix("many"), match[2]) if match else (platform, "")


def has_other_version(wheel: Wheel, night: Night) -> bool:
    """It isn't of the version that most of the run's wheels of this project have."""
    return wheel.parsed_version != night.usual


def is_no_dev_release(wheel: Wheel, _: Night) -> bool:
    """It would pass for a release, or for a pre-release."""
    return not wheel.parsed_version.is_devrelease


def is_fallback(wheel: Wheel, _: Night) -> bool:
    """It has what a build backend makes up where it finds no tag."""
    return dev_versions.is_fallback(wheel.parsed_version)


def is_older(wheel: Wheel, night: Night) -> bool:
    """An installer would choose a file that the channel has."""
    newest = night.newest_for(wheel)
    return newest is not None and wheel.parsed_version < newest


def replaces_its_like(wheel: Wheel, night: Night) -> bool:
    """It takes the place of a file of the same name, and not of the same bytes as far as the channel says."""
    there = night.files.get(wheel.filename)
    return there is not None and not there.holds(wheel)


def is_unordered(wheel: Wheel, _: Night) -> bool:
    """It is dev0, and no label tells in which order the nights come."""
    return dev_versions.is_unordered(wheel.parsed_version)


def has_other_digits(wheel: Wheel, night: Night) -> bool:
    """Its dev number is a date that the channel's recent ones are longer or shorter than."""
    return dev_versions.has_other_digits(wheel.parsed_version, night.recent)


def has_build_tag(wheel: Wheel, _: Night) -> bool:
    """Its name has a build tag, by which installers choose among files of one version."""
    return bool(wheel.build)


def is_raw_linux(wheel: Wheel, _: Night) -> bool:
    """It claims to run on any Linux."""
    return any(tag.platform.startswith("linux_") for tag in wheel.tags)
