"""What the jobs of a build hand to each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

BUILD_INFO = "BUILD-INFO.json"
"""The file beside what was built that holds BuildInfo. SHA256SUMS may have its hash too."""


@dataclass(frozen=True)
class Target:
    """One job that builds wheels: on a runner of this label, for a platform and an architecture of cibuildwheel's.

    `build` narrows it to some build identifiers, by cibuildwheel's globs; empty, all that the project builds are meant.
    The platform `pure` is built without cibuildwheel. `emulated` architectures need QEMU.
    """

    index: int
    name: str
    runner: str
    platform: str
    arch: str
    build: str = ""
    emulated: bool = False


@dataclass(frozen=True)
class BuildPlan:
    """What is built: one commit, for which all jobs agree.

    `source_sha` is a full hash, `describe` what `git describe --tags` says of it, `epoch` its time (seconds since 1970,
    SOURCE_DATE_EPOCH). `version` is the stamped one; empty, the build backend decides. `identifiers` are cibuildwheel's
    of every wheel that has to be there at the end, and `pure` for one that runs everywhere.
    """

    project: str
    source_repository: str
    source_sha: str
    describe: str
    epoch: int
    version: str
    targets: tuple[Target, ...]
    identifiers: tuple[str, ...]
    sdist: bool
    driver_repository: str
    driver_sha: str


@dataclass(frozen=True)
class BuiltFile:
    """A file that came out; `size` is in bytes."""

    filename: str
    size: int
    sha256: str


@dataclass(frozen=True)
class BuildInfo:
    """BUILD-INFO.json: what was built of what, by which run, with which tools (names and versions)."""

    plan: BuildPlan
    version: str
    files: tuple[BuiltFile, ...]
    missing: tuple[str, ...]
    run_url: str
    tools: dict[str, str]
