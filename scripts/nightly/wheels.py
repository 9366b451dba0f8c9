"""What a wheel says of itself, and whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName
from packaging.version import Version


@dataclass(frozen=True)
class Wheel:
    """A wheel that was read and found sound.

    `name` and `version` are METADATA's, to the letter; `project` is the name as PEP 503 normalises it. `size` is in
    bytes, hashes are hexadecimal, `metadata` is the METADATA file's bytes.
    """

    path: Path
    name: str
    project: NormalizedName
    version: str
    build: BuildTag
    tags: frozenset[Tag]
    size: int
    sha256: str
    md5: str
    metadata: bytes = field(repr=False)

    @property
    def filename(self) -> str:
        return self.path.name

    @property
    def parsed_version(self) -> Version:
        return Version(self.version)


class BadWheel(Exception):
    """Why a file isn't a wheel to publish, and what to do about it, as one line."""
