"""Checking what a build has made, against a plain pass of sha256sum over the same files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, peak, ratio, size, times
from benchmarks.processes import Call, bare_environ
from benchmarks.programs import ThisAction, part
from nightly.errors import UserError

LARGEST_RATIO = 3
Samples = Mapping[str, Sequence[Sample]]


def run(bench: Bench) -> Result:
    """Let both read the same files, in turns."""
    wheels, amount = bench.directory / "built", (str(bench.scale.checked), str(bench.scale.wheel))
    bench.prepare(part(bench.python, bench.directory, "make_built", str(wheels), *amount))
    ours, rival = _ours(bench, wheels), _sha256sum(bench, wheels)
    bench.prepare(ours, rival)
    samples: dict[str, list[Sample]] = {"check ours": [], "check rival": []}
    for _ in range(bench.rounds):
        bench.noise.look_at_processor()
        samples["check ours"].append(bench.take("check", ours))
        samples["check rival"].append(bench.take("sha256sum", rival))
    return Result((row(bench.scale, samples),), dict(samples))


def _ours(bench: Bench, wheels: Path) -> Call:
    """With the environment of twine that the cache has, as on a laptop."""
    call = ThisAction(bench.directory / "ours").check(str(wheels), "--output", str(bench.directory / "checked"))
    return replace(call, environ={**call.environ, "NIGHTLY_CACHE": str(bench.cache)})


def _sha256sum(bench: Bench, wheels: Path) -> Call:
    """The program of coreutils, or Perl's, which macOS has.

    Raises:
        UserError: there's neither.
    """
    program = ("sha256sum",) if shutil.which("sha256sum") else ("shasum", "-a", "256")
    if not shutil.which(program[0]):
        raise UserError("There's no sha256sum to compare with.", do="Install coreutils.")
    return Call((*program, *map(str, sorted(wheels.iterdir()))), bare_environ(bench.directory))


def row(scale: Scale, samples: Samples) -> Row:
    """What the table says of it."""
    ours, rival = samples["check ours"], samples["check rival"]
    factor = ratio(ours, rival)
    return Row(
        work=f"Check of {scale.checked} wheels of {size(scale.wheel)}, which unpack to 3 times that",
        ours=f"{times(ours)}, {peak(ours):.0f} MB",
        rival=f"sha256sum: {times(rival)}",
        result=f"{factor:.1f} times as long",
        goal=f"at most {LARGEST_RATIO} times",
        met=factor <= LARGEST_RATIO,
    )
