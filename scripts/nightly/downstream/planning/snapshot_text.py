"""A snapshot as a person reads it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from nightly import markdown
from nightly.downstream.planning.ages import spell_age
from nightly.downstream.records.snapshot import Offer, Snapshot

_SHOWN = 500
"""Rows of a table: a summary may have 1 MiB."""


def headline(snapshot: Snapshot) -> str:
    """How much there is, in one line."""
    projects = {offer.project for offer in snapshot.offers}
    counts = {"wheel": len(snapshot.offers), "project": len(projects), "channel": len(snapshot.channels)}
    said = [f"{number} {thing}{'s' * (number != 1)}" for thing, number in counts.items()]
    return "{} of {} on {}".format(*said)


def snapshot_lines(snapshot: Snapshot) -> Iterator[str]:
    """What there is of each project, for the log."""
    for channel, project, offers in _projects(snapshot):
        yield f"  {project}: {len(offers)} wheels, {_newest(offers, snapshot.taken_at)} ({channel})"


def snapshot_summary(snapshot: Snapshot) -> str:
    """What there is of each project, for the step's summary."""
    rows = [
        (markdown.text(project), str(len(offers)), _newest(offers, snapshot.taken_at), markdown.code(channel))
        for channel, project, offers in _projects(snapshot)
    ]
    more = f"and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    listed = markdown.table(("project", "wheels", "newest", "channel"), rows[:_SHOWN]) if rows else ""
    folded = f"<details><summary>What the channels have</summary>\n\n{listed}\n\n{more}\n\n</details>"
    return f"## Nightlies: {headline(snapshot)}\n\n{folded}\n"


def _projects(snapshot: Snapshot) -> list[tuple[str, str, list[Offer]]]:
    found: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in snapshot.offers:
        found[offer.channel, offer.project].append(offer)
    return [(channel, project, offers) for (channel, project), offers in sorted(found.items())]


def _newest(offers: list[Offer], now: datetime) -> str:
    times = [offer.uploaded_at for offer in offers if offer.uploaded_at]
    return f"the newest {spell_age(now - max(times))} old" if times else "of unknown age"
