"""Reading a wheel: that it is named as its metadata says, holds what RECORD says, and has its licences."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from packaging.metadata import parse_email

from nightly.archive import UNREADABLE
from nightly.checking.distributions import Distribution, Reading
from nightly.checking.faults import Fault
from nightly.checking.licences import absent_from_wheel, is_licensed, licence_faults
from nightly.checking.members import BadMember, unpacked
from nightly.checking.wheel_contents import content_faults
from nightly.wheels import BadWheel, Wheel, read_wheel, sha256_alone

_LONGEST = 2**20
"""In bytes, of WHEEL."""


def read_wheel_whole(path: Path) -> Reading:
    """Read a wheel, and unpack all of it."""
    try:
        wheel, faults = read_wheel(path, sha256_alone), list[Fault]()
    except BadWheel as error:
        wheel, faults = None, [_unfit(path, error)]
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _read(path, wheel, faults, file, archive.infolist())
    except UNREADABLE as error:
        return Reading(None, tuple(faults) or (_unfit(path, error),))


def _read(
    path: Path, wheel: Wheel | None, faults: list[Fault], file: BinaryIO, entries: list[zipfile.ZipInfo]
) -> Reading:
    members = {entry.filename: entry for entry in entries}
    directory = next((name.partition("/")[0] for name in members if re.fullmatch(r"[^/]+\.dist-info/RECORD", name)), "")
    if directory:
        faults += content_faults(file, entries, directory, path.name)
    if wheel is None:
        return Reading(None, tuple(faults))
    declared = parse_email(wheel.metadata)[0].get("license_files", [])
    faults += licence_faults(absent_from_wheel(declared, members.keys(), directory), path.name)
    generator = _generator(file, members.get(f"{directory}/WHEEL"))
    return Reading(_distribution(wheel, generator, licensed=is_licensed(members, directory)), tuple(faults))


def _distribution(wheel: Wheel, generator: str, *, licensed: bool) -> Distribution:
    return Distribution(
        path=wheel.path,
        name=wheel.name,
        project=wheel.project,
        version=wheel.parsed_version,
        tags=wheel.tags,
        size=wheel.size,
        sha256=wheel.sha256,
        metadata_sha256=hashlib.sha256(wheel.metadata).hexdigest(),
        licensed=licensed,
        generator=generator,
    )


def _generator(file: BinaryIO, entry: zipfile.ZipInfo | None) -> str:
    """What built the wheel, as WHEEL says; nothing where it can't be read, which is told as a damaged member."""
    if entry is None or entry.file_size > _LONGEST:
        return ""
    try:
        text = b"".join(unpacked(file, entry)).decode("utf-8", "replace")
    except BadMember:
        return ""
    return next(_values(text, "Generator"), "")


def _values(text: str, key: str) -> Iterator[str]:
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == key.lower():
            yield value.strip()


def _unfit(path: Path, error: Exception) -> Fault:
    """What is wrong, what it means and what to do are in the message, which begins with the path."""
    return Fault("Not a sound wheel", path.name, str(error).removeprefix(f"{path}: ").rstrip(".") + ".")
