"""What is known of files that are to be released, before anything is decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import NormalizedName, canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from nightly.building.records import BuildInfo, BuiltFile


@dataclass(frozen=True)
class Indexed:
    """A file at another place. `sha256` is None where that place tells none."""

    filename: str
    sha256: str | None


@dataclass(frozen=True)
class Looked:
    """What a place has of the project, or the `trouble` because of which that isn't known."""

    place: str
    files: tuple[Indexed, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Tagged:
    """What the source's repository says now: its tags, each with the commit that it names."""

    repository: str
    commits: Mapping[str, str]

    def at(self, commit: str) -> tuple[str, ...]:
        """The tags of a commit."""
        return tuple(sorted(tag for tag, each in self.commits.items() if each == commit))


@dataclass(frozen=True)
class SeenRun:
    """The run that left the files behind, as GitHub tells of it, or the `trouble` because of which it isn't known.

    `head` is the repository whose commit it ran for: a fork's, for its pull request.
    """

    id: int
    repository: str
    head: str = ""
    event: str = ""
    conclusion: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that the gates look at.

    `files` are those that are there, read anew; `sums` is what SHA256SUMS says, by file name. `staging` and `run` are
    None where the files aren't said to come from there.
    """

    tag: str
    info: BuildInfo
    sums: Mapping[str, str]
    files: tuple[BuiltFile, ...]
    tagged: Tagged
    index: Looked
    staging: Looked | None = None
    run: SeenRun | None = None

    @property
    def sha(self) -> str:
        """The commit that was built."""
        return self.info.plan.source_sha

    @property
    def project(self) -> NormalizedName:
        return project_of(self.info)


def tag_version(tag: str) -> Version | None:
    """The version that a tag names (`v1.2.3`, `1.2.3`: PEP 440 allows the v), or None."""
    try:
        return Version(tag)
    except ValueError:
        return None


def project_of(info: BuildInfo) -> NormalizedName:
    """The project that was built. Where its source doesn't tell a plan its name, that's the first file's."""
    named = (found[0] for file in info.files if (found := identity(file.filename)))
    return canonicalize_name(info.plan.project) if info.plan.project else next(named, canonicalize_name(""))


def is_wheel(filename: str) -> bool:
    return filename.endswith(".whl")


def identity(filename: str) -> tuple[NormalizedName, Version] | None:
    """The project and the version in the name of a wheel or an sdist, or None."""
    try:
        if is_wheel(filename):
            return parse_wheel_filename(filename)[:2]
        return parse_sdist_filename(filename)
    except ValueError:
        return None
