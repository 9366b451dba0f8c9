"""Taking a project's files out of an artifact's ZIP file, whose names and sizes aren't believed."""

from __future__ import annotations

import hashlib
import re
import shutil
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.errors import UserError
from nightly.fetching.kinds import parse_name
from nightly.fetching.names import safe_name
from nightly.sums import SHA256SUMS, differences, parse_sums

LARGEST = 4_000_000_000
"""In bytes, of a file."""

_LARGEST_SUMS = 4 * 2**20
_CHUNK = 2**20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, ValueError)
_OUTSIDE = re.compile(r"[\\/]|[A-Za-z]:|(.*[\\/])?\.\.([\\/]|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Taken:
    """A file that was taken out, with its size in bytes."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Contents:
    """A project's files of an artifact. It was `gathered` if it tells their hashes."""

    artifact: str
    files: tuple[Taken, ...] = ()
    gathered: bool = False


def take_files(archive: Path, artifact: str, project: str, directory: Path) -> Contents:
    """Take a project's wheels and sdists out of the artifact's ZIP file, from whichever folder in it.

    What isn't a ZIP file at all has none: a workflow may upload a single file as it is.

    Raises:
        UserError: it can't be read, names what is outside of it, is too large, or isn't what its SHA256SUMS says.
    """
    if not _is_zip(archive):
        return Contents(artifact)
    try:
        with zipfile.ZipFile(archive) as opened:
            return _take(opened, artifact, project, directory)
    except _UNREADABLE as error:
        raise UserError(
            f"The artifact {artifact!r} can't be read ({error}).",
            title="Unreadable artifact",
            do="Run again the job that made it.",
        ) from error


def project_of(filename: str) -> str:
    """The project of a wheel or an sdist by its name, normalized; "" for any other file."""
    named = parse_name(filename)
    return named.project if named else ""


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in _ZIP_STARTS


def _take(archive: zipfile.ZipFile, artifact: str, project: str, directory: Path) -> Contents:
    entries = [each for each in archive.infolist() if not each.is_dir()]
    _check_names(entries, artifact)
    wanted = [each for each in entries if project_of(_basename(each.filename)) == project]
    _check_sizes(wanted, artifact, directory)
    files = _taken(archive, wanted, artifact, directory)
    sums = _sums(archive, entries)
    if sums:
        _check_sums({name: each for name, each in sums.items() if project_of(name) == project}, files, artifact)
    return Contents(artifact, tuple(files.values()), gathered=bool(sums))


def _basename(name: str) -> str:
    return re.split(r"[\\/]", name)[-1]


def _check_names(entries: Sequence[zipfile.ZipInfo], artifact: str) -> None:
    for each in entries:
        if _OUTSIDE.match(each.filename):
            raise _bad(artifact, f"holds {each.filename!r}, which leads out of the directory it's unpacked to")


def _check_sizes(entries: Sequence[zipfile.ZipInfo], artifact: str, directory: Path) -> None:
    for each in entries:
        if each.file_size > LARGEST:
            raise _bad(artifact, f"holds {each.filename!r} of {each.file_size} bytes, and {LARGEST} is the most")
    total, free = sum(each.file_size for each in entries), shutil.disk_usage(directory).free
    if total > free:
        raise UserError(
            f"The files in the artifact {artifact!r} take {total} bytes, but {str(directory)!r} has room for {free}.",
            title="No room",
            do="Make room there, or name another place in the variable TMPDIR (on Windows, TEMP).",
        )


def _taken(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], artifact: str, directory: Path
) -> dict[str, Taken]:
    """The files by their names. One may be there twice, in two folders, if both are the same."""
    files: dict[str, Taken] = {}
    for number, entry in enumerate(entries):
        folder = directory / str(number)
        folder.mkdir()
        taken = _copy(archive, entry, folder / safe_name(_basename(entry.filename)))
        first = files.setdefault(taken.path.name, taken)
        if first.sha256 != taken.sha256:
            raise _bad(artifact, f"holds two files {taken.path.name!r} that differ")
    return files


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> Taken:
    """Write an entry to a file. No more comes of it than it has said, whatever it is packed from."""
    digest, size = hashlib.sha256(), 0
    with archive.open(entry) as source, path.open("xb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += file.write(chunk)
    if size != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename!r} has {size} bytes, and not {entry.file_size}")
    return Taken(path, digest.hexdigest(), size)


def _sums(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Mapping[str, str]:
    """The hashes that whoever gathered the parts of a build has written beside them: they're believed."""
    texts = []
    for each in (each for each in entries if _basename(each.filename) == SHA256SUMS):
        with archive.open(each) as file:
            texts.append(file.read(_LARGEST_SUMS).decode())
    return {_basename(name): sha256 for name, sha256 in parse_sums("\n".join(texts)).items()}


def _check_sums(sums: Mapping[str, str], files: Mapping[str, Taken], artifact: str) -> None:
    wrong = next(differences({name: file.sha256 for name, file in files.items()}, sums), "")
    if wrong:
        raise _bad(artifact, f"isn't what was gathered: {wrong}")


def _bad(artifact: str, what: str) -> UserError:
    return UserError(
        f"The artifact {artifact!r} {what}.",
        title="Bad artifact",
        means="A job wrote it otherwise than this project's workflows do, or it was changed.",
        do="Look at that job's log, and run it again. Nothing was taken from the run.",
    )
