"""What is on anaconda.org, and by which rules it's forgotten again."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace
from pathlib import Path

from anaconda_model import (
    Lag,
    Package,
    Refused,
    Release,
    Staged,
    StoredFile,
    Token,
    already_exists,
    not_found,
    timestamp,
)
from exchanges import Json


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
