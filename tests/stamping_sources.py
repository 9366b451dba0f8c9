"""Sources that get a version: as data for decisions, and as real checkouts."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from packaging.version import Version

from nightly.actions import Runner
from nightly.downstream.running.step_files import after_step
from nightly.stamping.source import Project, Repository, Source, Tag, Way
from stamp import stamp
from uploading import Files

READ_AT = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


def a_source(
    *tags: str,
    declared: str = "",
    way: Way = Way.SETUPTOOLS_SCM,
    at: str = "2026-11-21 03:30",
    commits: int = 7,
    shallow: bool = False,
    hook: str = "",
    scheme: str = "",
    style: str = "",
    name: str = "demo-pkg",
    of_commit: bool = False,
) -> Source:
    """A source at the time of READ_AT. A tag is of an ancestor, unless it ends in `@here` or `@elsewhere`."""
    project = Project(name, way, declared, "project" if way is Way.STATIC else "", scheme, style, of_commit)
    committed_at = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=timezone.utc)
    repository = Repository("1" * 40, committed_at, shallow, tuple(map(_tag, tags)), commits)
    return Source(Path(), project, repository, hook, READ_AT)


def static(declared: str, *tags: str, at: str = "2026-11-21 03:30", shallow: bool = False) -> Source:
    """A source with a version in pyproject.toml."""
    return a_source(*tags, declared=declared, way=Way.STATIC, at=at, shallow=shallow)


def _tag(text: str) -> Tag:
    name, _, where = text.partition("@")
    return Tag(name, Version(name.removeprefix("v")), merged=where != "elsewhere", here=where == "here")


@dataclass
class Checkout:
    """A repository with one branch, whose commits have the times that they're given."""

    directory: Path
    when: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, directory: Path) -> Checkout:
        directory.mkdir()
        made = cls(directory)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    @property
    def environ(self) -> dict[str, str]:
        """The environment without settings of this machine's git, of builds and of a runner."""
        others = ("GIT_", "GITHUB_", "INPUT_", "SETUPTOOLS_", "SOURCE_DATE", "PIP_", "UV_")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        who = {
            f"GIT_{role}_{what}": f"a@{what}".lower() for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        return {**plain, **who, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **self.when}

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.directory), *arguments]
        done = subprocess.run(command, check=True, env=self.environ, stdout=subprocess.PIPE, encoding="utf-8")
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], at: str = "2026-11-21T03:30:00+00:00") -> str:
        """Commit these files, whatever was changed besides. Returns the commit's hash."""
        self.write(files)
        self.when = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": at}
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", at)
        return self.git("rev-parse", "HEAD")

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.directory / name).parent.mkdir(parents=True, exist_ok=True)
            (self.directory / name).write_text(text, encoding="utf-8", newline="\n")

    def tag(self, name: str, *options: str) -> None:
        self.git("tag", *options, name)

    def shallow(self, directory: Path) -> Checkout:
        """A clone as actions/checkout makes it, without history and tags."""
        self.git("clone", "--quiet", "--depth=1", "--no-tags", self.directory.as_uri(), str(directory))
        return Checkout(directory)


@dataclass(frozen=True)
class Stamped:
    """What a run of the command left behind: its log, its outputs, and the environment of the next step."""

    log: str
    outputs: Mapping[str, str]
    environ: dict[str, str]

    @property
    def version(self) -> str:
        return self.outputs["version"]


def stamped_on_a_runner(checkout: Checkout, scratch: Path, *argv: str) -> Stamped:
    """Run the command as a step of a job."""
    log, files, variables = io.StringIO(), Files(scratch), scratch / "variables"
    variables.write_text("", encoding="utf-8")
    files.outputs.unlink(missing_ok=True)
    runner = Runner(log=log, output_file=files.outputs, variables_file=variables)
    assert stamp([*argv, "--directory", str(checkout.directory)], checkout.environ, runner) == 0
    environ = after_step(checkout.environ, variables.read_text(encoding="utf-8"), "", os.pathsep)
    return Stamped(log.getvalue(), files.values(), environ)
