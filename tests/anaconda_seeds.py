"""Files that were there before."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from anaconda_model import Lag, StoredFile, timestamp
from anaconda_state import State
from exchanges import Json


def plant(
    state: State, owner: str, wheel: Path, labels: Sequence[str], uploaded_at: datetime | None, lag: Lag | None = None
) -> StoredFile:
    """Have a wheel, its release and its package, as if it had been uploaded (now, if not said when)."""
    metadata = _metadata(wheel)
    name, version = metadata["Name"], metadata["Version"]
    state.create_package(owner, name, {"summary": metadata["Summary"]})
    state.create_release(owner, name, version, {"home_page": metadata["Home-page"]})
    identity, content = state.new_id(), wheel.read_bytes()
    file = StoredFile(
        id=identity,
        owner=owner,
        package=name,
        version=version,
        basename=wheel.name,
        size=len(content),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        upload_time=timestamp(uploaded_at),
        labels=tuple(labels),
        path=state.directory / identity,
        attrs=_attributes(wheel.stem),
    )
    state.add(file, lag)
    file.path.write_bytes(content)
    return file


def plant_record(state: State, owner: str, package: str, version: str, basename: str, upload_time: str) -> StoredFile:
    """Have a wheel whose bytes nobody will ask for. Its hashes and size are made up of its name."""
    state.create_package(owner, package, {})
    state.create_release(owner, package, version, {})
    identity, name = state.new_id(), basename.encode()
    file = StoredFile(
        id=identity,
        owner=owner,
        package=package,
        version=version,
        basename=basename,
        size=1000 * len(name),
        md5=hashlib.md5(name, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(name).hexdigest(),
        upload_time=upload_time,
        labels=("main",),
        path=state.directory / identity,
        attrs=_attributes(basename.removesuffix(".whl")),
    )
    return state.add(file)


def _attributes(stem: str) -> Json:
    """What anaconda-client announces of a wheel's name, as far as tests care."""
    python, abi, _ = stem.split("-")[-3:]
    return {
        "build_no": 0,
        "python_version": python,
        "abi": None if abi == "none" else abi,
        "packagetype": "bdist_wheel",
    }


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(archive.read(inner))
