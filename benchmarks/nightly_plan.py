"""Planning which nightlies a project is tested with: the channel is asked, and an installer resolves, twice."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, middle, most_requests, times
from benchmarks.processes import Call
from benchmarks.programs import ThisAction
from benchmarks.samples import write_wheel
from benchmarks.serving import Index, index
from benchmarks.standin import StandIn, stand_in
from nightly.errors import UserError

SECONDS = 2
CONTENT = 4_000
"""Bytes in a wheel: uv reads all of it where a server doesn't give a part."""


@dataclass(frozen=True)
class _Place:
    """A project's checkout, the channel with the nightlies of all that it needs, and the index with the releases."""

    checkout: Path
    channel: StandIn
    releases: Index

    @property
    def plan(self) -> Path:
        return self.checkout / "plan.json"

    def inputs(self, uv: Path, cache: Path) -> Mapping[str, str]:
        """The inputs, and uv with an index and a cache of its own."""
        return {
            "INPUT_PROJECT": str(self.checkout),
            "INPUT_CHANNELS": self.channel.organization,
            "INPUT_ANACONDA_API_URL": self.channel.api_url,
            "INPUT_ANACONDA_INDEX_URL": self.channel.index_url,
            "INPUT_PYTHON": sys.executable,
            "INPUT_OUTPUT": str(self.plan),
            "INPUT_CONSTRAINTS": str(self.checkout / "nightly.txt"),
            "PATH": os.pathsep.join((str(uv), os.environ.get("PATH", os.defpath))),
            "UV_DEFAULT_INDEX": self.releases.index_url,
            "UV_CACHE_DIR": str(cache),
            "UV_NO_CONFIG": "1",
        }


def run(bench: Bench) -> Result:
    """Plan again and again, each time with nothing in uv's cache."""
    with _place(bench) as place:
        bench.prepare(_call(bench, place, "first"))
        samples = [_take(bench, place, f"round {number}") for number in range(bench.rounds)]
    return Result((row(bench.scale, samples),), {"nightlies plan": samples})


@contextmanager
def _place(bench: Bench) -> Iterator[_Place]:
    names = [f"bench-{number}" for number in range(bench.scale.dependencies)]
    root = bench.directory / "nightlies-plan"
    nightlies, releases = (_wheels(root / version, names, version) for version in ("2.0.dev1", "1.0"))
    with (
        stand_in(bench.python, root / "channel", bench.scale.delay) as channel,
        index(bench.python, releases, root, bench.scale.delay) as served,
    ):
        bench.prepare(_ours(bench).upload(channel, nightlies))
        yield _Place(_checkout(root / "checkout", names), channel, served)


def _wheels(directory: Path, names: Sequence[str], version: str) -> Path:
    for number, name in enumerate(names):
        write_wheel(directory, name, version, "py3-none-any", CONTENT, seed=number)
    return directory


def _checkout(directory: Path, names: Sequence[str]) -> Path:
    directory.mkdir()
    project = f'[project]\nname = "bench-project"\nversion = "1.0"\ndependencies = {json.dumps(names)}\n'
    (directory / "pyproject.toml").write_text(project, encoding="utf-8")
    return directory


def _ours(bench: Bench) -> ThisAction:
    return ThisAction(bench.directory / "ours")


def _call(bench: Bench, place: _Place, name: str) -> Call:
    return _ours(bench).nightlies("plan", place.inputs(bench.python.parent, bench.directory / f"uv's cache, {name}"))


def _take(bench: Bench, place: _Place, name: str) -> Sample:
    bench.noise.look_at_processor()
    bench.noise.look_at_server(place.channel.api_url)
    place.channel.forget_requests()
    place.releases.forget_requests()
    sample = bench.take("nightlies plan", _call(bench, place, name))
    _require(place, bench.scale)
    return replace(sample, requests=place.channel.requests() + place.releases.requests())


def _require(place: _Place, scale: Scale) -> None:
    """Nothing is fast that wasn't done.

    Raises:
        UserError: the plan doesn't have every nightly, or something else was asked for than the row says.
    """
    states = [package["state"] for package in json.loads(place.plan.read_text(encoding="utf-8"))["packages"]]
    asked = place.channel.requests_to_api()
    if states != ["nightly"] * scale.dependencies or asked != 1 + scale.dependencies:
        raise UserError(f"A plan has {states.count('nightly')} nightlies of {scale.dependencies}, by {asked} requests.")
    place.plan.unlink()


def row(scale: Scale, samples: Sequence[Sample]) -> Row:
    """What the table says of it: this action asks for the list and for each project, and uv for all the rest."""
    return Row(
        work=f"Plan of the nightlies of {scale.dependencies} dependencies, {1000 * scale.delay:g} ms an answer",
        ours=f"{times(samples)}, {most_requests(samples)} requests, {1 + scale.dependencies} of them its own, "
        "the rest uv's",
        rival="",
        result=f"{middle(samples):.2f} s",
        goal=f"below {SECONDS} s",
        met=middle(samples) < SECONDS,
    )
