"""Whether what was sent is really there: on the channel, and on the page that installers read."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence

from packaging.utils import NormalizedName

from nightly.channel import Channel, Listing, Outcome, State
from nightly.errors import UserError
from nightly.patience import Patience

_WRITTEN = (State.UPLOADED, State.REPLACED)
_THERE = (*_WRITTEN, State.SKIPPED)
_POLL = 2.0


def verify(channel: Channel, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """List again what was written to, and believe no outcome that the list denies: such a file has failed."""
    changed = {each.wheel.project: each.wheel.name for each in outcomes if each.state in _WRITTEN}
    listings = {project: _listing(channel, name) for project, name in changed.items()}
    return tuple(_checked(outcome, listings) for outcome in outcomes)


def wait_for_index(channel: Channel, outcomes: Iterable[Outcome], patience: Patience) -> tuple[str, ...]:
    """Wait until the index lists all files that are there, for as long as it may lag.

    Returns the names of the files that it still doesn't list.
    """
    wanted: dict[NormalizedName, set[str]] = {}
    for outcome in outcomes:
        if outcome.state in _THERE:
            wanted.setdefault(outcome.wheel.project, set()).add(outcome.wheel.filename)
    deadline = time.monotonic() + patience.index_lag
    while True:
        wanted = {
            project: missing for project, names in wanted.items() if (missing := names - channel.indexed(project))
        }
        if not wanted or time.monotonic() >= deadline:
            return tuple(sorted(name for missing in wanted.values() for name in missing))
        time.sleep(min(_POLL, patience.index_lag / 10))


def _listing(channel: Channel, project: str) -> Listing | str:
    """What is there, or why that can't be told."""
    try:
        return channel.listing(project)
    except UserError as error:
        return error.what


def _checked(outcome: Outcome, listings: Mapping[NormalizedName, Listing | str]) -> Outcome:
    if outcome.state not in _WRITTEN:
        return outcome
    wheel, listing = outcome.wheel, listings[outcome.wheel.project]
    if isinstance(listing, str):
        return _denied(outcome, f"The channel took the file, but couldn't be asked whether it's there: {listing}.")
    there = {file.filename: file for file in listing.files}.get(wheel.filename)
    if there is None:
        return _denied(outcome, "The channel took the file, but doesn't list it now.")
    if there.holds(wheel) is False:
        return _denied(outcome, "The channel took the file, but lists other bytes under its name now: another run's.")
    return outcome


def _denied(outcome: Outcome, reason: str) -> Outcome:
    again = "Run this job again; if it's the same then, ask the channel's admins."
    return dataclasses.replace(outcome, state=State.FAILED, reason=f"{reason} {again}")
