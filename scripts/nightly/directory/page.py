"""What a project's page holds, and how it changes. Pure: no file is touched here."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from packaging.utils import NormalizedName
from packaging.version import Version

HASH_DIGITS = 32
"""Hexadecimal digits of sha256 in a path: 128 bits, which nobody can hit twice, and short enough for Windows."""


@dataclass(frozen=True)
class PageFile:
    """A file as its project's page names it: `size` in bytes, `uploaded_at` when the channel first saw it, in UTC."""

    filename: str
    sha256: str
    size: int
    uploaded_at: datetime
    requires_python: str | None
    metadata_sha256: str

    @property
    def version(self) -> str:
        """The version that the file's name gives (the whole name takes ten times as long to parse, for its tags)."""
        return str(Version(self.filename.split("-")[1]))


@dataclass(frozen=True)
class Retired:
    """A file that the page doesn't name any more; its bytes stay `until` then, for readers who hold an older page."""

    file: PageFile
    until: datetime


@dataclass(frozen=True)
class Page:
    """All that a channel knows of one project. At most one of `files` has any one name."""

    project: NormalizedName
    files: tuple[PageFile, ...] = ()
    retired: tuple[Retired, ...] = ()

    def path(self, file: PageFile) -> str:
        """Where the file's bytes lie, from the channel's root; other bytes of the same name lie elsewhere."""
        return f"files/{self.project}/{file.sha256[:HASH_DIGITS]}/{file.filename}"

    @cached_property
    def by_name(self) -> dict[str, PageFile]:
        return {file.filename: file for file in self.files}

    @cached_property
    def restorable(self) -> dict[str, PageFile]:
        """By name, the retired file that came last under it, where none is named now."""
        last = sorted((retired.file for retired in self.retired), key=_upload)
        return {file.filename: file for file in last if file.filename not in self.by_name}

    @property
    def due(self) -> datetime | None:
        """When the first of the retired files' bytes may go."""
        return min((retired.until for retired in self.retired), default=None)

    def paths(self) -> frozenset[str]:
        """Every path that is named or retired."""
        return frozenset(self.path(file) for file in (*self.files, *(retired.file for retired in self.retired)))

    def with_files(self, files: tuple[PageFile, ...], until: datetime) -> Page:
        """Name these files; what they take the place of retires."""
        names = self.by_name | {file.filename: file for file in files}
        return self._naming(tuple(names.values()), self.files, until)

    def without(self, names: Container[str], until: datetime) -> Page:
        """Stop naming the files of these names, which retire."""
        staying = tuple(file for file in self.files if file.filename not in names)
        return self._naming(staying, tuple(file for file in self.files if file.filename in names), until)

    def retiring(self, files: tuple[PageFile, ...], until: datetime) -> Page:
        """Take note of files whose bytes are there, and which no page has to name."""
        return self._naming(self.files, files, until)

    def forgetting(self, gone: frozenset[Retired]) -> Page:
        """Drop retired files whose bytes are gone."""
        return replace(self, retired=tuple(retired for retired in self.retired if retired not in gone))

    def _naming(self, files: tuple[PageFile, ...], leaving: tuple[PageFile, ...], until: datetime) -> Page:
        """Name exactly `files`: bytes that are named again aren't retired any more, and those of `leaving` are."""
        named = {self.path(file) for file in files}
        leaving_now = (Retired(file, until) for file in leaving)
        retired = {self.path(each.file): each for each in (*self.retired, *leaving_now)}
        return Page(
            self.project,
            tuple(sorted(files, key=lambda file: file.filename)),
            tuple(retired[path] for path in sorted(retired.keys() - named)),
        )


def newest_of_each_name(project: NormalizedName, files: tuple[PageFile, ...], until: datetime) -> Page:
    """The page to believe in when it was lost: of files of the same name the newest one, while the others retire."""
    newest = {file.filename: file for file in sorted(files, key=_upload)}
    return Page(project, tuple(newest.values())).retiring(files, until)


def _upload(file: PageFile) -> tuple[datetime, str]:
    return file.uploaded_at, file.sha256
