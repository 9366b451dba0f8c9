"""tinycss2 as its maintainers release it, with its tests, and pretended nightlies of what it depends on."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from end_to_end.acting import ROOT
from end_to_end.weekly import Project
from nightly.cache import cache_dir, kept, key_of
from nightly.data import load

T = TypeVar("T")

NAME = "tinycss2"
VERSION = "1.5.1"
"""Its metadata needs webencodings, its extra `test` pytest and ruff, and building it flit_core."""
WEBENCODINGS = "0.6.1"

LOCK = ROOT / "scripts" / "requirements.txt"
"""What our own commands take from the registry."""

NO_CHANGES: Mapping[str, tuple[str, str]] = MappingProxyType({})

SELECTED = "not color"
"""All tests but the 16,614 of how colours are computed, which would take most of the time and need no dependency."""

WORKFLOW = f"""\
on: {{schedule: [{{cron: "23 5 * * 1"}}]}}
jobs:
  nightlies:
    uses: org/upload-nightly-action/.github/workflows/test-nightly.yml@main
    permissions: {{contents: read, issues: write, actions: read}}
    with:
      install: python -m pip install .[test]
      test: pytest -k "{SELECTED}"
      extras: test
      channels: nightly-wheels
"""


@dataclass(frozen=True)
class Downloads:
    """What a registry has of it: the source distribution, and a directory of all wheels that its jobs may take."""

    directory: Path

    @classmethod
    def fetch(cls) -> Downloads:
        """Get it by pip, once."""
        key = "-".join([NAME, VERSION, WEBENCODINGS, version("pytest"), key_of(LOCK)])
        return cls(kept(cache_dir(os.environ, sys.platform), key, _download))

    @property
    def wheels(self) -> Path:
        return self.directory / "wheels"

    def wheel(self, name: str) -> Path:
        """A wheel of a project of this name."""
        return max(self.wheels.glob(f"{name}-*.whl"))

    @property
    def files(self) -> dict[str, str]:
        """The files of the source distribution, as a checkout has them."""
        with tarfile.open(self.directory / f"{NAME}-{VERSION}.tar.gz") as archive:
            members = [(member.name.partition("/")[2], archive.extractfile(member)) for member in archive.getmembers()]
            return {name: file.read().decode() for name, file in members if file}


@dataclass
class RealProject(Project):
    """It calls the workflow, and what it depends on has nightlies that are patched releases."""

    workflow: str = WORKFLOW
    downloads: Downloads = field(default_factory=Downloads.fetch)

    @property
    def files(self) -> dict[str, str]:
        return self.downloads.files

    def build(self, name: str, number: int, changes: Mapping[str, tuple[str, str]] = NO_CHANGES) -> Path:
        """The wheel of a nightly: what is released, with these changes."""
        return patched(self.downloads.wheel(name), self.root / "nightlies", f"99.0.dev{number}", changes)

    def upload(self, *wheels: Path) -> datetime:
        """Have nightlies on the channel since yesterday. Returns the time of the upload."""
        yesterday = datetime.now(timezone.utc) - timedelta(days=1)
        for wheel in wheels:
            self.channel.seed(wheel, uploaded_at=yesterday)
        return yesterday

    def check_out(self, directory: Path) -> Path:
        """Write its files to a directory."""
        for name, text in self.files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, encoding="utf-8")
        return directory

    def read(self, kind: type[T], file: str) -> list[T]:
        """What the jobs of this week have left behind in files of this name."""
        return [load(kind, path) for path in sorted((self.root / f"artifacts-{self.week}").rglob(file))]


def _download(directory: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    source = ("--no-deps", "--no-binary", NAME, "--dest", str(directory), f"{NAME}=={VERSION}")
    needed = (f"webencodings=={WEBENCODINGS}", "flit_core<4", f"pytest=={version('pytest')}", "ruff")
    wheels = ("--only-binary=:all:", "--dest", str(directory / "wheels"))
    for arguments in (source, (*wheels, *needed), (*wheels, "-r", str(LOCK))):
        subprocess.run([*pip, *arguments], check=True)


def patched(wheel: Path, directory: Path, new: str, changes: Mapping[str, tuple[str, str]]) -> Path:
    """Write the wheel again under the version `new`; `changes` are an old and a new text of a file each.

    Raises:
        ValueError: an old text isn't there, or more than once.
    """
    name, old, tag = wheel.stem.split("-", 2)
    about = f"{name}-{old}.dist-info/"
    with zipfile.ZipFile(wheel) as archive:
        files = {each.filename: archive.read(each).decode() for each in archive.infolist() if not each.is_dir()}
    for path, texts in {f"{about}METADATA": (f"\nVersion: {old}\n", f"\nVersion: {new}\n"), **changes}.items():
        if files[path].count(texts[0]) != 1:
            raise ValueError(f"{path} of {wheel.name} doesn't have once {texts[0]!r}")
        files[path] = files[path].replace(*texts)
    del files[f"{about}RECORD"]
    return _written(directory / f"{name}-{new}-{tag}.whl", files, about, f"{name}-{new}.dist-info/")


def _written(wheel: Path, files: Mapping[str, str], old: str, new: str) -> Path:
    wheel.parent.mkdir(exist_ok=True)
    rows = []
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            name = f"{new}{path.removeprefix(old)}" if path.startswith(old) else path
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            archive.writestr(name, text)
            rows.append(f"{name},sha256={digest},{len(text.encode())}\n")
        archive.writestr(f"{new}RECORD", "".join([*rows, f"{new}RECORD,,\n"]))
    return wheel
