"""What a fresh look at a channel says of the files that a plan wants to go. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone

from packaging.utils import NormalizedName, canonicalize_name

from nightly.anaconda.keeper import is_keeper
from nightly.channel import Deletion, End, RemoteFile
from plan import Unread
from retention import Decision, Verdict

_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


def dropped(
    planned: Sequence[RemoteFile], fresh: Sequence[Decision], unread: Sequence[Unread]
) -> dict[RemoteFile, Deletion]:
    """The planned files that aren't to be deleted now, and how that ends for each.

    They're gone, or aren't the same, or stay by the policy now, or their project couldn't be read.
    """
    there = {_name(each.file): each for each in fresh}
    unknown = {each.project: each.reason for each in unread}
    ends = {file: _unread(file, unknown) or _compare(file, there.get(_name(file))) for file in planned}
    return {file: end for file, end in ends.items() if end}


def in_order(files: Iterable[RemoteFile], fresh: Sequence[Decision]) -> list[RemoteFile]:
    """The order to delete in: by project, the oldest first, but of each the version with the newest file last.

    So whatever ends it early, what is worth most is still there.
    """
    newest = _newest_versions(fresh)
    return sorted(files, key=lambda file: (_project(file), file.version == newest[_project(file)], _age_order(file)))


def kept_names(fresh: Sequence[Decision], going: Collection[RemoteFile]) -> Mapping[str, frozenset[str]]:
    """The names that have to be there afterwards, by project. The keeper of an upload goes when that is over."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    leaving = set(going)
    for each in fresh:
        if each.file not in leaving and not is_keeper(each.file):
            names[each.file.project].add(each.file.filename)
    return {project: frozenset(own) for project, own in names.items()}


def _unread(file: RemoteFile, unknown: Mapping[str, str]) -> Deletion | None:
    reason = unknown.get(file.project)
    return None if reason is None else Deletion(file, End.FAILED, f"Its project couldn't be listed again: {reason}")


def _compare(file: RemoteFile, there: Decision | None) -> Deletion | None:
    if there is None:
        return Deletion(file, End.GONE, "It wasn't there any more.")
    if _bytes(there.file) != _bytes(file):
        return Deletion(file, End.CHANGED, "Another upload has its name now, and was left alone.")
    if there.verdict is not Verdict.DELETE:
        return Deletion(file, End.CHANGED, f"It stays now: {there.reason}.")
    return None


def _newest_versions(fresh: Sequence[Decision]) -> Mapping[NormalizedName, str]:
    """Of each project, the version that its newest file is of."""
    oldest_first = sorted((each.file for each in fresh), key=_age_order)
    return {_project(file): file.version for file in oldest_first}


def _name(file: RemoteFile) -> tuple[str, str, str]:
    return file.project, file.version, file.filename


def _bytes(file: RemoteFile) -> tuple[str, str | None, int | None, datetime | None]:
    return file.handle, file.sha256, file.size, file.uploaded_at


def _age_order(file: RemoteFile) -> tuple[datetime, str]:
    return file.uploaded_at or _EARLIEST, file.filename


def _project(file: RemoteFile) -> NormalizedName:
    return canonicalize_name(file.project)
