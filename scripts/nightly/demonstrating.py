"""A week of a toy project for `demo`: two nightlies, one of which breaks it, and the run that finds out which.

The modes of `nightlies` are run one after another, as the jobs of the workflow are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightly.channel import Upload
from nightly.directory.writing import WritableDirectoryChannel
from nightly.making import make_wheel
from nightly.wheels import read_wheel

Call = Callable[[Sequence[str], Mapping[str, str]], None]
"""Runs a command of ours with these variables besides; it may fail, as the tests of the toy project do."""

TESTS = """\
import unittest

import demo_east
import demo_west


class Journey(unittest.TestCase):
    def test_it_leads_home(self):
        self.assertEqual(demo_east.steps() - demo_west.steps(), 0)
"""

STEPS = "def steps():\n    return {}\n"


@dataclass(frozen=True)
class Week:
    """The toy project below `root`, and what its run leaves behind."""

    root: Path
    call: Call

    def run(self) -> Path:
        """Run all jobs. Returns the file of the issue's text."""
        self._make()
        there = ("--results", str(self._results))
        snapshot = self._job("snapshot", "--channels", str(self.root / "channel"))
        (cell,) = json.loads(snapshot["matrix"])["include"]
        nightlies = ("--packages", "demo-east demo-west", "--snapshot", str(self._results))
        self._job("test", *self._commands, *nightlies, "--cell", json.dumps(cell))
        suspects = self._job("suspects", *there)
        for experiment in json.loads(suspects["experiments"])["include"]:
            self._job("experiment", *self._commands, *there, "--experiment", json.dumps(experiment))
        report = self._job("report", *there, "--matrix", snapshot["matrix"], "--issue", "never")
        return Path(report["results"], "issue.md")

    @property
    def _results(self) -> Path:
        return self.root / "results"

    @property
    def _commands(self) -> Sequence[str]:
        commands = ("--install", "python -m pip install -r requirements.txt", "--test", "python -m unittest")
        return (*commands, "--working-directory", str(self.root / "project"))

    def _make(self) -> None:
        """Have a project, its dependencies' releases in one directory, and their nightlies in a channel."""
        for name in ("project", "releases", "nightlies", "results"):
            (self.root / name).mkdir(parents=True)
        (self.root / "project" / "test_journey.py").write_text(TESTS, encoding="utf-8")
        (self.root / "project" / "requirements.txt").write_text("demo-east\ndemo-west\n", encoding="utf-8")
        channel = WritableDirectoryChannel(self.root / "channel")
        for name, steps in (("demo-east", 7), ("demo-west", 8)):
            self._wheel("releases", name, "1.0", 7)
            nightly = self._wheel("nightlies", name, "1.1.dev20260101", steps)
            for _ in channel.publish([Upload(read_wheel(nightly))], _unwatched):
                pass
        subprocess.run([sys.executable, "-I", "-m", "venv", str(self.root / "blank")], check=True)

    def _wheel(self, folder: str, name: str, version: str, steps: int) -> Path:
        files = {f"{name.replace('-', '_')}.py": STEPS.format(steps)}
        return make_wheel(self.root / folder, name, version, summary="Made for the demonstration", files=files)

    def _job(self, mode: str, *arguments: str) -> dict[str, str]:
        """Run a job, and put what it leaves behind beside what the others have left. Returns its outputs."""
        file, python = self.root / "outputs", self.root / "python"
        file.unlink(missing_ok=True)
        # Every job has a Python of its own; a copy is made sooner than another environment.
        shutil.rmtree(python, ignore_errors=True)
        shutil.copytree(self.root / "blank", python, symlinks=True)
        self.call(("nightlies", mode, *arguments), {**self._environ, "GITHUB_OUTPUT": str(file)})
        outputs = _outputs(file.read_text(encoding="utf-8"))
        if outputs.get("results"):
            shutil.copytree(outputs["results"], self._results / f"{mode}-{len(list(self._results.iterdir()))}")
        return outputs

    @property
    def _environ(self) -> dict[str, str]:
        """The toy project's own Python comes first on PATH, and installers know of the releases alone."""
        folder = self.root / "python" / ("Scripts" if sys.platform == "win32" else "bin")
        links = str(self.root / "releases")
        return {
            "PATH": os.pathsep.join((str(folder), os.environ["PATH"])),
            "PIP_FIND_LINKS": links,
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "UV_FIND_LINKS": links,
            "UV_NO_INDEX": "1",
            "UV_NO_CONFIG": "1",
            "GITHUB_REPOSITORY": "someone/journey",
        }


def _outputs(text: str) -> dict[str, str]:
    """What a step has set: NAME<<END, its lines, END."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        outputs[name] = "\n".join(iter(lines.__next__, end))
    return outputs


def _unwatched(_sent: int) -> None:
    """Nobody watches."""
