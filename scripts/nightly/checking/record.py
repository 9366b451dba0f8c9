"""RECORD, a wheel's list of its files with their hashes (binary distribution format). Pure."""

from __future__ import annotations

import base64
import binascii
import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
"""The specification allows sha256 or better."""

_SIGNATURES = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""What can't be listed with a hash, or needn't be listed."""


@dataclass(frozen=True)
class Row:
    """What RECORD says of a file: the hash's `algorithm` and bytes, and the size as it stands there, or ""."""

    algorithm: str
    digest: bytes
    size: str

    def agrees(self, size: int) -> bool:
        """Whether the size is this one, in bytes, or isn't said."""
        return self.size in {"", str(size)}


@dataclass(frozen=True)
class Record:
    """All rows by their paths, and the paths that stand there more than once."""

    rows: Mapping[str, Row]
    repeated: tuple[str, ...]

    def verifiable(self, name: str) -> bool:
        """Whether the file has a row with a hash to hold it against."""
        row = self.rows.get(name)
        return row is not None and row.algorithm in ALGORITHMS


def parse_record(text: str) -> Record:
    """Read RECORD.

    Raises:
        csv.Error: it's no table.
    """
    rows: dict[str, Row] = {}
    repeated = []
    for path, encoded, size in (_three(row) for row in csv.reader(f"{line}\n" for line in text.split("\n")) if row):
        algorithm, _, digest = encoded.partition("=")
        if path in rows:
            repeated.append(path)
        rows[path] = Row(algorithm, _decoded(digest), size)
    return Record(rows, tuple(repeated))


def listable(names: Iterable[str], directory: str) -> tuple[str, ...]:
    """The files that RECORD has to list, among the members of a wheel whose .dist-info is this directory."""
    unlisted = {f"{directory}/{name}" for name in _SIGNATURES}
    return tuple(name for name in names if not name.endswith("/") and name not in unlisted)


def _three(row: list[str]) -> tuple[str, str, str]:
    path, encoded, size, *_ = (*row, "", "")
    return path, encoded, size.strip()


def _decoded(digest: str) -> bytes:
    """The hash's bytes, of urlsafe base64 without padding; none, if it isn't that."""
    try:
        return base64.b64decode(digest + "=" * (-len(digest) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
