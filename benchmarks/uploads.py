"""Uploading to anaconda.org: new files, the same again, and others under the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, most_requests, ratio, size, times
from benchmarks.processes import Call
from benchmarks.programs import RIVALS_LOCK, AnacondaClient, ThisAction
from benchmarks.samples import night
from benchmarks.standin import StandIn, stand_in
from nightly.venvs import ensure_venv

Samples = Mapping[str, Sequence[Sample]]


class Uploader(Protocol):
    def upload(self, server: StandIn, wheels: Path) -> Call: ...


@dataclass(frozen=True)
class Work:
    """What is uploaded after what, and the goals: how many times faster, and with how many requests at most."""

    name: str
    title: str
    variant: int
    faster: float
    requests: Callable[[int], int] | None = None


WORKS = (
    Work("new", "{files} wheels of {content}, new, {delay} ms an answer", 0, 8, lambda files: 3 * files + 8),
    Work("identical", "The same again", 0, 20, lambda _: 6),
    Work("changed", "The same names, other bytes", 1, 5),
)


def run(bench: Bench) -> Result:
    """Let both do all works, in turns, and check after each that it was done."""
    scale = bench.scale
    nights = {
        variant: night(bench.directory / f"night-{variant}", scale.files, scale.content, variant) for variant in (0, 1)
    }
    samples: dict[str, list[Sample]] = {f"{work.name} {who}": [] for work in WORKS for who in ("ours", "rival")}
    programs = _installed(bench)
    with stand_in(bench.python, bench.directory / "server", scale.delay) as server:
        for _ in range(bench.rounds):
            for who, program in programs.items():
                bench.noise.look_at_processor()
                bench.noise.look_at_server(server.api_url)
                server.empty()
                for work in WORKS:
                    wheels = nights[work.variant]
                    samples[f"{work.name} {who}"].append(_upload(bench, server, f"{work.name} {who}", program, wheels))
    return Result(tuple(row(work, scale, samples) for work in WORKS), dict(samples))


def _installed(bench: Bench) -> dict[str, Uploader]:
    ours = ThisAction(bench.directory / "ours")
    bench.prepare(ours.help())
    python = ensure_venv(RIVALS_LOCK, cache=bench.cache)
    return {"ours": ours, "rival": AnacondaClient(python.with_name("anaconda"), bench.directory / "rival")}


def _upload(bench: Bench, server: StandIn, what: str, program: Uploader, wheels: Path) -> Sample:
    server.forget_requests()
    sample = bench.take(what, program.upload(server, wheels))
    sample = replace(sample, requests=server.requests())
    server.require(wheels)
    return sample


def row(work: Work, scale: Scale, samples: Samples) -> Row:
    """What the table says of the work."""
    ours, rival = samples[f"{work.name} ours"], samples[f"{work.name} rival"]
    faster, allowed = ratio(rival, ours), work.requests(scale.files) if work.requests else None
    goal = f"{work.faster:g} times faster" + (f", at most {allowed} requests" if allowed else "")
    return Row(
        work=work.title.format(files=scale.files, content=size(scale.content), delay=f"{1000 * scale.delay:g}"),
        ours=f"{times(ours)}, {most_requests(ours)} requests",
        rival=f"{times(rival)}, {most_requests(rival)} requests",
        result=f"{faster:.1f} times faster",
        goal=goal,
        met=faster >= work.faster and (allowed is None or most_requests(ours) <= allowed),
    )
