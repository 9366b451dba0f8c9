"""Whether all is there that was to stay, after a cleanup."""

from __future__ import annotations

import time
from collections.abc import Mapping

from inventory import read_projects
from nightly.anaconda.keeper import is_keeper
from nightly.channel import Channel, Listing
from nightly.patience import Patience
from result import Missing

_POLL = 2.0
_GONE = "It was to stay, and isn't listed any more."

Names = Mapping[str, frozenset[str]]
"""File names by project."""


def missing(channel: Channel, kept: Names, patience: Patience) -> tuple[Missing, ...]:
    """List the projects again, and name what isn't there of the names that were to stay.

    A list may be behind for as long as an index, so what isn't there is looked for again.
    """
    deadline = time.monotonic() + patience.index_lag
    while True:
        look = read_projects(channel, kept, patience)
        compared = {project: _absent(each, kept[project]) for project, each in look.listings.items()}
        absent = {project: names for project, names in compared.items() if names}
        if not absent or time.monotonic() >= deadline:
            break
        time.sleep(min(_POLL, patience.index_lag / 10))
    unread = (Missing(each.project, "", f"It couldn't be listed again: {each.reason}") for each in look.unread)
    return (*unread, *(Missing(project, name, _GONE) for project, names in absent.items() for name in sorted(names)))


def _absent(listing: Listing, kept: frozenset[str]) -> frozenset[str]:
    """What isn't there; nothing while an upload holds the project, which takes its files away for a moment each."""
    return frozenset() if any(map(is_keeper, listing.files)) else kept - {file.filename for file in listing.files}
