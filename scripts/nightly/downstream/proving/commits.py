"""From which commit a nightly was built, as its version or its files say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

_MARKED = re.compile(r"g([0-9a-f]{7,40})")
_BARE = re.compile(r"(?=[0-9]*[a-f])(?!d[0-9]{8}\Z)[0-9a-f]{7,40}")
"""A day, d20260621, is what setuptools-scm adds to a checkout with changes."""

_NAMES = (
    r"git_?revision|full-revisionid|full_revision|git_?version|git_?commit|git_?hash|git_?sha|git_?id|"
    r"commit_?id|commit_?hash|commit"
)
_ASSIGNED = re.compile(
    rf"""["']?_*(?:{_NAMES})_*["']?\s*(?::\s*[^=\n"']{{1,60}})?[=:]\s*["']g?([0-9a-f]{{7,40}})["']"""
)

_FILES = frozenset({"version.py", "_version.py", "_version_meson.py", "git_version.py", "_git_version.py"})
_MOST_FILES = 4


def commit_of_version(version: str) -> str | None:
    """The hash in a version's local part: 1.0.dev3+gabc1234, 1.0+5.gabc1234, 1.0.dev0+git20260621.abc1234."""
    parts = re.split(r"[._-]", version.partition("+")[2].lower())
    marked = (match[1] for part in parts if (match := _MARKED.fullmatch(part)))
    bare = (part for part in parts if _BARE.fullmatch(part))
    return next(marked, None) or next(bare, None)


def commit_in(text: str) -> str | None:
    """The hash that a module assigns to a name for it (numpy, scipy, pandas, setuptools-scm, versioneer)."""
    found = _ASSIGNED.search(text)
    return found[1] if found else None


def version_files(installed: Iterable[str]) -> Sequence[str]:
    """Of a package's files, as RECORD names them, those that may name its commit: the outermost, a few."""
    paths = [PurePosixPath(path) for path in installed]
    found = [path for path in paths if path.name in _FILES and not path.is_absolute() and ".." not in path.parts]
    outermost = min((len(path.parts) for path in found), default=0)
    return [str(path) for path in sorted(found) if len(path.parts) == outermost][:_MOST_FILES]
