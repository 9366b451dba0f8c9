"""What was measured, and what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MB = 2**20


@dataclass(frozen=True)
class Sample:
    """One run of one process: seconds by the clock, its peak memory in bytes, and how many requests it made."""

    seconds: float
    peak: int
    requests: int = 0


@dataclass(frozen=True)
class Row:
    """A line of the table, as text; `met` is whether the goal was reached."""

    work: str
    ours: str
    rival: str
    result: str
    goal: str
    met: bool


@dataclass(frozen=True)
class Result:
    """What a part of the benchmark found: lines of the table, and every sample by what was measured."""

    rows: tuple[Row, ...]
    samples: dict[str, Sequence[Sample]]


def times(samples: Sequence[Sample]) -> str:
    """The least and the middle of the times."""
    seconds = [sample.seconds for sample in samples]
    return f"{min(seconds):.2f} s ({median(seconds):.2f} s)"


def middle(samples: Sequence[Sample]) -> float:
    """The median of the times, in seconds: the least flatters, by good luck."""
    return median(sample.seconds for sample in samples)


def peak(samples: Sequence[Sample]) -> float:
    """The largest of the peaks, in MB."""
    return max(sample.peak for sample in samples) / MB


def most_requests(samples: Sequence[Sample]) -> int:
    return max(sample.requests for sample in samples)


def ratio(longer: Sequence[Sample], shorter: Sequence[Sample]) -> float:
    """How many times the one takes the time of the other."""
    return middle(longer) / middle(shorter)


def size(count: int) -> str:
    """A number of bytes, in the largest unit that leaves it a whole number."""
    for unit, name in ((2**30, "GB"), (MB, "MB"), (2**10, "kB")):
        if count and count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count} bytes"
