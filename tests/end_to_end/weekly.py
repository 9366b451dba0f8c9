"""A project that calls the workflow every week: its registry, its channel, its issues, and what it keeps of a run."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from anaconda_server import AnacondaServer
from end_to_end.acting import REPOSITORY, Caller, GitHub
from end_to_end.outcomes import Run
from github_model import Issue
from github_server import GitHubServer
from registry import Registry
from sample_projects import project_files
from sample_wheels import make_package

WORKFLOW = """\
on:
  schedule: [{cron: "23 5 * * 1"}]
  workflow_dispatch:
jobs:
  nightlies:
    uses: org/upload-nightly-action/.github/workflows/test-nightly.yml@main
    permissions: {contents: read, issues: write, actions: read}
    with:
      install: python -m pip install .[test]
      test: pytest
      channels: nightly-wheels
"""

TESTS = """\
import north, south, east
import demo_app


def test_distance():
    assert demo_app.distance() == 3


def test_heading():
    assert demo_app.heading() == "east"


def test_both_at_once():
    assert north.STYLE == "old" or south.STYLE == "old", "a new north and a new south do not go together"


def test_own():
    assert demo_app.OWN == 1
"""

APP = """\
import east, north, south

OWN = 1


def distance():
    return north.steps() + south.steps()


def heading():
    return east.name()
"""

GOOD = {
    "north": "STYLE = 'old'\n\ndef steps():\n    return 1\n",
    "south": "STYLE = 'old'\n\ndef steps():\n    return 2\n",
    "east": "def name():\n    return 'east'\n",
}


@dataclass
class Project:
    """Someone's repository that calls the workflow, and the world that it lives in, one week after another."""

    github: GitHub
    registry: Registry
    wheels: Path
    channel: AnacondaServer
    tracker: GitHubServer
    root: Path
    workflow: str = WORKFLOW
    week: int = 0
    modules: dict[str, str] = field(default_factory=lambda: {"demo_app.py": APP})
    tests: str = TESTS
    requires: list[str] = field(default_factory=lambda: ["north", "south", "east"])

    def release(self, name: str, version: str, text: str) -> None:
        """Have a stable version in the registry."""
        make_package(self.wheels, name, version, {f"{name}.py": text})

    def publish(self, name: str, version: str, text: str, days: float = 1.0) -> None:
        """Have a nightly on the channel, uploaded so many days ago."""
        home = f"https://github.com/upstream/{name}"
        path = make_package(self.root / "nightlies", name, version, {f"{name}.py": text}, home_page=home)
        self.channel.seed(path, uploaded_at=datetime.now(timezone.utc) - timedelta(days=days))

    @property
    def files(self) -> dict[str, str]:
        """The checkout."""
        return project_files(
            requires=self.requires,
            extras={"test": ["pytest"]},
            modules=self.modules,
            files={"tests/test_demo.py": self.tests},
        )

    def run(self, event: str = "schedule") -> Run:
        """A week later, run the workflow, and keep the artifacts that it leaves."""
        self.week += 1
        self._let_a_week_pass()
        artifacts = self.root / f"artifacts-{self.week}"
        artifacts.mkdir()
        caller = Caller(
            self.workflow,
            self.files,
            artifacts,
            {"GITHUB_TOKEN": self.tracker.token},
            {"ANACONDA_API_URL": self.channel.api_url, "ANACONDA_INDEX_URL": self.channel.index_url},
        )
        run = replace(self.github, installers=self.installers).run(
            event,
            caller,
            f"--env=GITHUB_API_URL={self.tracker.api_url}",
            f"--env=GITHUB_RUN_ID={self.week}",
        )
        self._keep(artifacts, "success" if run.code == 0 else "failure")
        return run

    @property
    def installers(self) -> Mapping[str, str]:
        """Pip and uv know of no other registry."""
        url = self.registry.index_url
        return {"PIP_INDEX_URL": url, "UV_DEFAULT_INDEX": url, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"}

    def _let_a_week_pass(self) -> None:
        """What earlier runs have kept is a week older than it was."""
        kept = self.tracker.repository.artifacts
        for number, artifact in enumerate(kept):
            if artifact.name.startswith("nightlies_report@"):
                kept[number] = replace(artifact, content=_a_week_older(artifact.content))

    def _keep(self, artifacts: Path, conclusion: str) -> None:
        kept = self.tracker.repository.add_run(self.tracker.repository.workflows[0], conclusion)
        for directory in sorted(artifacts.iterdir()):
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as archive:
                for file in directory.iterdir():
                    archive.write(file, file.name)
            self.tracker.repository.add_artifact(directory.name, data.getvalue(), kept)

    @property
    def issues(self) -> list[Issue]:
        return list(self.tracker.repository.issues.values())


def _a_week_older(artifact: bytes) -> bytes:
    """The ZIP file of a report, in whose state every time is a week earlier."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(artifact)) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, re.sub(r'(?<=at": ")[^"]+', _earlier, text) if name == "state.json" else text)
    return data.getvalue()


def _earlier(time: re.Match[str]) -> str:
    return (datetime.fromisoformat(time[0]) - timedelta(weeks=1)).isoformat()


def new_project(github: GitHub, supplies: Path, channel: AnacondaServer, tracker: GitHubServer, root: Path) -> Project:
    """A project whose dependencies have a stable version each, and a nightly that works."""
    wheels = root / "registry"
    wheels.mkdir()
    for wheel in supplies.glob("*.whl"):
        os.link(wheel, wheels / wheel.name)
    project = Project(github, Registry(wheels), wheels, channel, tracker, root)
    tracker.repository.add_workflow(".github/workflows/nightly.yml")
    for name, text in GOOD.items():
        project.release(name, "1.0", text)
        project.publish(name, "1.1.dev1", text)
    return project


__all__ = ["GOOD", "REPOSITORY", "Project", "new_project"]
