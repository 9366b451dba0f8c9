"""What anaconda.org remembers, and by which rules it forgets: organisations, packages, releases, files, tokens."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from packaging.version import InvalidVersion, Version

from exchanges import Json

UPLOAD_SCOPES = frozenset({"api:read", "api:write", "pypi:upload"})


class Refused(Exception):
    """A request that anaconda.org answers with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Token:
    """A token of `login`'s.

    `packages` None stands for an owner of every organisation, who may create packages. Anyone else is a collaborator
    of the packages named, wherever they are seeded; being one ends with the package.
    """

    login: str
    scopes: frozenset[str] = UPLOAD_SCOPES
    expires: datetime | None = None
    packages: frozenset[str] | None = None

    @property
    def owner(self) -> bool:
        return self.packages is None

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(timezone.utc)

    def covers(self, scope: str) -> bool:
        return bool(self.scopes & {scope, "api", "all"})


@dataclass(frozen=True)
class StoredFile:
    """A file that was committed. `path` holds its bytes; `upload_time` is the text that the API answers."""

    id: str
    owner: str
    package: str
    version: str
    basename: str
    size: int
    md5: str
    sha256: str | None
    upload_time: str | None
    labels: tuple[str, ...]
    path: Path
    attrs: Json = None
    dependencies: Json = None

    def read_bytes(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Staged:
    """A file that was announced; `path` is where storage puts its bytes."""

    id: str
    basename: str
    announced: Mapping[str, Json]
    path: Path


@dataclass
class Release:
    version: str
    attrs: dict[str, Json]
    files: dict[str, StoredFile] = field(default_factory=dict)
    staged: dict[str, Staged] = field(default_factory=dict)


@dataclass
class Package:
    id: str
    name: str
    attrs: dict[str, Json]
    created_at: str
    collaborators: set[str] = field(default_factory=set)
    releases: dict[str, Release] = field(default_factory=dict)

    @property
    def ordered(self) -> list[Release]:
        """The releases in the order of their versions, oldest first."""
        return sorted(self.releases.values(), key=lambda release: _version_key(release.version))

    @property
    def files(self) -> list[StoredFile]:
        return [file for release in self.ordered for file in release.files.values()]


@dataclass(frozen=True)
class Lag:
    """How late a committed file shows up on index pages: not before `seconds`, nor within `requests` of its page."""

    seconds: float = 0.0
    requests: int = 0


class State:
    """Everything that is remembered. `lock` is held while any of it is read or changed."""

    def __init__(self, directory: Path, organizations: tuple[str, ...]) -> None:
        self.lock = threading.RLock()
        self.directory = directory
        self.owners: dict[str, dict[str, Package]] = {name: {} for name in organizations}
        self.tokens: dict[str, Token] = {}
        self._ids = itertools.count(0x66F13602111CA708 << 32)
        self._unseen: dict[str, tuple[float, int]] = {}

    def new_id(self) -> str:
        """An ObjectId: 24 hexadecimal digits."""
        return f"{next(self._ids):024x}"

    def packages(self, owner: str) -> dict[str, Package]:
        if owner not in self.owners:
            raise not_found(owner)
        return self.owners[owner]

    def package(self, owner: str, name: str) -> Package:
        """Names are told apart by case and by `-`, `_` and `.`."""
        packages = self.packages(owner)
        if name not in packages:
            raise not_found(name)
        return packages[name]

    def release(self, owner: str, name: str, version: str) -> Release:
        package = self.package(owner, name)
        if version == "latest" and package.releases:
            return package.ordered[-1]
        if version not in package.releases:
            raise Refused(404, f"release version={version!r} does not exist")
        return package.releases[version]

    def file(self, owner: str, name: str, version: str, basename: str) -> StoredFile:
        release = self.release(owner, name, version)
        if basename not in release.files:
            raise not_found(basename)
        return release.files[basename]

    def create_package(self, owner: str, name: str, attrs: dict[str, Json]) -> Package:
        created = Package(self.new_id(), name, attrs, timestamp())
        return self.packages(owner).setdefault(name, created)

    def create_release(self, owner: str, name: str, version: str, attrs: dict[str, Json]) -> Release:
        return self.package(owner, name).releases.setdefault(version, Release(version, attrs))

    def stage(self, owner: str, name: str, version: str, basename: str, announced: dict[str, Json]) -> Staged:
        release = self.release(owner, name, version)
        if basename in release.files:
            raise already_exists(basename, name, version)
        identity = self.new_id()
        release.staged[identity] = Staged(identity, basename, announced, self.directory / identity)
        return release.staged[identity]

    def add(self, file: StoredFile, lag: Lag | None = None) -> StoredFile:
        """Put a file into its release. An index that lags doesn't show it yet."""
        release = self.release(file.owner, file.package, file.version)
        if file.basename in release.files:
            raise already_exists(file.basename, file.package, file.version)
        release.files[file.basename] = file
        if lag:
            self._unseen[file.id] = (time.monotonic() + lag.seconds, lag.requests)
        return file

    def indexed(self, file: StoredFile) -> bool:
        """Whether the page that is asked for shows the file already; asking counts."""
        until, requests = self._unseen.get(file.id, (0.0, 0))
        self._unseen[file.id] = (until, max(0, requests - 1))
        return requests == 0 and time.monotonic() >= until

    def delete_file(self, file: StoredFile) -> None:
        """Delete a file, and with the last one its release, and with the last file the package."""
        package = self.package(file.owner, file.package)
        del package.releases[file.version].files[file.basename]
        file.path.unlink(missing_ok=True)
        if not package.releases[file.version].files:
            del package.releases[file.version]
        if not package.files:
            del self.owners[file.owner][file.package]

    def delete_release(self, owner: str, name: str, version: str) -> None:
        release = self.release(owner, name, version)
        for file in release.files.values():
            file.path.unlink(missing_ok=True)
        package = self.package(owner, name)
        del package.releases[release.version]
        if not package.files:
            del self.owners[owner][name]

    def delete_package(self, owner: str, name: str) -> None:
        for file in self.package(owner, name).files:
            file.path.unlink(missing_ok=True)
        del self.owners[owner][name]

    def set_labels(self, file: StoredFile, labels: tuple[str, ...]) -> StoredFile:
        return self._replace(replace(file, labels=labels))

    def _replace(self, file: StoredFile) -> StoredFile:
        self.release(file.owner, file.package, file.version).files[file.basename] = file
        return file

    # What tests look at and change.

    def files(self, owner: str, name: str) -> list[StoredFile]:
        """The files of a package, by version, oldest first; none if there's no such package."""
        with self.lock:
            package = self.owners[owner].get(name)
            return package.files if package else []

    def forget_packages(self) -> None:
        """Be as empty as at the start; the organisations stay."""
        with self.lock:
            for owner, packages in self.owners.items():
                for name in list(packages):
                    self.delete_package(owner, name)

    def lose(self, file: StoredFile) -> None:
        """Let storage lose a file's bytes; the API lists it as before (scipy/scipy#21623)."""
        file.path.unlink()

    def set_upload_time(self, file: StoredFile, upload_time: str | None) -> StoredFile:
        """Let the API answer this text, or null, as the time when a file was uploaded."""
        with self.lock:
            return self._replace(replace(file, upload_time=upload_time))


def not_found(name: str) -> Refused:
    return Refused(404, f'"{name}" could not be found')


def already_exists(basename: str, name: str, version: str) -> Refused:
    return Refused(409, f"file {basename} already exists for package {name} version {version}")


def timestamp(at: datetime | None = None) -> str:
    """A time as anaconda.org writes it; whole seconds have no fraction."""
    return (at or datetime.now(timezone.utc)).astimezone(timezone.utc).isoformat(sep=" ")


def _version_key(text: str) -> tuple[bool, Version, str]:
    try:
        return (True, Version(text), text)
    except InvalidVersion:
        return (False, Version("0"), text)
