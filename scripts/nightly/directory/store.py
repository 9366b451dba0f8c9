"""Writing within the directory: each step leaves the old state or the new one, and nothing is half there.

All of it is done with the lock held, on behalf of a project that is marked as being written to: a folder of that name
in `incoming`, which holds the half-written files and outlives a killed run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from packaging.utils import NormalizedName

from nightly.channel import Progress
from nightly.directory.page import HASH_DIGITS, Page, PageFile
from nightly.directory.persist import persisting
from nightly.directory.render import project_html, project_json, root_html, root_json
from nightly.directory.site import CHUNK, Site, is_stored, metadata_path, projects_of
from nightly.wheels import Wheel, hashes, metadata_headers


class NotTheWheel(Exception):
    """The file's bytes aren't those that were read before."""


def store_wheel(site: Site, wheel: Wheel, now: datetime, progress: Progress) -> PageFile:
    """Bring the wheel and its METADATA to where they'll stay, unless they are there. No page names them yet.

    The file's time is set to the upload's, so that a lost page can be made anew from the files.

    Raises:
        NotTheWheel: the file changed since it was read.
        OSError: it can't be read, or the channel not written.
    """
    target = site.files(wheel.project) / wheel.sha256[:HASH_DIGITS] / wheel.filename
    if not _holds(target, wheel):
        _move_in(site, wheel, metadata_path(target), lambda part: part.write_bytes(wheel.metadata))
        _move_in(site, wheel, target, lambda part: _copy(wheel, part, progress))
    os.utime(target, (now.timestamp(), now.timestamp()))
    return PageFile(
        filename=wheel.filename,
        sha256=wheel.sha256,
        size=wheel.size,
        uploaded_at=now,
        requires_python=metadata_headers(wheel).requires_python or None,
        metadata_sha256=hashlib.sha256(wheel.metadata).hexdigest(),
    )


def _holds(target: Path, wheel: Wheel) -> bool:
    metadata = metadata_path(target)
    return is_stored(target) and metadata.read_bytes() == wheel.metadata and hashes(target)[1] == wheel.sha256


def _move_in(site: Site, wheel: Wheel, target: Path, write: Callable[[Path], object]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(site.incoming / wheel.project / target.name, target, write)


def _replace(part: Path, target: Path, write: Callable[[Path], object]) -> None:
    """Write to `part`, then put it in the place of `target` at once; its bytes reach the disk before its name does."""
    write(part)
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    persisting(lambda: part.replace(target))


def _copy(wheel: Wheel, part: Path, progress: Progress) -> None:
    digest = hashlib.sha256()
    with wheel.path.open("rb") as source, part.open("wb") as copy:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            progress(len(chunk))
    if digest.hexdigest() != wheel.sha256:
        raise NotTheWheel(f"{wheel.path} changed after it was read; run this again when nothing writes to it")


def write_pages(site: Site, page: Page) -> None:
    """Bring the project's pages and the root's to the page's state; what is so already isn't written.

    The JSON comes last: whoever plans by it, plans again what a killed run didn't finish.
    """
    others = set(projects_of(site)) - {page.project}
    if page.files:
        _write_text(site, page.project, site.html(page.project), project_html(page))
        _write_root(site, page.project, sorted({*others, page.project}))
    else:
        _write_root(site, page.project, sorted(others))
        persisting(lambda: site.html(page.project).unlink(missing_ok=True))
    remember(site, page)


def remember(site: Site, page: Page) -> None:
    """Write what the channel knows of the project.

    One without files has no page to be found, but while bytes of it are there the JSON remembers them.
    """
    if page == Page(page.project):
        persisting(lambda: site.json(page.project).unlink(missing_ok=True))
        remove_empty(site.html(page.project).parent)
    else:
        write_json(site, page)


def write_json(site: Site, page: Page) -> None:
    """Write what the channel knows of the project, even if that is nothing."""
    _write_text(site, page.project, site.json(page.project), project_json(page))


def _write_root(site: Site, project: NormalizedName, projects: list[str]) -> None:
    _write_text(site, project, site.simple / "index.html", root_html(projects))
    _write_text(site, project, site.simple / "index.json", root_json(projects))


def _write_text(site: Site, project: NormalizedName, target: Path, text: str) -> None:
    data = text.encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not (target.is_file() and persisting(target.read_bytes) == data):
        _replace(site.incoming / project / target.name, target, lambda part: part.write_bytes(data))


def remove_unfinished(site: Site, project: NormalizedName) -> None:
    """Remove what a killed run left of files that weren't all there yet."""
    for metadata in site.files(project).glob("*/*.metadata"):
        if not metadata.with_suffix("").exists():
            metadata.unlink()
    for folder in (*site.files(project).glob("*"), site.files(project)):
        remove_empty(folder)


def begin(site: Site, project: NormalizedName) -> None:
    """Mark the project as being written to, and clear what was half-written."""
    end(site, project)
    (site.incoming / project).mkdir(parents=True)


def end(site: Site, project: NormalizedName) -> None:
    """The project is as it shall be."""
    folder = site.incoming / project
    if folder.exists():
        shutil.rmtree(folder)


def interrupted(site: Site) -> list[NormalizedName]:
    """The projects that a killed run was writing to."""
    return sorted(NormalizedName(folder.name) for folder in site.incoming.glob("*") if folder.is_dir())


def remove_empty(folder: Path) -> None:
    """Remove a folder, if nothing is in it."""
    try:
        folder.rmdir()
    except OSError:
        return  # It isn't empty, or isn't there.
