"""Which issue of earlier weeks a run goes on with. Pure.

`nightly.issues.sync` leaves a closed issue alone until its state is another one. Here a close alone doesn't keep an
issue quiet: that takes the label `nightly: ignore`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from nightly.issues import Tracked
from nightly.marker import CURED, digest

IGNORE = "nightly: ignore"
"""The label of closed issues that stay closed until the state is another one."""

REOPENED_WITHIN = timedelta(days=30)
"""What was closed longer ago stays closed, and a new issue is opened."""

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def considered(existing: Sequence[Tracked], state: str, now: datetime) -> tuple[Tracked, ...]:
    """The issues as `sync` shall see them, for a report of this state: "" where there's nothing to report.

    These are the open ones, or else the one that was closed last: where it is muted as it is, and without the label as
    one that was cured, so that it is reopened. Where that was long ago, there is none.
    """
    still_open = tuple(each for each in existing if each.issue.is_open)
    if still_open or not existing:
        return still_open
    last = max(existing, key=lambda each: each.issue.closed_at or _LONG_AGO)
    if is_labelled(last) and (not state or last.marker.state == digest(state)):
        return (last,)
    if now - (last.issue.closed_at or _LONG_AGO) > REOPENED_WITHIN:
        return ()
    return (replace(last, marker=replace(last.marker, state=CURED)),)


def is_labelled(tracked: Tracked) -> bool:
    return IGNORE in {label.casefold() for label in tracked.issue.labels}
