"""Deleting a project's files, and bringing them back while their bytes are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from packaging.utils import NormalizedName

from nightly.channel import Deletion, End, RemoteFile
from nightly.directory.page import Page, PageFile
from nightly.directory.render import BadPage
from nightly.directory.site import stored_file
from nightly.directory.writer import Writer
from nightly.wheels import BadWheel


@dataclass(frozen=True)
class Restoration:
    """What became of one file that was to come back: it is listed again, unless there is a `reason` why not.

    Where a whole project was to, but nothing of it could, `filename` is the project's name.
    """

    filename: str
    reason: str = ""


_NOTHING = "Nothing of this name was deleted, or its grace is over."


def delete(writer: Writer, project: NormalizedName, files: Sequence[RemoteFile], grace: timedelta) -> list[Deletion]:
    """Take files off their project's page, all at once; their bytes stay for the time of `grace`."""
    deletions = [Deletion(file, End.FAILED) for file in files]
    try:
        page = writer.read(project)
        deletions = _compared(page, files)
        leaving = {each.file.filename for each in deletions if each.end is End.DELETED}
        if leaving:
            with writer.changing(page):
                writer.write(page.without(leaving, writer.clock() + grace))
    except OSError as error:
        return [_failed(each, f"{project}'s page can't be written: {error}") for each in deletions]
    return deletions


def _compared(page: Page, files: Sequence[RemoteFile]) -> list[Deletion]:
    """How it will end for each file; one that is asked for twice is gone the second time."""
    listed = dict(page.by_name)
    deletions = []
    for file in files:
        deletions.append(_compare(page, listed.get(file.filename), file))
        if deletions[-1].end is End.DELETED:
            del listed[file.filename]
    return deletions


def _compare(page: Page, listed: PageFile | None, file: RemoteFile) -> Deletion:
    if listed is None:
        return Deletion(file, End.GONE, "It wasn't there any more.")
    if page.path(listed) != file.handle or listed.uploaded_at != file.uploaded_at:
        return Deletion(file, End.CHANGED, "Another upload has its name now, and was left alone.")
    return Deletion(file, End.DELETED)


def _failed(deletion: Deletion, reason: str) -> Deletion:
    return deletion if deletion.end in (End.GONE, End.CHANGED) else Deletion(deletion.file, End.FAILED, reason)


def restore(writer: Writer, project: NormalizedName, names: Sequence[str]) -> list[Restoration]:
    """Bring files back onto their project's page with the times that they had; without names, all that can be.

    Raises:
        OSError: the page can't be written.
    """
    page = writer.read(project)
    restorations = [_restored(writer, page, name) for name in names or sorted(page.restorable)]
    back = tuple(page.restorable[each.filename] for each in restorations if not each.reason)
    if back:
        with writer.changing(page):
            writer.write(page.with_files(back, writer.clock()))
    return restorations or [Restoration(project, _NOTHING)]


def _restored(writer: Writer, page: Page, name: str) -> Restoration:
    file = page.restorable.get(name)
    if file is None:
        return Restoration(name, "A file of this name is listed." if name in page.by_name else _NOTHING)
    try:
        stored_file(writer.site.root / page.path(file))
    except (OSError, BadPage, BadWheel) as error:
        return Restoration(name, f"Its bytes are lost: {error}.")
    return Restoration(name)
