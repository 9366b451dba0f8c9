"""A wheel's RECORD, and the files that were installed from it, held against each other."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from nightly.data import Unreadable

Record: TypeAlias = "Mapping[str, str]"
"""Paths below site-packages, and their hashes as RECORD has them ("sha256=..."; "" where there's none)."""

_LARGEST = 64 * 2**20
"""In bytes, of a RECORD."""

_WRITTEN_BY_INSTALLERS = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"})
_ALGORITHMS = ("sha256", "sha384", "sha512")
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, OverflowError, EOFError, ValueError, OSError)
_CHUNK = 2**20


def parse_record(text: str) -> Record:
    """Read a RECORD, as far as it is one."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error:
        return {}
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def record_of_wheel(wheel: Path) -> Record:
    """The RECORD that is in a wheel.

    Raises:
        Unreadable: there's none that can be read.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            record = parse_record(_record_text(archive))
    except _BROKEN as error:
        raise Unreadable(f"it has no RECORD that can be read ({type(error).__name__})") from error
    if not any(_comparable(record)):
        raise Unreadable("its RECORD names no file with a hash")
    return record


def changed_files(record: Record, folder: Path) -> tuple[str, ...]:
    """The paths of `record` that aren't in `folder`, or have other bytes there; what installers write is left out."""
    return tuple(path for path, digest in _comparable(record) if not _has(folder / path, digest))


def _record_text(archive: zipfile.ZipFile) -> str:
    """Empty where there's none, or one that is too large."""
    for entry in archive.infolist():
        if re.fullmatch(r"[^/]+\.dist-info/RECORD", entry.filename) and entry.file_size <= _LARGEST:
            return archive.read(entry).decode()
    return ""


def _comparable(record: Record) -> Iterator[tuple[str, str]]:
    """Files whose bytes an installer takes as they are, by the paths that they get in site-packages."""
    for path, digest in record.items():
        inner = PurePosixPath(path)
        if inner.parts and inner.parts[0].endswith(".data"):
            if inner.parts[1:2] not in {("purelib",), ("platlib",)}:
                continue
            inner = PurePosixPath(*inner.parts[2:])
        is_written = inner.parent.suffix == ".dist-info" and inner.name in _WRITTEN_BY_INSTALLERS
        if not digest or is_written or inner.suffix == ".pyc" or inner.is_absolute() or ".." in inner.parts:
            continue
        yield str(inner), digest


def _has(path: Path, digest: str) -> bool:
    algorithm, _, expected = digest.partition("=")
    if algorithm not in _ALGORITHMS:
        return False
    found = hashlib.new(algorithm)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(found.digest()).decode().rstrip("=") == expected.rstrip("=")
