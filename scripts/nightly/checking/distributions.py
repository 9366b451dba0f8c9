"""What is known of a wheel or an sdist that was read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import NormalizedName
from packaging.version import Version

from nightly.checking.faults import Fault


@dataclass(frozen=True)
class Distribution:
    """A file that says one name and version of itself. An sdist has no tags.

    `size` is in bytes, hashes are hexadecimal, of the file and of METADATA or PKG-INFO; `licensed` is whether a
    licence's text is in it, and `generator` what WHEEL says that it was built by.
    """

    path: Path
    name: str
    project: NormalizedName
    version: Version
    tags: frozenset[Tag]
    size: int
    sha256: str
    metadata_sha256: str
    licensed: bool
    generator: str = ""

    @property
    def filename(self) -> str:
        return self.path.name

    @property
    def is_wheel(self) -> bool:
        return bool(self.tags)


@dataclass(frozen=True)
class Reading:
    """What came of reading a file: None where it isn't a wheel or an sdist at all, and what is wrong with it."""

    distribution: Distribution | None
    faults: tuple[Fault, ...]
