"""When each file of a project goes if nothing new comes, and the cleanup runs all the time. Pure.

Almost always where a file stands says so. There are two exceptions. A file whose time lies ahead competes from then
on. And while a project is larger than `max_bytes`, a file goes as soon as nothing holds it, which may make another
one's version one of the newest again. So time is gone through in turns, from one such event to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from competing import Candidate
from moments import NEVER
from nightly.channel import RemoteFile
from ranking import Standing, standings
from rules import Rules


class Turn(NamedTuple):
    """A time without events: where the files stand in it, and when those go that don't outlast it, by their number.

    `squeezed` are those of them that go at its end because the project is too large.
    """

    standings: Sequence[Standing]
    goes_at: dict[int, float]
    squeezed: frozenset[int] = frozenset()


class Squeeze(NamedTuple):
    """What goes at a moment because the project is too large."""

    at: float
    files: frozenset[int] = frozenset()


def turns(candidates: Sequence[Candidate], rules: Rules, now: float, other_bytes: int) -> Iterator[Turn]:
    """Go through time from `now` on; the first turn begins then. `other_bytes` is the size of what stays in any case.

    What isn't in any turn's `goes_at` never goes.
    """
    waiting, moment = candidates, now
    while moment < NEVER:
        standing = standings((each for each in waiting if each.time <= moment), rules)
        ahead = [each for each in waiting if each.time > moment]
        arrival = min((each.time for each in ahead), default=NEVER)
        squeeze = _squeeze(standing, rules.max_bytes, moment, other_bytes + total_size(each.file for each in ahead))
        turn = _turn(standing, moment, arrival, squeeze)
        yield turn
        waiting = [each for each in waiting if each.number not in turn.goes_at]
        moment = min(arrival, squeeze.at)


def total_size(files: Iterable[RemoteFile]) -> int:
    """In bytes; a file of unknown size isn't known to take any."""
    return sum(max(0, file.size or 0) for file in files)


def _turn(standing: Sequence[Standing], moment: float, arrival: float, squeeze: Squeeze) -> Turn:
    """What arrives changes where files stand from that very moment on; what is squeezed out only afterwards."""
    ends = [(each.candidate.number, max(each.goes_at, moment)) for each in standing]
    if arrival <= squeeze.at:
        return Turn(standing, {number: end for number, end in ends if end < arrival})
    by_rule = {number: end for number, end in ends if end <= squeeze.at}
    return Turn(standing, by_rule | dict.fromkeys(squeeze.files, squeeze.at), squeeze.files)


def _squeeze(standing: Sequence[Standing], max_bytes: int | None, moment: float, other_bytes: int) -> Squeeze:
    """What goes next because the project is too large: of what nothing holds, the oldest.

    The project only shrinks, so if it isn't too large when the first file is held no longer, it won't be.
    """
    if max_bytes is None:
        return Squeeze(NEVER)
    loose = [each for each in standing if each.candidate.file.size and each.goes_at > max(each.held_until, moment)]
    at = min((max(each.held_until, moment) for each in loose), default=NEVER)
    staying = total_size(each.candidate.file for each in standing if each.goes_at > at)
    files = _oldest((each for each in loose if each.held_until <= at), other_bytes + staying - max_bytes)
    return Squeeze(at, files) if files else Squeeze(NEVER)


def _oldest(loose: Iterable[Standing], excess: int) -> frozenset[int]:
    """The oldest of some files, newest first, that take as much as there's too much."""
    files = set()
    for each in reversed(list(loose)):
        if excess <= 0:
            break
        files.add(each.candidate.number)
        excess -= max(0, each.candidate.file.size or 0)
    return frozenset(files)
