"""The tags of a checkout, and the commits that they name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nightly.git import ask_git
from nightly.releasing.evidence import Tagged

_FORMAT = "%(refname:lstrip=2) %(objectname) %(*objectname)"
"""The last is the commit of an annotated tag, and empty for a lightweight one."""


def read_tags(source: Path, repository: str, environ: Mapping[str, str]) -> Tagged:
    """The tags that the checkout of a repository has.

    Raises:
        UserError: it isn't a checkout that git can read.
    """
    listed = ask_git(source, "for-each-ref", f"--format={_FORMAT}", "refs/tags", environ=environ)
    return Tagged(repository, parse_tags(listed))


def parse_tags(listed: str) -> dict[str, str]:
    """The commits by tag of what git lists in our format."""
    found = [line.split() for line in listed.splitlines()]
    return {tag: commits[-1] for tag, *commits in found if commits}
