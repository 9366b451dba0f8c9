"""Taking a snapshot of the channels: every wheel that they offer, asked for in parallel."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from packaging.utils import canonicalize_name

from nightly.channel import Channel, RemoteFile
from nightly.channels import ChannelOptions, open_channel
from nightly.downstream.records.snapshot import Offer, Snapshot
from nightly.errors import UserError
from nightly.patience import Patience

_PARALLEL = 20
"""Requests at once: a hundred projects at 50 ms an answer take some 0.3 s. An installer asks with more."""


@dataclass(frozen=True)
class Source:
    """A channel, and the labels that its files must have."""

    channel: Channel
    labels: tuple[str, ...]


def open_sources(
    asked: Iterable[ChannelOptions], patience: Patience, tell: Callable[[str], None]
) -> tuple[Source, ...]:
    """Open the channels for reading."""
    channels = [replace(options, parallel=_PARALLEL) for options in asked]
    return tuple(Source(open_channel(options, patience, tell), options.wanted_labels) for options in channels)


def take_snapshot(sources: Sequence[Source], projects: Collection[str] | None, now: datetime) -> Snapshot:
    """What the channels offer of these projects (normalised names), or of all that they have.

    Raises:
        UserError: a channel can't be read, or has nothing at all, which is never believed.
    """
    with ThreadPoolExecutor(_PARALLEL) as pool:
        found = pool.map(lambda source: _projects(source, projects), sources)
        pairs = [(source, project) for source, its in zip(sources, found, strict=True) for project in its]
        offers = [offer for its in pool.map(lambda pair: list(_offers(*pair)), pairs) for offer in its]
    return Snapshot(now, tuple(source.channel.index_url for source in sources), tuple(offers))


def _projects(source: Source, wanted: Collection[str] | None) -> list[str]:
    """The projects in the channel's own spelling, so that none has to be looked for under another."""
    projects = source.channel.projects()
    if not projects:
        raise UserError(
            f"The channel {source.channel.identity} has no projects at all.",
            title="The channel can't be used",
            means="Either its name isn't right, or it's out of order.",
            do="Compare the name with the channel's page; if it's right, try again later.",
        )
    return [project for project in projects if wanted is None or canonicalize_name(project) in wanted]


def _offers(source: Source, project: str) -> Iterator[Offer]:
    listing = source.channel.listing(project).labelled(source.labels)
    for file in listing.files:
        if file.filename.endswith(".whl"):
            yield _offer(source.channel, file)


def _offer(channel: Channel, file: RemoteFile) -> Offer:
    return Offer(
        project=str(canonicalize_name(file.project)),
        version=file.version,
        filename=file.filename,
        url=channel.address(file),
        sha256=_sha256(file.sha256),
        uploaded_at=file.uploaded_at,
        channel=channel.index_url,
    )


def _sha256(told: str | None) -> str | None:
    """What isn't one is no hash: it'll stand in a file for installers."""
    return told.lower() if told and re.fullmatch("[0-9A-Fa-f]{64}", told) else None
