"""Removing the bytes that no page names any more, once their grace is over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from packaging.utils import NormalizedName

from nightly.directory.page import Page, Retired
from nightly.directory.persist import persisting
from nightly.directory.render import LONGEST_END, BadPage, may_be_due, page_of
from nightly.directory.site import Site, metadata_path
from nightly.directory.store import remove_empty


def due(site: Site, now: datetime) -> Iterator[Page]:
    """The pages, of deleted projects too, with retired files whose grace is over.

    Of each of the others only the last few bytes are read. A damaged page is left to whoever changes its project.
    """
    for path in sorted(site.simple.glob("*/index.json")):
        if may_be_due(_end(path), now):
            try:
                page = page_of(NormalizedName(path.parent.name), persisting(path.read_bytes).decode())
            except (BadPage, UnicodeDecodeError):
                continue
            if any(retired.until <= now for retired in page.retired):
                yield page


def swept(site: Site, page: Page, now: datetime) -> Page:
    """Remove the bytes that are due; what somebody has open on Windows stays noted."""
    over = (retired for retired in page.retired if retired.until <= now)
    return page.forgetting(frozenset(retired for retired in over if _removed(site, page, retired)))


def _removed(site: Site, page: Page, retired: Retired) -> bool:
    wheel = site.root / page.path(retired.file)
    try:
        wheel.unlink(missing_ok=True)
        metadata_path(wheel).unlink(missing_ok=True)
    except OSError:
        return False
    remove_empty(wheel.parent)
    remove_empty(site.files(page.project))
    return True


def _end(path: Path) -> str:
    with persisting(lambda: path.open("rb")) as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - LONGEST_END))
        return file.read().decode(errors="replace")
