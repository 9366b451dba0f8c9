"""What every part of the benchmark is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import MB, Sample
from benchmarks.noise import Noise
from benchmarks.processes import Call, measured


@dataclass(frozen=True)
class Scale:
    """How much work there is: sizes in bytes, the stand-in's `delay` in seconds for every answer."""

    files: int
    content: int
    delay: float
    large: int
    channels: tuple[int, int]
    per_project: int
    deleted: int
    projects: int
    decided: tuple[int, int]
    dependencies: int
    cells: int
    failures: tuple[int, int]
    pythons: int
    released: int
    checked: int
    wheel: int


SCALES = {
    "full": Scale(
        files=48,
        content=4 * MB,
        delay=0.05,
        large=2048 * MB,
        channels=(2_000, 20_000),
        per_project=200,
        deleted=500,
        projects=60,
        decided=(20_000, 200_000),
        dependencies=100,
        cells=40,
        failures=(3_000, 120_000),
        pythons=12,
        released=MB,
        checked=60,
        wheel=10 * MB,
    ),
    "smoke": Scale(
        files=2,
        content=2_048,
        delay=0.0,
        large=MB,
        channels=(2, 4),
        per_project=2,
        deleted=1,
        projects=3,
        decided=(100, 200),
        dependencies=3,
        cells=2,
        failures=(6, 12),
        pythons=1,
        released=2_048,
        checked=2,
        wheel=20_480,
    ),
}
"""`smoke` only shows that everything runs."""


@dataclass(frozen=True)
class Bench:
    """One benchmark: `directory` is for all that it writes, `cache` keeps environments, `python` runs the stand-in."""

    directory: Path
    cache: Path
    scale: Scale
    rounds: int
    python: Path
    noise: Noise
    tell: Callable[[str], None]

    def take(self, what: str, call: Call) -> Sample:
        """Measure one process, and say so."""
        sample = measured(call, self.directory / "log.txt")
        self.tell(f"  {what}: {sample.seconds:.2f} s, {sample.peak / MB:.0f} MB")
        return sample

    def prepare(self, *calls: Call) -> None:
        """Run what isn't measured."""
        for call in calls:
            measured(call, self.directory / "log.txt")
