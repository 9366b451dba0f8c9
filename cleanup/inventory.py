"""Reading a channel: its list of projects, and many projects' files at once. Nothing here can change anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from nightly.channel import Channel, Listing, RemoteFile
from nightly.errors import UserError
from nightly.http_errors import Unavailable
from nightly.patience import Patience
from nightly.retry import Breaker
from plan import Unread

_AT_ONCE = 8


@dataclass(frozen=True)
class Inventory:
    """The listings of the projects that could be read, by the names they were asked for, and those that couldn't."""

    listings: Mapping[str, Listing]
    unread: tuple[Unread, ...]

    @property
    def files(self) -> frozenset[RemoteFile]:
        return frozenset(file for each in self.listings.values() for file in each.files)


def take_inventory(channel: Channel, patience: Patience) -> Inventory:
    """Ask for the list of projects, then for each of them. One that is listed, but not found, is unread.

    Raises:
        UserError: the list can't be had.
    """
    read = read_projects(channel, channel.projects(), patience)
    there = {project: each for project, each in read.listings.items() if each.exists}
    lost = [project for project in read.listings if project not in there]
    unfound = (Unread(project, "The channel has it in its list, but doesn't find it.") for project in lost)
    return Inventory(there, (*read.unread, *unfound))


def read_projects(channel: Channel, projects: Collection[str], patience: Patience) -> Inventory:
    """Ask for each of the projects, several at once. While the service seems to be down, the rest aren't asked for."""
    ask = partial(_ask, channel, Breaker(patience.failures_in_a_row))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = dict(zip(projects, pool.map(ask, projects), strict=True))
    return Inventory(
        {project: each for project, each in answers.items() if isinstance(each, Listing)},
        tuple(each for each in answers.values() if isinstance(each, Unread)),
    )


def _ask(channel: Channel, breaker: Breaker, project: str) -> Listing | Unread:
    if breaker.is_open:
        return Unread(project, "It wasn't asked for, because the service seems to be down.")
    try:
        listing = channel.listing(project)
    except UserError as error:
        if isinstance(error.__cause__, Unavailable):
            breaker.failed()
        return Unread(project, error.what)
    breaker.answered()
    return listing
