"""What anaconda.org knows: tokens, packages, releases and files, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    attrs: Json = field(default_factory=dict)
    dependencies: Json = field(default_factory=list)

    def read_bytes(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Staged:
    """A file that was announced; `path` is where storage puts its bytes."""

    id: str
    basename: str
    announced: Mapping[str, Json]
    path: Path

    @property
    def sha256(self) -> str | None:
        """As it was announced; nobody checks it."""
        return str(self.announced.get("sha256") or "") or None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels asked for. anaconda-client names none where it means main."""
        labels = self.announced.get("channels")
        return tuple(str(label) for label in labels) if isinstance(labels, list) and labels else ("main",)


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
