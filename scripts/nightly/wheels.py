"""What a wheel says of itself, and whether to believe it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import BuildTag, InvalidWheelFilename, NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from nightly.archive import BadWheel, read_dist_info
from nightly.metadata import Metadata, parse_metadata

__all__ = ["BadWheel", "Wheel", "hashes", "metadata_headers", "read_wheel"]

_CHUNK = 2**20


@dataclass(frozen=True)
class Wheel:
    """A wheel that was read and found sound.

    `name` and `version` are METADATA's, to the letter; `project` is the name as PEP 503 normalises it. `size` is in
    bytes, hashes are hexadecimal (md5 is empty if it wasn't asked for), `metadata` is the METADATA file's bytes.
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


def hashes(path: Path) -> tuple[int, str, str]:
    """Size in bytes, sha256 and md5 of a file."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    return _read_into(path, sha256.update, md5.update), sha256.hexdigest(), md5.hexdigest()


def sha256_alone(path: Path) -> tuple[int, str, str]:
    """As `hashes`, but without md5, which takes more than twice the time of sha256 where that has instructions."""
    sha256 = hashlib.sha256()
    return _read_into(path, sha256.update), sha256.hexdigest(), ""


def read_wheel(path: Path, hashing: Callable[[Path], tuple[int, str, str]] = hashes) -> Wheel:
    """Read the wheel at `path` in one pass, with little memory however large it is. `hashing` gives what `hashes` does.

    Raises:
        BadWheel: it isn't a sound wheel. The message begins with the path, and is one printable line.
    """
    try:
        return _read(path, hashing)
    except OSError as exc:
        raise BadWheel(_one_line(f"{path}: can't be read ({exc.strerror or exc}); look at its permissions")) from exc
    except BadWheel as exc:
        raise BadWheel(_one_line(f"{path}: {exc}")) from exc


def metadata_headers(wheel: Wheel) -> Metadata:
    """What the wheel's METADATA says."""
    return parse_metadata(wheel.metadata)


def _read(path: Path, hashing: Callable[[Path], tuple[int, str, str]]) -> Wheel:
    _check_file(path)
    dist_info = read_dist_info(path)
    metadata = parse_metadata(dist_info.metadata)
    build, tags = _check_names(path.name, dist_info.directory, metadata)
    size, sha256, md5 = hashing(path)
    project = canonicalize_name(metadata.name)
    return Wheel(path, metadata.name, project, metadata.version, build, tags, size, sha256, md5, dist_info.metadata)


def _check_file(path: Path) -> None:
    """Name what a file obviously is instead of a wheel, before a zip error would hide it."""
    if not path.is_file():
        raise BadWheel(f"is {'a directory' if path.is_dir() else 'no regular file'}, not a wheel")
    if path.suffix != ".whl":
        raise BadWheel(f"isn't a wheel by its name{_sdist(path.name)}; a wheel's name ends in .whl")
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not path.stat().st_size:
        raise BadWheel("is empty (0 bytes); usually a build or a download failed: look at its log, then run it again")
    if start.startswith(b"<"):
        raise BadWheel("is an HTML or XML page; usually a download failed and saved the error page: download it again")
    if not start.startswith(b"PK\x03\x04"):
        raise BadWheel(f"doesn't start like a zip (but with {start[:8]!r}); build or download it again")


def _sdist(filename: str) -> str:
    return " but an sdist, which a nightly channel doesn't take" if filename.endswith((".tar.gz", ".zip")) else ""


def _check_names(filename: str, directory: str, metadata: Metadata) -> tuple[BuildTag, frozenset[Tag]]:
    """The file's name, the .dist-info directory's and METADATA agree; installers refuse a wheel where they don't."""
    try:
        project, version, build, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, ValueError) as exc:
        raise BadWheel(f"isn't named like a wheel (PEP 427, {exc}){_right_name(filename, metadata)}") from exc
    if (project, version) != _identity(metadata.name, metadata.version):
        said = f"{metadata.name!r} {metadata.version!r}"
        raise BadWheel(f"METADATA says {said}; usually it was renamed{_right_name(filename, metadata)}")
    if (project, version) != _identity(*directory.removesuffix(".dist-info").rpartition("-")[::2]):
        raise BadWheel(f"its directory {directory!r} isn't named like it; usually it was renamed: build it again")
    return build, tags


def _identity(name: str, version: str) -> tuple[NormalizedName, Version] | None:
    try:
        return canonicalize_name(name), Version(version)
    except ValueError:
        return None


def _right_name(filename: str, metadata: Metadata) -> str:
    """What the file should be called by its METADATA, if its tags can be told (scipy_openblas32, una#65)."""
    *head, python, abi, platform = ("", "", "", *filename.split("-"))
    if not all((python, abi, platform)):
        return ": build it again"
    _, _, build = "-".join(head).partition(f"-{metadata.version}-")
    stem = f"{canonicalize_name(metadata.name).replace('-', '_')}-{Version(metadata.version)}"
    return f": build it again, or name it {'-'.join(filter(None, (stem, build, python, abi, platform)))}"


def _read_into(path: Path, *updates: Callable[[memoryview], None]) -> int:
    """Read the file once for all of them. Returns its size."""
    size, buffer = 0, memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            for update in updates:
                update(buffer[:count])
            size += count
    return size


def _one_line(message: str) -> str:
    """The message with nothing in it that a terminal or a log would act upon."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in message)
