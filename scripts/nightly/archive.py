"""The zip that a wheel is: whether it is whole, and what its .dist-info says.

Refused is what installers refuse, and what shows that bytes are missing. What pip installs without a word passes.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_METADATA_LIMIT = 10 * 2**20
_RECORD_LIMIT = 64 * 2**20

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,
    OverflowError,
    EOFError,
    ValueError,
    OSError,
)
"""What zipfile raises for bytes that were cut, flipped or made up, besides its own BadZipFile."""

_ENCRYPTED = 0x1
_LOCAL_HEADER_SIZE = 30
_OUTSIDE = re.compile(r"[\\/]|[A-Za-z]:[\\/]|(.*[\\/])?\.\.([\\/]|\Z)", re.DOTALL)


class BadWheel(Exception):
    """Why a file isn't a wheel to publish, and what to do about it, as one line."""


@dataclass(frozen=True)
class DistInfo:
    """A wheel's .dist-info: the directory's name, and METADATA's bytes."""

    directory: str
    metadata: bytes


def read_dist_info(path: Path) -> DistInfo:
    """Open the zip at `path`, check that it is whole, and read its .dist-info; payloads aren't read.

    Raises:
        BadWheel: what is wrong with it; the message doesn't name the file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(archive)
    except UNREADABLE as exc:
        reason = f"the zip can't be read ({exc})"
        raise BadWheel(f"{reason}; usually the file was cut off on its way: build or download it again") from exc


def _checked(archive: zipfile.ZipFile) -> DistInfo:
    entries = archive.infolist()
    _check_entries(entries, archive.start_dir)
    directory = _dist_info_directory(entry.filename for entry in entries)
    metadata = _member(archive, f"{directory}/METADATA", _METADATA_LIMIT)
    _only(archive, f"{directory}/WHEEL")
    _check_record(_member(archive, f"{directory}/RECORD", _RECORD_LIMIT), entries)
    return DistInfo(directory, metadata)


def _check_entries(entries: Iterable[zipfile.ZipInfo], end: int) -> None:
    """Every entry can be unpacked below the target, and its bytes are there, before the directory at `end`."""
    for entry in entries:
        if _OUTSIDE.match(entry.filename):
            raise BadWheel(f"its member {entry.filename!r} would be unpacked outside of the target: build it again")
        if entry.flag_bits & _ENCRYPTED:
            raise BadWheel(f"its member {entry.filename!r} is encrypted, which no installer reads: zip it without")
        if not 0 <= entry.header_offset <= end - _LOCAL_HEADER_SIZE - entry.compress_size:
            raise BadWheel(f"bytes of its member {entry.filename!r} are missing: build or download it again")


def _dist_info_directory(names: Iterable[str]) -> str:
    tops = {top for top, slash, _ in (name.partition("/") for name in names) if slash}
    found = sorted(top for top in tops if top.endswith(".dist-info"))
    if not found:
        raise BadWheel("it has no .dist-info directory, so it's a zip but not a wheel: build it with a wheel builder")
    if len(found) > 1:
        raise BadWheel(f"it has {len(found)} .dist-info directories ({', '.join(found[:5])}), installers want one")
    return found[0]


def _only(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The one entry of that name: with two, which one counts depends on the installer."""
    found = [entry for entry in archive.infolist() if entry.filename == name]
    if len(found) != 1:
        amount = f"{len(found)} times" if found else "not"
        raise BadWheel(f"{name} is {amount} in it, and has to be there once: build it again")
    return found[0]


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """A member's bytes. Only of the two methods whose output zipfile bounds, so that a zip bomb stays small."""
    entry = _only(archive, name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadWheel(f"{name} is compressed by method {entry.compress_type}: only stored and deflate are portable")
    if entry.file_size > limit:
        raise BadWheel(f"{name} has {entry.file_size} bytes, more than {limit}: no installer expects that")
    with archive.open(entry) as file:
        return file.read(limit + 1)


def _check_record(record: bytes, entries: Iterable[zipfile.ZipInfo]) -> None:
    """Every name in RECORD is in the zip. What RECORD doesn't list is left alone, as pip does."""
    try:
        listed = {row[0] for row in csv.reader(io.StringIO(record.decode(), newline="")) if row}
    except (csv.Error, UnicodeDecodeError) as exc:
        raise BadWheel(f"RECORD isn't a table in UTF-8 ({exc}): build it again") from exc
    missing = sorted(listed - {entry.filename for entry in entries})
    if missing:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise BadWheel(f"RECORD lists {missing[0]!r}{more}, not in the zip: usually a step after the build lost files")
