"""The files of a build as they lie in a directory, with what BUILD-INFO.json and SHA256SUMS say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightly.building.records import BUILD_INFO, BuildInfo, BuiltFile
from nightly.data import Unreadable, load
from nightly.errors import UserError
from nightly.sums import SHA256SUMS, parse_sums
from nightly.wheels import hashes


@dataclass(frozen=True)
class Gathered:
    """What a directory has: its `files` are read anew, without the two that speak of the others."""

    info: BuildInfo
    sums: Mapping[str, str]
    files: tuple[BuiltFile, ...]


def read_gathered(directory: Path) -> Gathered:
    """Read a directory of a run's gathered artifact.

    Raises:
        UserError: it isn't one.
    """
    try:
        info = load(BuildInfo, directory / BUILD_INFO)
        sums = parse_sums((directory / SHA256SUMS).read_text(encoding="utf-8"))
        return Gathered(info, sums, tuple(_measured(path) for path in _others(directory)))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{str(directory)!r} isn't what a build leaves behind: {error}",
            title="No build",
            means="The artifact that build-wheels.yml gathers has all files, with BUILD-INFO.json and SHA256SUMS.",
            do="Name that artifact, and the run that has it.",
            exit_code=2,
        ) from error


def _others(directory: Path) -> list[Path]:
    return sorted(path for path in directory.iterdir() if path.name not in (BUILD_INFO, SHA256SUMS))


def _measured(path: Path) -> BuiltFile:
    if path.is_symlink() or not path.is_file():
        raise Unreadable(f"{path.name} is no file")
    size, sha256, _ = hashes(path)
    return BuiltFile(path.name, size, sha256)
