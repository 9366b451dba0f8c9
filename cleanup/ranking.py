"""Where each file of a project stands among the others, and until when that lets it stay. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from packaging.version import Version

from competing import Candidate
from moments import ALWAYS, NEVER, length
from rules import Rules

BATCH = length(timedelta(hours=48))
"""What came within this time of a version's newest file is one night's work."""


class Standing(NamedTuple):
    """Where a file stands, and the moments until which it stays.

    `rank` is its version's place in its stream by upload, the newest is 0. `policy_end` is when the policy lets go of
    it. Then each hold's end, which lies infinitely early where it doesn't hold; `key` is what it's the newest file for.
    """

    candidate: Candidate
    rank: int
    policy_end: float
    min_age_end: float
    floor_end: float
    coverage_end: float
    last_end: float
    key: str

    @property
    def held_until(self) -> float:
        return max(self.min_age_end, self.floor_end, self.coverage_end, self.last_end)

    @property
    def goes_at(self) -> float:
        """The first moment at which it goes, if nothing new comes and the project isn't too large."""
        return max(self.policy_end, self.min_age_end, self.floor_end, self.coverage_end, self.last_end)


def standings(candidates: Iterable[Candidate], rules: Rules) -> list[Standing]:
    """Where each stands among all of them, the newest first.

    Versions are ranked by their newest file, as neither their numbers nor a listing's order tell which came last
    (astropy#15935). Files of one time are ordered by version and name, so that the order they come in doesn't matter.
    """
    newest_first = sorted(candidates, key=_age_order, reverse=True)
    terms = _Terms.of(rules)
    last = set() if rules.allow_empty else {(each.stream, each.release) for each in newest_first[:1]}
    return [
        terms.standing(each, rank, newest, key, is_last=(each.stream, each.release) in last)
        for each, (rank, newest), key in zip(
            newest_first, _ranks(newest_first), _newest_for(newest_first, rules.coverage), strict=True
        )
    ]


def _age_order(each: Candidate) -> tuple[int, Version, str, str]:
    return each.time, each.version, each.file.filename, each.file.handle


def _ranks(newest_first: Iterable[Candidate]) -> Iterator[tuple[int, int]]:
    """The rank of each file's version in its stream, and the moment of that version's newest file."""
    streams: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for each in newest_first:
        versions = streams[each.stream]
        yield versions.setdefault(each.release, (len(versions), each.time))


def _newest_for(newest_first: Iterable[Candidate], coverage: int) -> Iterator[str]:
    """For each file the first key that fewer than `coverage` newer files of its stream cover, or none."""
    covered: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in newest_first:
        newer = covered[each.stream]
        yield next((key for key in each.keys if newer[key] < coverage), "")
        for key in each.keys:
            newer[key] += 1


class _Terms(NamedTuple):
    """The rules, with durations in microseconds."""

    keep: int
    max_age: float
    end: Callable[[float, float], float]
    min_age: float
    floor: int
    floor_max_age: float
    coverage_max_age: float

    @classmethod
    def of(cls, rules: Rules) -> _Terms:
        return cls(
            keep=rules.keep,
            max_age=length(rules.max_age),
            end=min if rules.keep_if == "both" else max,
            min_age=length(rules.min_age),
            floor=rules.floor,
            floor_max_age=length(rules.floor_max_age),
            coverage_max_age=length(rules.coverage_max_age),
        )

    def standing(self, each: Candidate, rank: int, newest: int, key: str, *, is_last: bool) -> Standing:
        """Where a file stands whose version has this rank and newest moment, and which is the newest for this key."""
        time, in_batch = each.time, newest - each.time <= BATCH
        return Standing(
            each,
            rank,
            self.end(NEVER if rank < self.keep else ALWAYS, time + self.max_age),
            time + self.min_age,
            time + self.floor_max_age if in_batch and rank < self.floor else ALWAYS,
            time + self.coverage_max_age if key else ALWAYS,
            NEVER if in_batch and is_last else ALWAYS,
            key,
        )
