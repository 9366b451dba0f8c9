"""Real repositories of git, small ones, with commits of known times."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EPOCH = 1_768_000_000
"""When the first commit is made, in seconds since 1970; each one more is a day later."""

_DAY = 86_400


@dataclass(frozen=True)
class Repository:
    """A repository that one may push to, as seen by who does."""

    path: Path

    def git(self, *arguments: str, given: str = "", **variables: str) -> str:
        """What git answers, which is `given` something to read."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-c", "user.name=someone", "-c", "user.email=someone@example.org", *arguments],
            cwd=self.path,
            input=given,
            env={**mine, **settings, **variables},
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Commit these files beside what is there, and return the commit's hash."""
        for name, text in (files or {}).items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        self.git("add", "--all")
        heads = self.git("rev-list", "--all", "--count")
        time = f"{EPOCH + _DAY * int(heads)} +0000"
        message = f"Commit {heads}"
        self.git(
            "commit", "--quiet", "--allow-empty", f"--message={message}", GIT_AUTHOR_DATE=time, GIT_COMMITTER_DATE=time
        )
        return self.git("rev-parse", "HEAD")

    def clone(self, directory: Path) -> Path:
        """A checkout of it, as actions/checkout makes one with all branches and tags."""
        self.git("clone", "--quiet", self.path.as_uri(), str(directory))
        return directory


def new_repository(path: Path) -> Repository:
    """An empty one, on the branch main, whose commits can be fetched by their hashes as GitHub's can."""
    path.mkdir(parents=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return repository
