"""Whether a wheel holds what its RECORD says: every member's bytes, and no other member."""

from __future__ import annotations

import csv
import hashlib
import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from nightly.checking.faults import Fault, some
from nightly.checking.members import BadMember, bomb, unpacked
from nightly.checking.record import Record, Row, listable, parse_record

_LONGEST = 16 * 2**20
"""In bytes, of RECORD, which is held in memory."""

_BUILD_AGAIN = "Build the wheel again, and look at what is done to it after the build."
_REPACK = "Change the files before the wheel is built, or between `wheel unpack` and `wheel pack`, which renew RECORD."


@dataclass
class _Found:
    """The members that something is wrong with, by what it is."""

    damaged: list[str] = field(default_factory=list)
    other_hash: list[str] = field(default_factory=list)
    other_size: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    unhashed: list[str] = field(default_factory=list)


def content_faults(
    file: BinaryIO, entries: Sequence[zipfile.ZipInfo], directory: str, filename: str
) -> Iterator[Fault]:
    """All that is wrong with the members of a wheel, whose .dist-info is `directory`.

    Raises:
        OSError: the file can't be read.
    """
    reason = bomb(entries, os.fstat(file.fileno()).st_size)
    if reason:
        yield _bomb(filename, reason)
        return
    try:
        record = _record(file, entries, f"{directory}/RECORD")
    except (BadMember, UnicodeDecodeError, csv.Error) as error:
        yield _damaged(filename, [f"'{directory}/RECORD' {error}"])
        return
    yield from _repeated(entries, record, filename)
    yield from _faults(_verified(file, entries, record, directory), filename)


def _record(file: BinaryIO, entries: Sequence[zipfile.ZipInfo], name: str) -> Record:
    found = [entry for entry in entries if entry.filename == name]
    if not found or found[-1].file_size > _LONGEST:
        raise BadMember("isn't there" if not found else f"is larger than {_LONGEST} bytes")
    return parse_record(b"".join(unpacked(file, found[-1])).decode())


def _verified(file: BinaryIO, entries: Sequence[zipfile.ZipInfo], record: Record, directory: str) -> _Found:
    """Unpack every member, also those that RECORD doesn't list: each has to be whole."""
    found = _Found()
    to_list = frozenset(listable((entry.filename for entry in entries), directory))
    for entry in entries:
        name, row = entry.filename, record.rows.get(entry.filename)
        algorithm = row.algorithm if row and record.verifiable(name) else ""
        try:
            digest = _digest(file, entry, algorithm)
        except BadMember as error:
            found.damaged.append(f"{name!r} {error}")
            continue
        if name in to_list:
            _compare(found, name, row, digest, entry.file_size)
    return found


def _digest(file: BinaryIO, entry: zipfile.ZipInfo, algorithm: str) -> bytes:
    """The member's hash; with no algorithm it's only unpacked."""
    if not algorithm:
        for _ in unpacked(file, entry):
            pass
        return b""
    hashed = hashlib.new(algorithm)
    for piece in unpacked(file, entry):
        hashed.update(piece)
    return hashed.digest()


def _compare(found: _Found, name: str, row: Row | None, digest: bytes, size: int) -> None:
    if row is None:
        found.unlisted.append(name)
    elif not digest:
        found.unhashed.append(name)
    elif row.digest != digest:
        found.other_hash.append(name)
    elif not row.agrees(size):
        found.other_size.append(name)


def _repeated(entries: Sequence[zipfile.ZipInfo], record: Record, filename: str) -> Iterator[Fault]:
    counts = Counter(entry.filename for entry in entries)
    twice = sorted({name for name, count in counts.items() if count > 1} | set(record.repeated))
    if twice:
        yield Fault(
            "Members given twice",
            filename,
            f"In the zip or in RECORD, {some(twice)} is there more than once.",
            "Which one counts depends on the installer; usually a step after the build added it to the zip.",
            _REPACK,
        )


def _faults(found: _Found, filename: str) -> Iterator[Fault]:
    if found.damaged:
        yield _damaged(filename, found.damaged)
    if found.other_hash:
        yield Fault(
            "RECORD lies",
            filename,
            f"The hash of {some(found.other_hash)} isn't the one in RECORD.",
            "Usually a step after the build changed files and not RECORD.",
            _REPACK,
        )
    if found.other_size:
        yield Fault(
            "RECORD lies",
            filename,
            f"The size of {some(found.other_size)} isn't the one in RECORD, though the hash is.",
            "Usually RECORD was written by hand.",
            _BUILD_AGAIN,
        )
    if found.unlisted:
        yield Fault(
            "Not in RECORD",
            filename,
            f"RECORD doesn't list {some(found.unlisted)}.",
            "Usually a step after the build added files to the zip; who uninstalls the wheel keeps them.",
            _REPACK,
        )
    if found.unhashed:
        yield Fault(
            "Not in RECORD",
            filename,
            f"RECORD has no hash of {some(found.unhashed)} that can be trusted (sha256, sha384 or sha512).",
            "Usually RECORD was written by hand, or by a build backend that is very old.",
            _BUILD_AGAIN,
        )


def _damaged(filename: str, members: Sequence[str]) -> Fault:
    more = f", and {len(members) - 1} more such members" if members[1:] else ""
    return Fault(
        "Damaged wheel",
        filename,
        f"Its member {members[0]}{more}.",
        "Usually bytes were lost or changed on the way from the build.",
        "Upload and download the artifact again, or build the wheel again.",
    )


def _bomb(filename: str, reason: str) -> Fault:
    return Fault(
        "Zip bomb",
        filename,
        f"It isn't unpacked, as {reason}.",
        "No build makes such a wheel; data of zeros, or a damaged directory of the zip, may look like it.",
        "Look at its members with `unzip -lv`, and build it again.",
    )
