"""What is known of a project that gets a version: how it takes one, its commit, and its tags. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from packaging.version import Version


class Way(Enum):
    """How a project takes the version that it's built with."""

    STATIC = "the version in pyproject.toml"
    SETUPTOOLS_SCM = "setuptools-scm"
    HATCH_VCS = "hatch-vcs"
    PDM_BACKEND = "pdm-backend"
    POETRY_DYNAMIC = "poetry-dynamic-versioning"
    OTHER = "a way of its own"


@dataclass(frozen=True)
class Project:
    """What a project's files say. `name` is as they spell it, empty where they don't.

    `declared` is the version that is written down, `table` the one of pyproject.toml that it is in; empty, there's
    none. `scheme` is how setuptools-scm is told to find the next release; empty, its own way. An sdist may be made
    `of_commit`: of what is committed, whatever the files hold.
    """

    name: str
    way: Way
    declared: str = ""
    table: str = ""
    scheme: str = ""
    versioneer_style: str = ""
    of_commit: bool = False


@dataclass(frozen=True)
class Tag:
    """A tag that names a version. `merged`, it is of an ancestor of the commit, or of the commit itself: `here`."""

    name: str
    version: Version
    merged: bool
    here: bool


@dataclass(frozen=True)
class Repository:
    """A checkout of git: its commit, when that was made (UTC) and the tags; `commits` since the newest merged one."""

    sha: str
    committed_at: datetime
    shallow: bool
    tags: tuple[Tag, ...]
    commits: int = 0

    @property
    def newest(self) -> Tag | None:
        """The tag of the highest version among those that the commit has behind it."""
        return max((tag for tag in self.tags if tag.merged), key=lambda tag: tag.version, default=None)


@dataclass(frozen=True)
class Source:
    """What gets a version, as it was at `read_at` (UTC). `hook` is a command that writes it where it's kept."""

    directory: Path
    project: Project
    repository: Repository
    hook: str
    read_at: datetime
