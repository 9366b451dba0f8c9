"""What is installed in an environment, read from its files: nothing of it is imported or run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.metadata import RawMetadata, parse_email
from packaging.utils import canonicalize_name

from nightly.downstream.proving.commits import commit_in, commit_of_version, version_files
from nightly.downstream.proving.origin import Origin, parse_origin
from nightly.downstream.proving.record import Record, parse_record
from nightly.downstream.proving.sources import source_url

_LARGEST = 16 * 2**20
_LARGEST_MODULE = 64 * 2**10
"""In bytes: of a file of metadata, and of a module that may name a commit."""


@dataclass(frozen=True)
class Installed:
    """A package that is installed in the directory `folder`, as its own `metadata` there describes it.

    `name` is normalised. `requires` are its Requires-Dist to the letter. `origin` is None where it came from an index,
    `installer` is who installed it in lower case ("pip", "uv"), "" where that isn't known.
    """

    name: str
    version: str
    folder: Path
    metadata: Path
    requires: tuple[str, ...] = ()
    source_url: str | None = None
    origin: Origin | None = None
    installer: str = ""

    @property
    def has_hash(self) -> bool:
        """Whether the installer wrote down the hash of the file that it installed."""
        return bool(self.origin and self.origin.sha256)

    @property
    def record(self) -> Record:
        """Its RECORD, empty where there's none."""
        return parse_record(_text(self.metadata / "RECORD", _LARGEST))

    @property
    def commit(self) -> str | None:
        """That of a checkout, of the version, or of a module that names it."""
        known = (self.origin and self.origin.commit) or commit_of_version(self.version)
        texts = (_text(self.folder / path, _LARGEST_MODULE) for path in version_files(self.record))
        return known or next((found for text in texts if (found := commit_in(text))), None)


def read_environment(search_path: str) -> Mapping[str, tuple[Installed, ...]]:
    """What each name imports: of the first directory that has it, where it may be installed more than once."""
    found: dict[str, tuple[Installed, ...]] = {}
    for folder in search_path.split(os.pathsep):
        here: dict[str, tuple[Installed, ...]] = {}
        for each in _installed_in(Path(folder)):
            here[each.name] = (*here.get(each.name, ()), each)
        found = here | found
    return found


def _installed_in(folder: Path) -> Iterator[Installed]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("~"):  # what pip moved out of the way, and couldn't delete
            continue
        if entry.suffix == ".dist-info":
            yield _read(folder, entry, entry / "METADATA")
        elif entry.suffix == ".egg-info":
            yield _read(folder, entry, entry / "PKG-INFO" if entry.is_dir() else entry)
        elif entry.suffix == ".egg-link":
            yield _linked(folder, entry)


def _read(folder: Path, directory: Path, metadata: Path) -> Installed:
    """The directory's name says what broken metadata doesn't."""
    raw = _raw(metadata)
    name, _, version = directory.stem.partition("-")
    origin = _text(directory / "direct_url.json", _LARGEST)
    return Installed(
        name=canonicalize_name(raw.get("name") or name),
        version=(raw.get("version") or version.partition("-")[0]).strip(),
        folder=folder,
        metadata=directory,
        requires=tuple(raw.get("requires_dist", ())),
        source_url=source_url(raw.get("project_urls", {}), raw.get("home_page", "")),
        origin=parse_origin(origin),
        installer=_text(directory / "INSTALLER", _LARGEST_MODULE).strip().lower(),
    )


def _linked(folder: Path, link: Path) -> Installed:
    """What `setup.py develop` leaves: the path of a checkout."""
    checkout = Path(_text(link, _LARGEST_MODULE).partition("\n")[0].strip() or link)
    origin = Origin(checkout.as_uri() if checkout.is_absolute() else str(checkout), is_editable=True)
    return Installed(canonicalize_name(link.stem), "", folder, link, origin=origin, installer="setuptools")


def _raw(path: Path) -> RawMetadata:
    return parse_email(_text(path, _LARGEST))[0]


def _text(path: Path, limit: int) -> str:
    """A file's text, "" where it can't be read or is larger than `limit` bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError):
        return ""
    return content.decode("utf-8", "replace") if len(content) <= limit else ""
