"""Which wheel of a project one interpreter gets, of all that the channels offer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from packaging.utils import BuildTag, InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from nightly.downstream.planning.ages import spell_age
from nightly.downstream.planning.wheel_tags import spell_tags
from nightly.downstream.records.plan import Package, State
from nightly.downstream.records.snapshot import Offer

ONE_NIGHT = timedelta(hours=12)
"""Jobs of one matrix upload a version's wheels one after the other; wheels further apart are of different builds."""


@dataclass(frozen=True)
class _Candidate:
    """An offer whose file's name could be read."""

    offer: Offer
    version: Version
    build: BuildTag
    tags: frozenset[str]


def choose(offers: Iterable[Offer], name: str, tags: Sequence[str], now: datetime, max_age: timedelta) -> Package:
    """The project's wheel from the first channel that has a usable one, or why there is none.

    The channels' order is that of their offers. `tags` are the interpreter's, best first. Within a channel the
    greatest version counts, whatever its local label, for a hash has no order; then the newest build, the greatest
    label, the best tag and the highest build tag. What is older than `max_age` isn't usable, but a wheel whose age
    isn't known is.
    """
    candidates = _candidates(offers, name)
    if not candidates:
        return Package(name, State.ABSENT, "no channel has a wheel of it")
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    best = _best_of_each_channel(candidates, ranks)
    if not best:
        return Package(name, State.UNSUPPORTED, f"there are only {_what_there_is(candidates)}")
    for candidate in best:
        if _age(candidate, now) <= max_age:
            return _package(candidate, State.NIGHTLY, "; ".join(_oddities(candidate)))
    said = f"uploaded {spell_age(_age(best[0], now))} ago, and no more than {spell_age(max_age)} are allowed"
    return _package(best[0], State.STALE, said)


def with_stable(package: Package, stable: str | None) -> Package:
    """The same, with the version that is installed without the channel, and what is odd beside it."""
    odd = _beside_stable(package.version, stable) if package.state is State.NIGHTLY and package.version else ""
    reason = "; ".join(each for each in (package.reason, odd) if each)
    return replace(package, stable=stable, reason=reason)


def _candidates(offers: Iterable[Offer], name: str) -> list[_Candidate]:
    read = (_candidate(offer) for offer in offers if offer.project == name)
    return [candidate for candidate in read if candidate]


def _candidate(offer: Offer) -> _Candidate | None:
    try:
        project, version, build, tags = parse_wheel_filename(offer.filename)
    except (InvalidWheelFilename, ValueError):
        return None
    if project != offer.project:
        return None
    return _Candidate(offer, version, build, frozenset(map(str, tags)))


def _best_of_each_channel(candidates: Sequence[_Candidate], ranks: Mapping[str, int]) -> list[_Candidate]:
    usable: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        if not ranks.keys().isdisjoint(candidate.tags):
            usable.setdefault(candidate.offer.channel, []).append(candidate)
    return [_best(each, ranks) for each in usable.values()]


def _best(candidates: Sequence[_Candidate], ranks: Mapping[str, int]) -> _Candidate:
    greatest = max(_public(candidate) for candidate in candidates)
    night = _newest_night([candidate for candidate in candidates if _public(candidate) == greatest])

    def worth(candidate: _Candidate) -> tuple[Version, int, BuildTag, float, str]:
        rank = min(ranks[tag] for tag in candidate.tags if tag in ranks)
        uploaded_at = candidate.offer.uploaded_at
        uploaded = uploaded_at.timestamp() if uploaded_at else 0.0
        return candidate.version, -rank, candidate.build, uploaded, candidate.offer.filename

    return max(night, key=worth)


def _public(candidate: _Candidate) -> Version:
    return Version(candidate.version.public)


def _newest_night(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those of the newest build. A wheel whose time isn't known may be of it."""
    times = [candidate.offer.uploaded_at for candidate in candidates]
    newest = max((time for time in times if time), default=None)
    return [
        each
        for each, time in zip(candidates, times, strict=True)
        if time is None or newest is None or newest - time <= ONE_NIGHT
    ]


def _age(candidate: _Candidate, now: datetime) -> timedelta:
    """What isn't known isn't old."""
    uploaded_at = candidate.offer.uploaded_at
    return now - uploaded_at if uploaded_at else timedelta()


def _oddities(candidate: _Candidate) -> Iterable[str]:
    if candidate.offer.uploaded_at is None:
        yield "the channel doesn't tell when it was uploaded"
    if not candidate.version.is_prerelease:
        yield "its version looks like a release"


def _beside_stable(version: str, stable: str | None) -> str:
    try:
        nightly, released = Version(version), Version(stable or "")
    except InvalidVersion:
        return ""
    if nightly == released:
        return f"the same version as the stable {stable}"
    return f"older than the stable {stable}" if nightly < released else ""


def _what_there_is(candidates: Collection[_Candidate]) -> str:
    return "wheels for " + spell_tags({tag for candidate in candidates for tag in candidate.tags})


def _package(candidate: _Candidate, state: State, reason: str) -> Package:
    offer = candidate.offer
    return Package(
        name=offer.project,
        state=state,
        reason=reason,
        version=str(candidate.version),
        url=offer.url,
        sha256=offer.sha256,
        filename=offer.filename,
        uploaded_at=offer.uploaded_at,
        channel=offer.channel,
    )
