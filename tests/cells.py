"""A project, what it depends on, its nightlies, and a Python to test it with: cells and experiments run for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cache
from io import StringIO
from pathlib import Path

from anaconda_server import AnacondaServer
from nightly.actions import Runner
from nightly.cache import cache_dir
from nightly.data import load, to_json
from nightly.downstream.isolating.collected import EXPERIMENT_FILE
from nightly.downstream.modes import experiment, snapshot
from nightly.downstream.modes import test as testing
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind
from nightly.downstream.records.result import Cell, CellResult
from nightly.downstream.records.snapshot import Offer, Snapshot
from nightly.downstream.running.place import Place
from nightly.venvs import ensure_venv
from planning_runs import Caller, ModeRun, addresses
from registry import Registry
from sample_projects import make_project
from sample_wheels import make_package
from uploading import SLOW

LOCK = Path(__file__).parent / "tools" / "cell.txt"
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 cell.in -o cell.txt`."""

CELL = Cell(0, "3.x", "ubuntu-latest")
PIP = "python -m pip install ."
UV = "uv pip install ."
TEST = "python -m pytest -q"

_BIN, _PYTHON = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
_KEPT = ("SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR", "LANG")


@dataclass(frozen=True)
class CellRun:
    """How the mode `test` ended, and the result that it has left."""

    mode: ModeRun
    result: CellResult

    @property
    def directory(self) -> Path:
        return Path(self.mode.outputs["results"])


@dataclass(frozen=True)
class TrialRun:
    """How the mode `experiment` ended, and the result that it has left."""

    mode: ModeRun
    result: ExperimentResult


