"""Setting up from nothing: until the program answers `upload --help`."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import MB, Result, Row, Sample, ratio, times
from benchmarks.processes import Call, user_environ
from benchmarks.programs import LAUNCHER, RIVALS_LOCK

FASTER = 10
_PIP = ("install", "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--disable-pip-version-check")
_OF_VENV = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}


@dataclass(frozen=True)
class Installed:
    """What is there afterwards: its files' bytes, and how many packages."""

    size: int
    packages: int

    def __str__(self) -> str:
        return f"{self.size / MB:.1f} MB, {self.packages} packages"


def run(bench: Bench) -> Result:
    """Set up both, in turns, each time in an empty home."""
    samples: dict[str, list[Sample]] = {"set-up ours": [], "set-up rival": []}
    installed: dict[str, Installed] = {}
    for _ in range(bench.rounds):
        for who, calls in (("ours", _ours), ("rival", _rival)):
            bench.noise.look_at_processor()
            home = bench.directory / "new-home"
            home.mkdir()
            samples[f"set-up {who}"].append(_together([bench.take(f"set-up {who}", call) for call in calls(home)]))
            installed[who] = installed_below(home)
            shutil.rmtree(home)
    return Result((row(samples["set-up ours"], samples["set-up rival"], installed),), dict(samples))


def _ours(home: Path) -> tuple[Call, ...]:
    """As on a runner, which gives every job an empty RUNNER_TEMP."""
    (home / "temp").mkdir()
    return (Call((*LAUNCHER, "upload", "--help"), user_environ(home) | {"RUNNER_TEMP": str(home / "temp")}),)


def _rival(home: Path) -> tuple[Call, ...]:
    programs, environ = home / "venv" / "bin", user_environ(home)
    return (
        Call((sys.executable, "-I", "-m", "venv", str(home / "venv")), environ),
        Call((str(programs / "python"), "-I", "-m", "pip", *_PIP, "-r", str(RIVALS_LOCK)), environ),
        Call((str(programs / "anaconda"), "upload", "--help"), environ),
    )


def _together(steps: list[Sample]) -> Sample:
    return Sample(sum(step.seconds for step in steps), max(step.peak for step in steps))


def installed_below(home: Path) -> Installed:
    """What pip installed below `home`, but for the pip and setuptools that come with a virtual environment."""
    records = [path for path in home.rglob("*.dist-info/RECORD") if not _is_of_venv(path.parent.name)]
    folders = {path.parent.parent for path in records}
    tops = [top for folder in folders for top in folder.iterdir() if not _is_of_venv(top.name)]
    files = [path for top in tops for path in (top, *top.rglob("*")) if path.is_file()]
    return Installed(sum(path.stat().st_size for path in files), len(records))


def _is_of_venv(name: str) -> bool:
    return name.partition("-")[0] in _OF_VENV


def row(ours: list[Sample], rival: list[Sample], installed: dict[str, Installed]) -> Row:
    """What the table says of it."""
    faster = ratio(rival, ours)
    return Row(
        work="Set-up in an empty home",
        ours=f"{times(ours)}, {installed['ours']}",
        rival=f"{times(rival)}, {installed['rival']}",
        result=f"{faster:.1f} times faster",
        goal=f"{FASTER} times faster",
        met=faster >= FASTER,
    )
