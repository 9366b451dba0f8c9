"""Fetching a release: all wheels of a version, against pip and against a download of one file after the other."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, Scale
from benchmarks.figures import Result, Row, Sample, most_requests, peak, ratio, size, times
from benchmarks.processes import Call
from benchmarks.programs import ROOT, ThisAction, part
from benchmarks.samples import write_wheel
from benchmarks.serving import Index, index
from nightly.errors import UserError
from nightly.venvs import ensure_venv

FASTER = 5
LIMIT = 80
"""MB."""

PIP_LOCK = ROOT / "tests" / "tools" / "cell.txt"
PROJECT, VERSION = "bench-pkg", "2.0.0"
PLATFORMS = (
    "macosx_11_0_arm64",
    "macosx_14_0_x86_64",
    "manylinux_2_28_aarch64",
    "manylinux_2_28_x86_64",
    "win_amd64",
)
_FIRST_PYTHON = 9
_COPIES = 2
"""What the index serves takes no room, as it is a hole, but what is fetched does; the second is room."""

Samples = Mapping[str, Sequence[Sample]]


@dataclass(frozen=True)
class _Place:
    """An index with a release, the directory of its files, and one to fetch to."""

    index: Index
    released: Path
    target: Path

    def require(self) -> None:
        """Nothing is fast that wasn't done. The directory is empty then.

        Raises:
            UserError: not all files were fetched as they are.
        """
        names = [path.name for path in self.released.iterdir()]
        _, differing, missing = filecmp.cmpfiles(self.released, self.target, names, shallow=False)
        if differing or missing:
            raise UserError(f"A fetch ended well, but these aren't there as they are: {differing + missing}.")
        shutil.rmtree(self.target)
        self.target.mkdir()


def run(bench: Bench) -> Result:
    """Fetch the many with each program, in turns, and the large one once: memory doesn't depend on luck."""
    bench.prepare(_ours(bench).help())
    samples: dict[str, Sequence[Sample]] = {**_many(bench), "fetch large": [_large(bench)]}
    return Result((row(bench.scale, samples), memory_row(bench.scale, samples)), samples)


def _many(bench: Bench) -> Samples:
    root = bench.directory / "fetch"
    released, target = _release(root / "released", bench.scale), root / "wheelhouse"
    target.mkdir()
    with index(bench.python, released, root, bench.scale.delay) as served:
        place = _Place(served, released, target)
        calls = _calls(bench, place)
        samples: dict[str, list[Sample]] = {name: [] for name in calls}
        for _ in range(bench.rounds):
            for name, call in calls.items():
                bench.noise.look_at_processor()
                bench.noise.look_at_server(served.control_url)
                samples[name].append(_take(bench, place, name, call))
    return samples


def _calls(bench: Bench, place: _Place) -> Mapping[str, Call]:
    url, target = place.index.index_url, str(place.target)
    requirement = (f"{PROJECT}=={VERSION}", target, ",".join(PLATFORMS), ",".join(_pythons(bench.scale)))
    return {
        "fetch ours": _ours(bench).fetch(PROJECT, VERSION, "--index", url, "--wheelhouse", target),
        "fetch pip": part(
            ensure_venv(PIP_LOCK, cache=bench.cache), place.released.parent, "pip_downloads", url, *requirement
        ),
        "fetch one by one": part(bench.python, place.released.parent, "one_by_one", url, PROJECT, VERSION, target),
    }


def _large(bench: Bench) -> Sample:
    """A wheel that is one hole: the index reads it from the disk by pieces, and it holds no bytes there."""
    root = bench.directory / "fetch-large"
    released, target = root / "released", root / "wheelhouse"
    for each in (released, target):
        each.mkdir(parents=True)
    if shutil.disk_usage(root).free < _COPIES * bench.scale.large:
        raise UserError(f"There is no room for {_COPIES} times {size(bench.scale.large)} in {root}.")
    with (released / f"bench_pkg-{VERSION}-py3-none-any.whl").open("wb") as file:
        os.truncate(file.fileno(), bench.scale.large)
    with index(bench.python, released, root, 0.0) as served:
        place = _Place(served, released, target)
        call = _ours(bench).fetch(PROJECT, VERSION, "--index", served.index_url, "--wheelhouse", str(target))
        sample = _take(bench, place, "fetch large", call)
    shutil.rmtree(root)
    return sample


def _release(directory: Path, scale: Scale) -> Path:
    for number, python in enumerate(_pythons(scale)):
        for platform in PLATFORMS:
            tag = f"cp{python.replace('.', '')}-cp{python.replace('.', '')}-{platform}"
            write_wheel(directory, PROJECT, VERSION, tag, scale.released, seed=number)
    return directory


def _pythons(scale: Scale) -> Sequence[str]:
    return [f"3.{_FIRST_PYTHON + number}" for number in range(scale.pythons)]


def _ours(bench: Bench) -> ThisAction:
    return ThisAction(bench.directory / "ours")


def _take(bench: Bench, place: _Place, name: str, call: Call) -> Sample:
    place.index.forget_requests()
    sample = bench.take(name, call)
    place.require()
    return Sample(sample.seconds, sample.peak, place.index.requests())


def row(scale: Scale, samples: Samples) -> Row:
    """What the table says of the many."""
    ours, pip, other = (samples[f"fetch {who}"] for who in ("ours", "pip", "one by one"))
    than_pip, than_other = ratio(pip, ours), ratio(other, ours)
    return Row(
        work=f"Fetch of {len(PLATFORMS) * scale.pythons} wheels of {len(PLATFORMS)} platforms, {size(scale.released)} "
        f"each, {1000 * scale.delay:g} ms an answer",
        ours=f"{times(ours)}, {most_requests(ours)} requests",
        rival=f"pip, a platform and a Python at a time: {times(pip)}, {most_requests(pip)} requests; "
        f"one after the other: {times(other)}, {most_requests(other)} requests",
        result=f"{than_pip:.1f} and {than_other:.1f} times faster",
        goal=f"{FASTER} times faster",
        met=min(than_pip, than_other) >= FASTER,
    )


def memory_row(scale: Scale, samples: Samples) -> Row:
    """What the table says of the large one."""
    sample = samples["fetch large"]
    return Row(
        work=f"Fetch of one wheel of {size(scale.large)}",
        ours=f"{times(sample)}, {peak(sample):.0f} MB",
        rival="",
        result=f"{peak(sample):.0f} MB of memory",
        goal=f"below {LIMIT} MB",
        met=peak(sample) < LIMIT,
    )