@dataclass
class Lab:
    """A checkout `project`, an index of releases, a channel of nightlies, and an environment that is on PATH."""

    root: Path
    registry: Registry
    channel: AnacondaServer
    trials: int = 0
    artifacts: list[Path] = field(default_factory=list)

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def python(self) -> Path:
        return self.root / "env" / _BIN / _PYTHON

    def offers(self) -> tuple[Offer, ...]:
        """What the channel offers now."""
        return load(Snapshot, self.snapshot() / "snapshot.json").offers

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of this machine's settings: pip and uv ask the index that is here."""
        path = os.pathsep.join([str(self.root / "env" / _BIN), str(self._uv().parent), os.environ["PATH"]])
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **addresses(self.channel),
            "PATH": path,
            "HOME": str(self.root / "home"),
            "USERPROFILE": str(self.root / "home"),
            "PIP_INDEX_URL": self.registry.index_url,
            "UV_DEFAULT_INDEX": self.registry.index_url,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_NO_CONFIG": "1",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_RETRIES": "0",
            "UV_HTTP_RETRIES": "0",
            "UV_CACHE_DIR": str(self.root / "uv-cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "VIRTUAL_ENV": str(self.root / "env"),
        }

    def release(self, name: str, version: str, code: str = "", requires: Sequence[str] = ()) -> Path:
        """Put a release into the index: one module."""
        return make_package(self.root / "releases", name, version, _modules(name, version, code), requires=requires)

    def nightly(self, name: str, version: str, code: str = "", requires: Sequence[str] = ()) -> None:
        """Put a nightly on the channel, in the place of all that it has of that name."""
        directory = self.root / "nightlies"
        wheel = make_package(directory, name, version, _modules(name, version, code), requires=requires)
        self.channel.state.packages(self.channel.organization).pop(name, None)
        self.channel.seed(wheel, uploaded_at=datetime.now(timezone.utc))

    def checkout(self, requires: Sequence[str], tests: str, **more: object) -> None:
        """Write the project, of which `tests` are the tests."""
        make_project(self.project, "demo-app", requires, files={"test_app.py": tests}, **more)

    def snapshot(self) -> Path:
        """What the first job leaves behind."""
        ran = Caller(self.root, self.environ).run(snapshot.run)
        assert ran.error is None, ran.error
        return Path(ran.outputs["results"])

    def cell(self, install: str = UV, test: str = TEST, taken: Path | None = None, **inputs: str) -> CellRun:
        """Run the mode `test`, from a snapshot that is taken now if there's none."""
        inputs = self._inputs(install, test, taken or self.snapshot(), inputs)
        ran = Caller(self.root, self.environ).run(testing.run, **inputs)
        assert ran.error is None, ran.error
        self.artifacts.append(Path(ran.outputs["results"]))
        return CellRun(ran, load(CellResult, self.artifacts[-1] / "result.json"))

    def cell_in(self, seconds: float, install: str = UV, test: str = TEST) -> CellResult:
        """The result of a cell that has no more time than this."""
        inputs = self._inputs(install, test, self.snapshot(), {})
        variables = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        options = testing.parse_options([], self.environ | variables)
        options = replace(options, work=replace(options.work, seconds=seconds))
        return testing.test_cell(options, Place.new(self.root), self.environ, Runner(log=StringIO()), SLOW)

    def experiment(self, kind: Kind, suspect: str = "", install: str = UV, test: str = TEST) -> TrialRun:
        """Run the mode `experiment` on the last cell, in an environment that is new again."""
        self.renew()
        self.trials += 1
        asked = Experiment(self.trials, 1, CELL.index, kind, suspect, CELL.python, CELL.os)
        inputs = {
            "experiment": json.dumps(to_json(asked)),
            "results": str(self.artifacts[-1].parent),
            **_commands(install, test, self.project),
        }
        ran = Caller(self.root, self.environ).run(experiment.run, **inputs)
        assert ran.error is None, ran.error
        return TrialRun(ran, load(ExperimentResult, Path(ran.outputs["results"]) / EXPERIMENT_FILE))

    def renew(self, tools: Path | None = None) -> None:
        """Make the environment anew: with pip and pytest, which it borrows, and nothing else."""
        directory = self.root / "env"
        shutil.rmtree(directory, ignore_errors=True)
        command = [str(self._uv()), "venv", "--no-config", "--quiet", "--python", sys.executable, str(directory)]
        subprocess.run(command, check=True)
        borrowed = site_packages(tools or tools_python())
        (site_packages(self.python) / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")

    def _inputs(self, install: str, test: str, taken: Path, more: Mapping[str, str]) -> dict[str, str]:
        cell = {"cell": json.dumps(to_json(CELL)), "snapshot": str(taken)}
        return {**cell, **_commands(install, test, self.project), **more}

    @staticmethod
    def _uv() -> Path:
        return _uv_program()


@contextmanager
def open_lab(root: Path) -> Iterator[Lab]:
    """A lab with a new environment, and nothing in its index and its channel."""
    (root / "releases").mkdir()
    registry = Registry(root / "releases")
    with AnacondaServer(root / "anaconda.org") as channel:
        lab = Lab(root, registry, channel)
        lab.renew()
        yield lab
    registry.close()


def fill(lab: Lab, north: str, south: str, tests: str) -> None:
    """Two dependencies with a release each, both of which say "old"; nightlies with this code; and the project."""
    for name, code in (("north", north), ("south", south)):
        lab.release(name, "1.0", "WORD = 'old'\n")
        lab.nightly(name, "2.0.dev0", code)
    lab.checkout(["north", "south"], tests)


@cache
def tools_python() -> Path:
    """The python of an environment with pip and pytest, made once for each lock and interpreter."""
    return ensure_venv(LOCK, cache=cache_dir(os.environ, sys.platform))


@cache
def _uv_program() -> Path:
    command = [sys.executable, "-c", "import uv; print(uv.find_uv_bin())"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


@cache
def site_packages(python: Path) -> Path:
    """Where packages are installed to."""
    command = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def _modules(name: str, version: str, code: str) -> dict[str, str]:
    return {f"{name.replace('-', '_')}.py": f"__version__ = {version!r}\n{code}"}


def _commands(install: str, test: str, directory: Path) -> dict[str, str]:
    return {"install": install, "test": test, "working_directory": str(directory)}
