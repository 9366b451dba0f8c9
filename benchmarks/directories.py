"""What adding to a directory channel costs, depending on what is there already."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, ratio, times
from benchmarks.programs import ThisAction
from benchmarks.samples import write_wheel

LARGEST_RATIO = 1.5


def run(bench: Bench) -> Result:
    """Make two channels of tiny wheels, then add to them in turns, a new version of another project each time."""
    ours = ThisAction(bench.directory / "ours")
    bench.prepare(ours.help())
    channels = {count: _channel(bench, ours, count) for count in bench.scale.channels}
    samples: dict[str, list[Sample]] = {f"channel of {count}": [] for count in channels}
    for turn in range(bench.rounds):
        for count, channel in channels.items():
            bench.noise.look_at_processor()
            project = turn % (count // bench.scale.per_project)
            wheels = _wheels(bench.directory / f"added-{count}-{turn}", project, f"2.0.dev{turn}", bench.scale.files)
            samples[f"channel of {count}"].append(bench.take(f"channel of {count}", ours.publish(channel, wheels)))
    return Result((row(bench.scale, samples),), dict(samples))


def _channel(bench: Bench, ours: ThisAction, count: int) -> Path:
    bench.tell(f"  making a channel of {count} files")
    channel = bench.directory / f"channel-{count}"
    for project in range(count // bench.scale.per_project):
        wheels = _wheels(bench.directory / f"there-{count}-{project}", project, "1.0.dev0", bench.scale.per_project)
        bench.prepare(ours.publish(channel, wheels))
    return channel


def _wheels(directory: Path, project: int, version: str, count: int) -> Path:
    for number in range(count):
        write_wheel(directory, f"bench-{project}", version, f"{number}-py3-none-any", 1000, seed=number)
    return directory


def row(scale: Scale, samples: dict[str, list[Sample]]) -> Row:
    """What the table says of it."""
    (fewer, few), (more, many) = samples.items()
    factor = ratio(many, few)
    return Row(
        work=f"Directory channel: {scale.files} wheels more, where there are {scale.per_project} a project",
        ours=f"{fewer}: {times(few)}; {more}: {times(many)}",
        rival="",
        result=f"{factor:.2f} times the time, for {scale.channels[1] // scale.channels[0]} times the files",
        goal=f"at most {LARGEST_RATIO} times",
        met=factor <= LARGEST_RATIO,
    )
