"""Which of the files that a source lists are wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from nightly.errors import UserError
from nightly.fetching.files import IndexFile
from nightly.fetching.kinds import NO_FILTERS, Filters, Named, parse_name
from nightly.fetching.table import some

_NEAR = 3
"""Versions told of on each side of one that isn't there."""


@dataclass(frozen=True)
class Wanted:
    """One version of a project, and which of its files."""

    project: str
    version: Version
    filters: Filters = NO_FILTERS

    def take(self, named: Named) -> bool:
        """Whether a file of this name is wanted."""
        return self.is_of_version(named) and self.filters.take(named)

    def is_of_version(self, named: Named) -> bool:
        """As PEP 440's == does: a local label that isn't asked for isn't looked at."""
        return self.is_of_project(named) and Specifier(f"=={self.version}").contains(named.version, prereleases=True)

    def is_of_project(self, named: Named) -> bool:
        return named.project == canonicalize_name(self.project)


@dataclass(frozen=True)
class Choice:
    """The wanted files by their names, and those that are left out as they were yanked."""

    files: tuple[IndexFile, ...]
    yanked: tuple[IndexFile, ...] = ()


def choose(listed: Iterable[IndexFile], wanted: Wanted) -> Choice:
    """What is wanted of it. A version is pinned, so yanked files do where there are no others, as pip has it.

    Raises:
        UserError: two files of one name are listed, with different bytes.
    """
    found = _by_name(file for file in listed if (named := parse_name(file.filename)) and wanted.take(named))
    good = tuple(file for file in found if file.yanked is None)
    yanked = tuple(file for file in found if file.yanked is not None)
    return Choice(good, yanked) if good else Choice(yanked)


def nothing_found(listed: Sequence[IndexFile], wanted: Wanted, source: str) -> UserError:
    """What to say where nothing of it is wanted: what there is instead."""
    named = [each for file in listed if (each := parse_name(file.filename)) and wanted.is_of_project(each)]
    of_version = [each for each in named if wanted.is_of_version(each)]
    if of_version:
        what = f"{source} has {wanted.project} {wanted.version}, but nothing of it that is asked for."
        there = f"There are: {_spelled_kinds(of_version)}."
        do = "Widen --type, --arch and --python."
    elif named:
        what = f"{source} has no {wanted.project} {wanted.version}."
        there = f"There are: {_near(named, wanted.version)}."
        do = "Correct the version. Where it was published a moment ago, wait for it by --wait-for."
    else:
        what = f"{source} has no files of a project {wanted.project}."
        there = (
            "Usually the name is spelled otherwise, or this is another index than the one it was published to; or "
            "what answers is no index, but a website or a network's page to log in."
        )
        do = "Correct the name, or say where it is by --index, --channel or --run."
    return UserError(what, title="None found", means=there, do=do, exit_code=2)


def _by_name(found: Iterable[IndexFile]) -> list[IndexFile]:
    """Each once. Names that differ in case alone are one file on some systems."""
    seen: dict[str, IndexFile] = {}
    for file in found:
        before = seen.setdefault(file.filename.casefold(), file)
        if _differ(before, file):
            raise UserError(
                f"{file.filename!r} is listed twice, with different bytes, so nobody can tell which is meant.",
                title="Listed twice",
                do="Ask whoever keeps the index, or fetch from the place that the files were published to.",
            )
    return [seen[name] for name in sorted(seen)]


def _differ(one: IndexFile, other: IndexFile) -> bool:
    if one.sha256 and other.sha256:
        return one.sha256 != other.sha256
    return (one.url, one.md5, one.size) != (other.url, other.md5, other.size)


def _near(named: Iterable[Named], version: Version) -> str:
    versions = sorted({each.version for each in named})
    before = [each for each in versions if each < version][-_NEAR:]
    after = [each for each in versions if each > version]
    near = [*before, *after[:_NEAR], *after[-1:]]
    counted = f" (of {len(versions)} versions)" if len(versions) > len(near) else ""
    return ", ".join(dict.fromkeys(map(str, near))) + counted


def _spelled_kinds(named: Iterable[Named]) -> str:
    counts: dict[str, set[str]] = {}
    for each in named:
        for kind in each.kinds:
            counts.setdefault(kind, set()).update(f"{tag.interpreter}-{tag.platform}" for tag in each.tags)
    return "; ".join(f"{kind} ({some(sorted(tags), _NEAR)})" if tags else kind for kind, tags in sorted(counts.items()))
