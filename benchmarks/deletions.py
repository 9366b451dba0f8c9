"""What deleting from a directory channel costs, depending on what stays there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, ratio, times
from benchmarks.programs import ThisAction, part
from nightly.errors import UserError

LARGEST_RATIO = 1.5

DELETE, APPLY = "channel's deletion from", "apply to"
WORKS = (DELETE, APPLY)

_POLICY = "keep: 5\nmax_age: 30d\n"
_GOING = "1.0.dev0"


@dataclass(frozen=True)
class Cleaned:
    """A directory channel of so many files, and a plan for it, which can be applied again after a `restore`."""

    files: int
    channel: Path
    plan: Path
    policy: Path

    @property
    def flags(self) -> Sequence[str]:
        return ("--channel", str(self.channel), "--policy", str(self.policy))

    def require(self, deleted: int) -> None:
        """Nothing is fast that wasn't done.

        Raises:
            UserError: the last run didn't delete so many files.
        """
        result = json.loads(self.plan.with_name("result.json").read_text(encoding="utf-8"))
        done = sum(file["end"] == "deleted" for file in result["files"])
        if done != deleted:
            raise UserError(f"A cleanup ended well, but deleted {done} files and not {deleted}.")


def run(bench: Bench) -> Result:
    """Delete the same files from a small channel and a large one, in turns: with the channel, and with a plan."""
    ours = ThisAction(bench.directory / "ours")
    bench.prepare(ours.cleanup("--help"))
    channels = [_make(bench, ours, count) for count in bench.scale.channels]
    samples: dict[str, list[Sample]] = {f"{what} {each.files}": [] for what in WORKS for each in channels}
    for _ in range(bench.rounds):
        for each in channels:
            bench.noise.look_at_processor()
            samples[f"{DELETE} {each.files}"].append(_delete(bench, each))
            samples[f"{APPLY} {each.files}"].append(_apply(bench, ours, each))
    return Result((row(bench.scale, samples),), dict(samples))


def _make(bench: Bench, ours: ThisAction, count: int) -> Cleaned:
    """Make a channel whose first projects have old files, and a plan for it. Both channels have as many of these."""
    bench.tell(f"  making a channel of {count} files")
    scale, home = bench.scale, bench.directory / f"cleaned-{count}"
    home.mkdir()
    made = Cleaned(count, home / "channel", home / "plan.json", home / "policy.yml")
    made.policy.write_text(_POLICY, encoding="utf-8")
    old_in = scale.channels[0] // scale.per_project
    old = scale.deleted // old_in
    counts = (count // scale.per_project, scale.per_project - old, old, old_in)
    places = (str(made.channel), str(home / "wheels"))
    bench.prepare(
        part(bench.python, bench.directory, "make_aged", *places, _GOING, *map(str, counts)),
        ours.cleanup("plan", *made.flags, "--output", str(made.plan)),
    )
    return made


def _delete(bench: Bench, cleaned: Cleaned) -> Sample:
    arguments = (str(cleaned.channel), _GOING, str(bench.scale.deleted))
    call = part(bench.python, bench.directory, "delete_once", *arguments)
    sample = bench.take(f"{DELETE} {cleaned.files}, with listing all and bringing back", call)
    return replace(sample, seconds=float((bench.directory / "log.txt").read_text(encoding="utf-8")))


def _apply(bench: Bench, ours: ThisAction, cleaned: Cleaned) -> Sample:
    sample = bench.take(f"{APPLY} {cleaned.files}", ours.cleanup("apply", str(cleaned.plan), *cleaned.flags))
    cleaned.require(bench.scale.deleted)
    bench.prepare(ours.cleanup("restore", str(cleaned.plan), "--channel", str(cleaned.channel)))
    return sample


def row(scale: Scale, samples: Mapping[str, Sequence[Sample]]) -> Row:
    """What the table says of it. The goal is for the channel: a plan names all that stays, and is read whole."""
    fewer, more = scale.channels
    few, many = (samples[f"{DELETE} {count}"] for count in scale.channels)
    few_applied, many_applied = (samples[f"{APPLY} {count}"] for count in scale.channels)
    factor = ratio(many, few)
    return Row(
        work=f"Directory channel: {scale.deleted} files go; a whole `cleanup apply` of them",
        ours=f"of {fewer}: {_both(few, few_applied)}; of {more}: {_both(many, many_applied)}",
        rival="",
        result=f"{factor:.2f} times the time (apply: {ratio(many_applied, few_applied):.2f}), "
        f"for {more // fewer} times the files",
        goal=f"at most {LARGEST_RATIO} times",
        met=factor <= LARGEST_RATIO,
    )


def _both(deleted: Sequence[Sample], applied: Sequence[Sample]) -> str:
    return f"{times(deleted)}, apply {times(applied)}"
