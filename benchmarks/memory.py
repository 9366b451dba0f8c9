"""How much memory one very large wheel takes, new and in the place of another."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import MB, Result, Row, Sample, peak, size
from benchmarks.programs import ThisAction
from benchmarks.samples import write_wheel
from benchmarks.standin import StandIn, stand_in
from nightly.errors import UserError

LIMIT = 80
"""MB."""

_COPIES = 5
"""The wheel, what the stand-in had and gets, and the old one fetched; the fifth is room."""


def run(bench: Bench) -> Result:
    """Upload the wheel once, then once more with other bytes: memory, unlike time, doesn't depend on luck.

    Raises:
        UserError: the disk is too small.
    """
    if shutil.disk_usage(bench.directory).free < _COPIES * bench.scale.large:
        raise UserError(f"There is no room for {_COPIES} times {size(bench.scale.large)} in {bench.directory}.")
    wheels = bench.directory / "large"
    wheel = write_wheel(wheels, "bench-large", "2.0.0.dev20260101", "py3-none-any", bench.scale.large, seed=0)
    ours = ThisAction(bench.directory / "ours")
    bench.prepare(ours.help())
    with stand_in(bench.python, bench.directory / "large-server", 0.0) as server:
        new = _upload(bench, server, "large new", ours, wheels)
        _change(wheel)
        changed = _upload(bench, server, "large changed", ours, wheels)
        server.empty()
    shutil.rmtree(wheels)
    return Result((row(bench.scale.large, new, changed),), {"large new": [new], "large changed": [changed]})


def _upload(bench: Bench, server: StandIn, what: str, ours: ThisAction, wheels: Path) -> Sample:
    server.forget_requests()
    sample = bench.take(what, ours.upload(server, wheels))
    server.require(wheels)
    return replace(sample, requests=server.requests())


def _change(wheel: Path) -> None:
    """Give it other bytes without writing all of it again."""
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.comment = b"another night"


def row(large: int, new: Sample, changed: Sample) -> Row:
    """What the table says of it."""
    most = peak([new, changed])
    return Row(
        work=f"One wheel of {size(large)}, new; then other bytes",
        ours="; ".join(f"{sample.seconds:.1f} s, {peak([sample]):.0f} MB" for sample in (new, changed)),
        rival="",
        result=f"{most:.0f} MB of memory at most",
        goal=f"below {LIMIT} MB",
        met=most * MB < LIMIT * MB,
    )
