"""The commit of a checkout, and the tags that name versions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from nightly.git import ask_git
from nightly.stamping.source import Repository, Tag

_PREFIXES = ("release", "releases", "rel", "version")
_TAGS = "%(objectname) %(*objectname) %(refname:lstrip=2)"
"""The second is the commit of an annotated tag, and empty for a lightweight one."""


def read_repository(directory: Path, project: str, environ: Mapping[str, str]) -> Repository:
    """The checkout that a project's directory is in.

    Raises:
        UserError: git can't tell.
    """

    def git(*arguments: str) -> str:
        return ask_git(directory, *arguments, environ=environ)

    sha, seconds = git("log", "-1", "--no-show-signature", "--format=%H %ct").split()
    merged = frozenset(git("for-each-ref", "--merged=HEAD", "--format=%(refname:lstrip=2)", "refs/tags").splitlines())
    found = Repository(
        sha=sha,
        committed_at=datetime.fromtimestamp(int(seconds), timezone.utc),
        shallow=git("rev-parse", "--is-shallow-repository") == "true",
        tags=tuple(parse_tags(git("for-each-ref", f"--format={_TAGS}", "refs/tags"), project, merged, sha)),
    )
    if found.newest is None:
        return found
    return replace(found, commits=int(git("rev-list", "--count", f"refs/tags/{found.newest.name}..HEAD")))


def parse_tags(listed: str, project: str, merged: frozenset[str], sha: str) -> Iterator[Tag]:
    """The tags that name versions of a project, of what git lists in our format."""
    for line in listed.splitlines():
        *objects, name = line.split(" ")
        version = version_of(name, project)
        if version:
            yield Tag(name, version, merged=name in merged, here=sha in objects)


def version_of(tag: str, project: str) -> Version | None:
    """The version that a tag names: 1.2.0, v1.2.0, project-1.2.0 or release/1.2.0; None for other tags."""
    own = [re.escape(canonicalize_name(project)).replace(r"\-", "[-_.]+")] * bool(project)
    match = re.fullmatch(rf"(?:(?:{'|'.join((*own, *_PREFIXES))})[-_/])?v?(\d[^+]*)(?:\+.*)?", tag, re.IGNORECASE)
    try:
        return Version(match[1]) if match else None
    except InvalidVersion:
        return None
