"""Planning a cleanup of a channel on anaconda.org, against the requests that today's cleanup makes for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, most_requests, ratio, times
from benchmarks.processes import Call
from benchmarks.programs import POLICY, ThisAction, part
from benchmarks.samples import PLATFORMS
from benchmarks.standin import StandIn, stand_in
from nightly.errors import UserError

FASTER = 15

VERSIONS, WHEELS = 5, 5
"""Of each project: the versions that SPEC 4 keeps, and the wheels of each."""


def run(bench: Bench) -> Result:
    """Let both read the same channel, in turns."""
    ours, plan = ThisAction(bench.directory / "ours"), bench.directory / "plan.json"
    bench.prepare(ours.cleanup("--help"))
    samples: dict[str, list[Sample]] = {"plan ours": [], "plan rival": []}
    with stand_in(bench.python, bench.directory / "plan-server", bench.scale.delay) as server:
        server.seed([*_records(bench.scale.projects, datetime.now(timezone.utc))])
        calls = {
            "plan ours": ours.cleanup("plan", *_where(server), "--policy", str(POLICY), "--output", str(plan)),
            "plan rival": part(bench.python, bench.directory, "replay", server.api_url, server.organization),
        }
        for _ in range(bench.rounds):
            for what, call in calls.items():
                samples[what].append(_take(bench, server, what, call))
            _require(plan, bench.scale)
    return Result((row(bench.scale, samples["plan ours"], samples["plan rival"]),), dict(samples))


def _records(projects: int, now: datetime) -> Iterator[Sequence[str]]:
    """A night's wheels a day, under the newest version first."""
    for project in range(projects):
        for age in range(VERSIONS):
            version = f"2.0.dev{VERSIONS - age}"
            for platform in PLATFORMS[:WHEELS]:
                name = f"bench_{project}-{version}-cp312-cp312-{platform}.whl"
                yield f"bench-{project}", version, name, (now - timedelta(days=age)).isoformat(sep=" ")


def _where(server: StandIn) -> Sequence[str]:
    urls = ("--anaconda-api-url", server.api_url, "--anaconda-index-url", server.index_url)
    return ("--organization", server.organization, *urls)


def _take(bench: Bench, server: StandIn, what: str, call: Call) -> Sample:
    bench.noise.look_at_processor()
    bench.noise.look_at_server(server.api_url)
    server.forget_requests()
    return replace(bench.take(what, call), requests=server.requests())


def _require(plan: Path, scale: Scale) -> None:
    """Nothing is fast that wasn't done.

    Raises:
        UserError: the plan doesn't have every file.
    """
    planned, there = len(json.loads(plan.read_text(encoding="utf-8"))["files"]), scale.projects * VERSIONS * WHEELS
    if planned != there:
        raise UserError(f"A plan was made of {planned} files, where there are {there}.")
    plan.unlink()


def row(scale: Scale, ours: Sequence[Sample], rival: Sequence[Sample]) -> Row:
    """What the table says of it: one request for the list, and one for each project."""
    faster, allowed = ratio(rival, ours), 1 + scale.projects
    return Row(
        work=f"Cleanup's plan for {scale.projects} projects, {scale.projects * VERSIONS * WHEELS} files, "
        f"{1000 * scale.delay:g} ms an answer",
        ours=f"{times(ours)}, {most_requests(ours)} requests",
        rival=f"{times(rival)}, {most_requests(rival)} requests",
        result=f"{faster:.1f} times faster",
        goal=f"{FASTER} times faster, {allowed} requests",
        met=faster >= FASTER and most_requests(ours) <= allowed,
    )
