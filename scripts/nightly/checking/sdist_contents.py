"""What an sdist unpacks to. Pure."""

from __future__ import annotations

import posixpath
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from packaging.utils import InvalidSdistFilename, parse_sdist_filename

from nightly.checking.faults import Fault, some

_ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:")
_BUILDABLE = ("pyproject.toml", "setup.py")


@dataclass
class Contents:
    """The files by their paths, the members that lead outside or are no files, and PKG-INFO of the first directory."""

    files: list[str] = field(default_factory=list)
    tops: dict[str, None] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    info: bytes = b""

    @property
    def top(self) -> str:
        return next(iter(self.tops), "")

    def add(self, member: tarfile.TarInfo, read: Callable[[tarfile.TarInfo], bytes]) -> None:
        """Take a member in; `read` gives its bytes."""
        path = posixpath.normpath(member.name)
        if _leads_outside(member, path):
            self.outside.append(member.name)
            return
        if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
            self.odd.append(member.name)
        if path != ".":
            self.tops.setdefault(path.partition("/")[0])
        if member.isfile():
            self.files.append(path)
            if path == f"{self.top}/PKG-INFO":
                self.info = read(member)


def _leads_outside(member: tarfile.TarInfo, path: str) -> bool:
    if _ABSOLUTE.match(member.name) or path.startswith("../") or path == ".." or ".." in re.split(r"[\\/]", path):
        return True
    if not (member.issym() or member.islnk()):
        return False
    base = posixpath.dirname(path) if member.issym() else ""
    target = posixpath.normpath(posixpath.join(base, member.linkname))
    return bool(_ABSOLUTE.match(member.linkname)) or target.partition("/")[0] != path.partition("/")[0]


def content_faults(contents: Contents, filename: str) -> Iterator[Fault]:
    """All that is wrong with what it unpacks to."""
    if contents.outside:
        yield Fault(
            "Leads outside",
            filename,
            f"{some(contents.outside)} would be unpacked, or point, outside of its directory.",
            "Usually a link to a file elsewhere was packed; installers refuse it, or worse, do it.",
            "Copy what the link points to into the source, and build the sdist again.",
        )
    if contents.odd:
        yield Fault(
            "Not a file",
            filename,
            f"{some(contents.odd)} is neither a file, a directory nor a link.",
            "Usually the working directory held a socket, a pipe or a device.",
            "Remove it from the source, and build the sdist again.",
        )
    yield from _top_faults(contents, filename)


def _top_faults(contents: Contents, filename: str) -> Iterator[Fault]:
    stem = filename.removesuffix(".tar.gz")
    if len(contents.tops) != 1:
        yield Fault(
            "Several directories",
            filename,
            f"It unpacks to {some(list(contents.tops)) if contents.tops else 'nothing'}, and not to {stem!r} alone.",
            "Usually it was packed by hand; installers take the one directory that there is.",
            "Build it with `python -m build --sdist`.",
        )
    elif _identity(contents.top) != _identity(stem):
        yield Fault(
            "Another directory",
            filename,
            f"It unpacks to {contents.top!r}, and not to {stem!r}.",
            "Usually the file was renamed.",
            "Build it again, with the version that it shall have.",
        )
    elif not any(f"{contents.top}/{name}" in contents.files for name in _BUILDABLE):
        yield Fault(
            "Can't be built",
            filename,
            f"It has neither {' nor '.join(_BUILDABLE)}.",
            "Usually it was packed by hand, or its list of files leaves them out.",
            "Build it with `python -m build --sdist`.",
        )


def _identity(stem: str) -> tuple[object, ...]:
    try:
        return parse_sdist_filename(f"{stem}.tar.gz")
    except (InvalidSdistFilename, ValueError):
        return (stem,)
