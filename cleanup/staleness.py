"""Which projects of a channel somebody should look after: quiet ones, lost platforms, holds about to end. Pure.

It goes by the decisions of the cleanup itself, so that no date told here differs from the day when something goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from packaging.utils import canonicalize_name

from cadence import WARNING, Rhythm, odd_after, rhythm
from file_names import SDIST, coverage_keys, parsed_version
from retention import Decision
from rules import Policy, Rules

BATCH = timedelta(hours=48)
"""What came within this time of a version's newest file is one night's work, as for the cleanup's floor."""

_UNJUDGED = frozenset({"not-python", "label", "unknown-version", "unknown-time", "future-time", "pin"})
"""By these rules a file is none of the nightly ones, or nobody knows when it came."""


class Wheel(NamedTuple):
    """A wheel: what it covers, and when it goes if nothing new comes; None is never.

    `release` is its version in normal form. `ends_at` is when it goes without regard to its being the project's last,
    which holds it for ever.
    """

    version: str
    release: str
    keys: tuple[str, ...]
    uploaded_at: datetime
    goes_at: datetime | None
    ends_at: datetime | None


class Stage(str, Enum):
    """How far a silence has come: it's odd, its files are about to go, or they only stay as the project's last."""

    QUIET = "quiet"
    ENDING = "ending"
    OVER = "over"


@dataclass(frozen=True)
class Silence:
    """Nothing came since `since`, where the usual gap is `gap` (None where it isn't known).

    The first file of that last upload, of `version`, goes at `ends_at`, or it would, but for its being among the
    project's last files, if `is_kept`. None is never, and at a later stage than the first: it's due.
    """

    version: str
    since: datetime
    gap: timedelta | None
    stage: Stage
    ends_at: datetime | None
    is_kept: bool


@dataclass(frozen=True)
class Gap:
    """An interpreter, ABI and platform family that the project's newest versions have no wheel for, or soon won't.

    `newer` versions came without one since the last, which is of `version`. If it `is_ending`, it's about to go: at
    `goes_at`, or with the next cleanup if that's None. Otherwise None is never.
    """

    key: str
    version: str
    uploaded_at: datetime
    newer: int
    goes_at: datetime | None
    is_ending: bool


@dataclass(frozen=True)
class Finding:
    """What is odd about one project, at the moment of the run. `is_gone` leaves nothing else to say."""

    project: str
    silence: Silence | None = None
    gaps: tuple[Gap, ...] = ()
    is_gone: bool = False


class Forecast(NamedTuple):
    """The decisions of the cleanup, and those that it would make if a project's last files went like all others."""

    decisions: Sequence[Decision]
    mortal: Sequence[Decision]


def mortal(policy: Policy) -> Policy:
    """The policy by which a project's last files go too."""
    rules = replace(policy.rules, allow_empty=True)
    projects = (replace(each, rules=replace(each.rules, allow_empty=True)) for each in policy.projects)
    return replace(policy, rules=rules, projects=tuple(projects))


def find(forecast: Forecast, policy: Policy, rhythms: Mapping[str, Rhythm], now: datetime) -> Iterator[Finding]:
    """Look at every project of which there are files. `rhythms` are those that needn't be guessed, by canonical name.

    An exempt project is looked at only if it is known how often it uploads.
    """
    pairs = zip(forecast.decisions, forecast.mortal, strict=True)
    for name, group in groupby(pairs, key=lambda pair: canonicalize_name(pair[0].file.project)):
        own = list(group)
        if policy.exemption_of(name) and name not in rhythms:
            continue
        wheels = sorted((wheel for pair in own for wheel in _wheel(*pair)), key=lambda each: each.uploaded_at)
        finding = _look(own[0][0].file.project, wheels, policy.rules_of(name), rhythms.get(name), now)
        if finding.silence or finding.gaps:
            yield finding


def gone(known: Iterable[str], present: Collection[str]) -> Iterator[Finding]:
    """The projects that are known, but not on the channel; each in its first spelling."""
    names = {canonicalize_name(project) for project in present}
    for project in known:
        if (name := canonicalize_name(project)) not in names:
            names.add(name)
            yield Finding(project, is_gone=True)


def _wheel(decision: Decision, without_last: Decision) -> Iterator[Wheel]:
    keys = tuple(key for key in coverage_keys(decision.file.filename) if key != SDIST)
    version, time = parsed_version(decision.file.version), decision.file.uploaded_at
    if keys and version and time and decision.rule not in _UNJUDGED:
        yield Wheel(decision.file.version, version[1], keys, time, decision.goes_at, without_last.goes_at)


def _look(project: str, wheels: Sequence[Wheel], rules: Rules, known: Rhythm | None, now: datetime) -> Finding:
    if not wheels:
        return Finding(project)
    newest = {wheel.release: wheel.uploaded_at for wheel in wheels}
    usual, last = known or rhythm(newest.values()), wheels[-1]
    batch = [each for each in wheels if each.release == last.release and last.uploaded_at - each.uploaded_at <= BATCH]
    ends_at = min((each.ends_at for each in batch if each.ends_at), default=None)
    limit = odd_after(usual, rules.max_age, ends_at - last.uploaded_at if ends_at else None)
    is_silent = limit is not None and now - last.uploaded_at >= limit
    is_kept = any(each.goes_at != each.ends_at for each in batch)
    stage = _stage(ends_at, now, is_kept=is_kept)
    silence = Silence(last.version, last.uploaded_at, usual.gap, stage, _ahead(ends_at, now), is_kept)
    return Finding(project, silence if is_silent else None, tuple(_gaps(wheels, newest, limit, now)))


def _stage(ends_at: datetime | None, now: datetime, *, is_kept: bool) -> Stage:
    if ends_at is None or ends_at - now > WARNING:
        return Stage.QUIET
    return Stage.OVER if is_kept and ends_at <= now else Stage.ENDING


def _ahead(time: datetime | None, now: datetime) -> datetime | None:
    """A time to come. What is past isn't named: it would be another one each day."""
    return time if time and time > now else None


def _gaps(
    wheels: Sequence[Wheel], newest: Mapping[str, datetime], limit: timedelta | None, now: datetime
) -> Iterator[Gap]:
    """The keys that are behind the project's last upload for longer than its silence would be odd, or about to go."""
    last = {key: wheel for wheel in wheels for key in wheel.keys}
    latest = wheels[-1].uploaded_at
    for key, wheel in sorted(last.items()):
        is_behind = limit is not None and latest - wheel.uploaded_at >= limit
        is_ending = wheel.goes_at is not None and wheel.goes_at - now <= WARNING
        if is_behind or is_ending:
            newer = sum(time > wheel.uploaded_at for release, time in newest.items() if release != wheel.release)
            yield Gap(key, wheel.version, wheel.uploaded_at, newer, _ahead(wheel.goes_at, now), is_ending)
