"""A checkout of the source, of which git is asked. Nothing that the checkout holds is run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightly.git import ask_git, try_git

_PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"})
"""What git tells its hooks of another repository."""

_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")


@dataclass(frozen=True)
class Checkout:
    """A directory with a checkout. Nobody is asked for a password."""

    directory: Path
    given: Mapping[str, str] = field(repr=False)

    def ask(self, *arguments: str) -> str:
        """What git answers.

        Raises:
            UserError: it fails.
        """
        return ask_git(self.directory, *_NO_HOOKS, *arguments, environ=self.environ)

    def try_to(self, *arguments: str) -> str | None:
        """What git answers, None where it fails."""
        return try_git(self.directory, *_NO_HOOKS, *arguments, environ=self.environ)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of git."""
        kept = {name: value for name, value in self.given.items() if name.upper() not in _PLACES}
        return {**kept, "GIT_TERMINAL_PROMPT": "0"}
