"""A writer's turn at the directory: alone in it, after whatever a killed run has left, and one project at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime

from packaging.utils import NormalizedName

from nightly.directory import store, sweep
from nightly.directory.page import Page
from nightly.directory.site import GRACE, Site, Tell, read_page, stored_files
from nightly.lock import locked


class Writer:
    """Writes to a directory. `patience` is how many seconds it waits for another writer."""

    def __init__(self, site: Site, tell: Tell, patience: float, clock: Callable[[], datetime]) -> None:
        self.site = site
        self.tell = tell
        self.patience = patience
        self.clock = clock

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock, with nothing left of a killed run.

        Raises:
            UserError: it can't be had.
        """
        with locked(self.site.lock, self.patience, self.tell):
            for project in store.interrupted(self.site):
                self._settle(project)
            yield

    def read(self, project: NormalizedName) -> Page:
        """All that is known of the project."""
        return read_page(self.site, project, self.tell)

    @contextlib.contextmanager
    def changing(self, page: Page) -> Iterator[None]:
        """Mark the page's project as being written to; the mark outlives all that ends the block early.

        The JSON is there before any file is, so that files without it always mean that it was lost.
        """
        store.begin(self.site, page.project)
        store.write_json(self.site, page)
        yield
        with contextlib.suppress(OSError):  # all is written; whoever comes next finds nothing to settle
            store.end(self.site, page.project)

    def write(self, page: Page) -> None:
        """Bring the pages of a project that is being changed to this state."""
        store.write_pages(self.site, page)

    def sweep(self) -> None:
        """Remove the bytes whose grace is over, of whichever project; what can't go now is noted for the next time."""
        now = self.clock()
        for page in sweep.due(self.site, now):
            self._sweep(page, now)

    def _sweep(self, page: Page, now: datetime) -> None:
        try:
            with self.changing(page):
                store.remember(self.site, sweep.swept(self.site, page, now))
        except OSError as error:
            self.tell(f"{page.project}'s deleted files can't be removed now: {error}")

    def _settle(self, project: NormalizedName) -> None:
        """Bring a project that a killed run was writing to back to what its JSON says.

        Files that it doesn't name retire, rather than being removed: the HTML page may have named them already.
        """
        try:
            page = self.read(project)
            with self.changing(page):
                store.remove_unfinished(self.site, project)
                unnamed = tuple(stored_files(self.site, project, self.tell, but=page.paths()))
                self.write(page.retiring(unnamed, self.clock() + GRACE))
        except OSError as error:
            self.tell(f"{project}, left half-done by an earlier run, can't be put right: {error}")
