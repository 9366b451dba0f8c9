"""Reading an sdist: that it is whole, named as PKG-INFO says, and unpacks into one directory (PEP 625, PEP 721)."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from packaging.metadata import parse_email
from packaging.utils import InvalidSdistFilename, NormalizedName, canonicalize_name, parse_sdist_filename
from packaging.version import Version

from nightly.checking.bounded import Bounded
from nightly.checking.distributions import Distribution, Reading
from nightly.checking.faults import Fault
from nightly.checking.licences import absent_from_sdist, is_licensed, licence_faults
from nightly.checking.members import RATIO, UNPACKED
from nightly.checking.sdist_contents import Contents, content_faults
from nightly.metadata import Metadata, parse_metadata
from nightly.wheels import BadWheel, sha256_alone

_UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError)
"""What tarfile and gzip raise for bytes that were cut, flipped or made up."""

_INFO_LIMIT = 10 * 2**20
_MEMBERS = 200_000


class BadSdist(Exception):
    """Why a file isn't an sdist, what it usually means and what to do, as one line."""


def read_sdist_whole(path: Path) -> Reading:
    """Read an sdist, and unpack all of it."""
    try:
        return _read(path)
    except BadSdist as error:
        return Reading(None, (Fault("Not a sound sdist", path.name, str(error)),))


def _read(path: Path) -> Reading:
    project, version = _by_name(path)
    try:
        _check_start(path)
        contents = _unpacked(path)
    except _UNREADABLE as error:
        raise BadSdist(
            f"It can't be unpacked ({error}). Usually the file was cut off on its way: build or download it again."
        ) from error
    faults = [*content_faults(contents, path.name)]
    try:
        metadata = parse_metadata(contents.info)
    except BadWheel as error:
        said = str(error).replace("METADATA", "PKG-INFO") if contents.info else "it has no PKG-INFO: build it again"
        return Reading(None, (*faults, Fault("Not a sound sdist", path.name, f"{said}.")))
    faults += _name_faults(path.name, project, version, metadata)
    declared = parse_email(contents.info)[0].get("license_files", [])
    members = frozenset(contents.files)
    faults += licence_faults(absent_from_sdist(declared, members, contents.top), path.name)
    return Reading(_distribution(path, contents, metadata, licensed=is_licensed(members, contents.top)), tuple(faults))


def _by_name(path: Path) -> tuple[NormalizedName, Version]:
    if path.name.endswith(".zip"):
        raise BadSdist("It is a zip. An sdist is a .tar.gz (PEP 625): build it with a newer build backend.")
    try:
        return parse_sdist_filename(path.name)
    except (InvalidSdistFilename, ValueError) as error:
        raise BadSdist(f"It isn't named like an sdist, NAME-VERSION.tar.gz ({error}): build it again.") from error


def _check_start(path: Path) -> None:
    """Name what a file obviously is instead of an sdist."""
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not path.stat().st_size:
        raise BadSdist(
            "It is empty (0 bytes). Usually a build or a download failed: look at its log, then run it again."
        )
    if start.startswith(b"<"):
        raise BadSdist(
            "It is an HTML or XML page. Usually a download failed and saved the error page: download it again."
        )
    if not start.startswith(b"\x1f\x8b"):
        raise BadSdist(f"It doesn't start like a .tar.gz (but with {start[:8]!r}): build or download it again.")


def _unpacked(path: Path) -> Contents:
    limit = max(UNPACKED, RATIO * path.stat().st_size)
    with gzip.open(path) as stream:
        bounded, contents = Bounded(stream, limit), Contents()
        with tarfile.open(fileobj=bounded, mode="r:") as archive:  # type: ignore[call-overload]  # all that it uses
            for member in _members(archive):
                contents.add(member, lambda each: _info(archive, each))
        bounded.rest()
    return contents


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """One after another, of which tarfile would keep all."""
    for _ in range(_MEMBERS):
        member = archive.next()
        if member is None:
            return
        yield member
        archive.members.clear()  # type: ignore[attr-defined]  # it's there, though not in typeshed's stubs
    raise ValueError(f"it has more than {_MEMBERS} members")


def _info(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None or member.size > _INFO_LIMIT:
        raise ValueError(f"{member.name!r} is no file, or larger than {_INFO_LIMIT} bytes")
    return file.read(_INFO_LIMIT)


def _name_faults(filename: str, project: NormalizedName, version: Version, metadata: Metadata) -> Iterator[Fault]:
    if (project, version) != (canonicalize_name(metadata.name), Version(metadata.version)):
        yield Fault(
            "Another name",
            filename,
            f"PKG-INFO says {metadata.name!r} {metadata.version!r}.",
            "Usually the file was renamed.",
            "Build it again, with the version that it shall have.",
        )
    stem = f"{canonicalize_name(metadata.name).replace('-', '_')}-{Version(metadata.version)}"
    if filename.lower() != f"{stem}.tar.gz".lower() and (project, version) == parse_sdist_filename(f"{stem}.tar.gz"):
        yield Fault(
            "Name of the sdist",
            filename,
            f"By PEP 625 it is to be called {stem}.tar.gz.",
            "Usually the build backend is old; PyPI warns of such names, and will refuse them.",
            "Raise the build backend's version in [build-system].",
            warning=True,
        )


def _distribution(path: Path, contents: Contents, metadata: Metadata, *, licensed: bool) -> Distribution:
    size, sha256, _ = sha256_alone(path)
    return Distribution(
        path=path,
        name=metadata.name,
        project=canonicalize_name(metadata.name),
        version=Version(metadata.version),
        tags=frozenset(),
        size=size,
        sha256=sha256,
        metadata_sha256=hashlib.sha256(contents.info).hexdigest(),
        licensed=licensed,
    )
