"""Sound wheels and sdists, and what may go wrong with them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from nightly.building.records import BuildPlan
from nightly.checking.gathering import gather
from sample_wheels import _write

INFO = "demo_pkg-1.0.dist-info"
WHEEL = "demo_pkg-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
SDIST = "demo_pkg-1.0.tar.gz"
METADATA = (
    "Metadata-Version: 2.4\nName: demo-pkg\nVersion: {version}\nSummary: A demo\nLicense-File: LICENSE\n"
    "Description-Content-Type: text/plain\n\nA demo.\n"
)

Members = dict[str, bytes]


def wheel(
    directory: Path,
    tag: str = "cp312-cp312-manylinux_2_28_x86_64",
    version: str = "1.0",
    name: str = "demo_pkg",
    changes: Mapping[str, bytes | None] | None = None,
) -> Path:
    """A wheel of some members, with `changes` to them before RECORD is written; None takes one away."""
    info = f"{name}-{version}.dist-info"
    files: dict[str, bytes | None] = {
        "demo_pkg/__init__.py": b"",
        "demo_pkg/data.bin": bytes(range(256)) * 40,
        f"{info}/METADATA": METADATA.format(version=version).replace("demo-pkg", name).encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: samples (2.1)\nTag: {tag}\n".encode(),
        f"{info}/licenses/LICENSE": b"Do what you like.\n",
        **(changes or {}),
    }
    kept = {path: content for path, content in files.items() if content is not None}
    return _write(directory, f"{name}-{version}", f"{name}-{version}-{tag}", kept)


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rezipped(path: Path, content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write the wheel anew with these members, whatever RECORD says."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def altered(name: str, alter: Callable[[bytes], bytes | None]) -> Callable[[Path], None]:
    """A step after the build, that changes a member of the wheel, or adds or drops one, and not RECORD."""

    def change(path: Path) -> None:
        content = members(path)
        new = alter(content.pop(name, b""))
        rezipped(path, content if new is None else {**content, name: new})

    return change


def sdist(
    directory: Path,
    changes: Mapping[str, bytes | None] | None = None,
    *,
    filename: str = SDIST,
    extra: tuple[tarfile.TarInfo, ...] = (),
) -> Path:
    """An sdist of some members, with `changes` to them, and then members without content."""
    files: dict[str, bytes | None] = {
        "demo_pkg-1.0/PKG-INFO": METADATA.format(version="1.0").encode(),
        "demo_pkg-1.0/pyproject.toml": b'[build-system]\nrequires = ["setuptools"]\n',
        "demo_pkg-1.0/LICENSE": b"Do what you like.\n",
        **(changes or {}),
    }
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / filename
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            if content is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        for entry in extra:
            archive.addfile(entry)
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


def header_only(path: Path, size: int, kind: bytes) -> None:
    """A tar whose first header says that it has so many bytes."""
    entry = tarfile.TarInfo("demo_pkg-1.0/zeros")
    entry.size, entry.type = size, kind
    with gzip.open(path, "wb") as file:
        file.write(entry.tobuf(tarfile.GNU_FORMAT))


def plan(*identifiers: str, version: str = "1.0", sdist: bool = False, project: str = "demo-pkg") -> BuildPlan:
    return BuildPlan(
        project=project,
        source_repository="upstream/demo",
        source_sha="0123456789abcdef0123456789abcdef01234567",
        describe="v1.0",
        epoch=1_700_000_000,
        version=version,
        targets=(),
        identifiers=identifiers,
        sdist=sdist,
        driver_repository="org/driver",
        driver_sha="",
    )


def wrong_with(*paths: Path) -> list[tuple[str, str]]:
    """What is wrong with files by themselves: which file, and all that is said."""
    return [(fault.file, f"{fault.title}: {fault.advice}") for fault in gather(paths, None).faults]
