"""Deciding which of very many files stay: how long, with how much memory, and whether it grows with their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.bench import Bench, Scale
from benchmarks.figures import MB, Result, Row, Sample, middle, peak, ratio, times
from benchmarks.programs import POLICY, part

PER_PROJECT = 100
SECONDS = 3
MEMORY = 400
"""MB, of the whole process, which has the files too."""

LARGEST_FACTOR = 1.3


def run(bench: Bench) -> Result:
    """Decide for few files and for many, in turns, each time in a process of its own."""
    samples: dict[str, list[Sample]] = {f"decide {count}": [] for count in bench.scale.decided}
    for _ in range(bench.rounds):
        bench.noise.look_at_processor()
        for count in bench.scale.decided:
            samples[f"decide {count}"].append(_take(bench, count))
    return Result((row(bench.scale, samples),), dict(samples))


def _take(bench: Bench, count: int) -> Sample:
    call = part(bench.python, bench.directory, "decide_once", str(POLICY), str(count), str(count // PER_PROJECT))
    sample = bench.take(f"decide {count}, with making the files", call)
    return replace(sample, seconds=float((bench.directory / "log.txt").read_text(encoding="utf-8")))


def row(scale: Scale, samples: Mapping[str, Sequence[Sample]]) -> Row:
    """What the table says of it."""
    (fewer, more), (few, many) = scale.decided, samples.values()
    factor = ratio(many, few) * fewer / more
    return Row(
        work=f"Cleanup's decision for {more} files of {more // PER_PROJECT} projects",
        ours=f"{times(many)}, {peak(many):.0f} MB; {fewer} files: {times(few)}",
        rival="",
        result=f"{middle(many):.2f} s, {peak(many):.0f} MB; {factor:.2f} times the time for a file",
        goal=f"below {SECONDS} s and {MEMORY} MB, at most {LARGEST_FACTOR} times",
        met=middle(many) < SECONDS and peak(many) * MB < MEMORY * MB and factor <= LARGEST_FACTOR,
    )
