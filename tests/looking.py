"""A look at a channel's files, as freshness takes it, and projects with a usual time between two uploads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from cadence import Rhythm
from channel_files import MAIN, NOW, night
from nightly.channel import RemoteFile
from retention import decide
from rules import Policy
from staleness import Finding, Forecast, find, mortal

DAY = timedelta(days=1)
POLICY = Policy()


def look(
    files: Iterable[RemoteFile],
    policy: Policy = POLICY,
    later: timedelta = timedelta(0),
    rhythms: Mapping[str, Rhythm] | None = None,
) -> list[Finding]:
    """What is found so long after `NOW`."""
    there, now = list(files), NOW + later
    forecast = Forecast(decide(there, policy, now, MAIN), decide(there, mortal(policy), now, MAIN))
    return list(find(forecast, policy, rhythms or {}, now))


def uploads(gaps: Sequence[float], *tags: str) -> list[RemoteFile]:
    """A version each, so many days apart, the last one at `NOW`."""
    ages = [sum(gaps[index:]) for index in range(len(gaps) + 1)]
    return [file for number, age in enumerate(ages) for file in night(f"1.0.dev{number}", age, *tags)]
