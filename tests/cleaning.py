"""The cleanup command against a channel of either kind: what it holds, a run, and what is left behind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

import pytest

import cleanup
from anaconda_server import AnacondaServer
from channel_files import TAGS
from directory_sites import publish, silence
from exchanges import Request
from nightly.actions import Runner
from nightly.directory.channel import DirectoryChannel
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError
from nightly.patience import Patience
from sample_wheels import make_wheel
from uploading import SLOW, Files, Run

NOW = datetime.now(timezone.utc).replace(microsecond=0)
"""When every run pretends to be, unless it's told otherwise."""

POLICY = "keep: 2\nmax_age: 10d\nfloor: 0\ncoverage: 0\nmin_age: 0\n"
"""Little stays, so that a few files show what goes."""

DAY = timedelta(days=1)


class Site(Protocol):
    """A channel of either kind."""

    @property
    def inputs(self) -> dict[str, str]: ...

    @property
    def requests(self) -> Sequence[Request]: ...

    def add(self, wheel: Path, uploaded_at: datetime) -> None:
        """Have a wheel, in the place of another one of its name."""

    def names(self) -> list[str]:
        """The names of all files, sorted."""

    def content(self, name: str) -> bytes | None:
        """A file's bytes, or None where there's no such file."""


@dataclass(frozen=True)
class AnacondaSite:
    """An organization on the stand-in of anaconda.org."""

    server: AnacondaServer

    @property
    def inputs(self) -> dict[str, str]:
        return {
            "INPUT_ANACONDA_TOKEN": self.server.token,
            "INPUT_ANACONDA_ORGANIZATION": self.server.organization,
            "INPUT_ANACONDA_API_URL": self.server.api_url,
            "INPUT_ANACONDA_INDEX_URL": self.server.index_url,
        }

    @property
    def requests(self) -> Sequence[Request]:
        return self.server.requests

    def add(self, wheel: Path, uploaded_at: datetime) -> None:
        state = self.server.state
        with state.lock:
            packages = state.owners[self.server.organization].values()
            for file in [file for package in packages for file in package.files if file.basename == wheel.name]:
                state.delete_file(file)
            self.server.seed(wheel, uploaded_at=uploaded_at)

    def names(self) -> list[str]:
        with self.server.state.lock:
            packages = self.server.state.owners[self.server.organization].values()
            return sorted(file.basename for package in packages for file in package.files)

    def content(self, name: str) -> bytes | None:
        with self.server.state.lock:
            packages = self.server.state.owners[self.server.organization].values()
            found = [file for package in packages for file in package.files if file.basename == name]
            return found[0].read_bytes() if found else None


@dataclass(frozen=True)
class DirectorySite:
    """A directory."""

    root: Path

    @property
    def inputs(self) -> dict[str, str]:
        return {"INPUT_CHANNEL": str(self.root)}

    @property
    def requests(self) -> Sequence[Request]:
        return ()

    def add(self, wheel: Path, uploaded_at: datetime) -> None:
        publish(WritableDirectoryChannel(self.root, silence, clock=lambda: uploaded_at), wheel)

    def names(self) -> list[str]:
        channel = DirectoryChannel(self.root, silence)
        return sorted(file.filename for name in channel.projects() for file in channel.listing(name).files)

    def content(self, name: str) -> bytes | None:
        channel = DirectoryChannel(self.root, silence)
        listed = channel.listing(name.partition("-")[0]).files
        found = [file for file in listed if file.filename == name]
        return (self.root / found[0].handle).read_bytes() if found else None


@dataclass
class Cleaning:
    """A channel, a policy, and the cleanup of it."""

    site: Site
    root: Path
    patience: Patience = SLOW
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.rule(POLICY)

    @property
    def plan_file(self) -> Path:
        return self.root / "plan.json"

    @property
    def planned(self) -> dict[str, Any]:  # JSON that a test asserts on
        """What the plan's file says."""
        planned: dict[str, Any] = json.loads(self.plan_file.read_text(encoding="utf-8"))
        return planned

    @property
    def result(self) -> dict[str, Any]:  # the same
        """What the result's file says."""
        result: dict[str, Any] = json.loads((self.root / "result.json").read_text(encoding="utf-8"))
        return result

    def rule(self, text: str) -> None:
        """Write the policy."""
        (self.root / "policy.yml").write_text(text, encoding="utf-8")

    def add(
        self, version: str, days: float, *tags: str, name: str = "demo-pkg", payload: bytes = b"", **features: str
    ) -> list[str]:
        """Let wheels have come so many days before `NOW`; their names. Tags are named as in `TAGS`."""
        folder = self.root / "wheels"
        wheels = [
            make_wheel(folder, name, version, TAGS[tag], payload=payload, **features) for tag in tags or ("linux",)
        ]
        for wheel in wheels:
            self.site.add(wheel, NOW - timedelta(days=days))
        return [wheel.name for wheel in wheels]

    def nights(self, count: int, *tags: str, name: str = "demo-pkg") -> list[str]:
        """Let a version have come in each of so many nights, the last one an hour ago; the names, oldest first."""
        added = [self.add(f"1.0.dev{each}", count - 1 - each + 1 / 24, *tags, name=name) for each in range(count)]
        return [filename for names in added for filename in names]

    def inputs(self, **inputs: str) -> dict[str, str]:
        """The environment of the command: what the door hands over, and what a test changes of it."""
        named = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        return {**self.site.inputs, "INPUT_POLICY": str(self.root / "policy.yml"), **self.environ, **named}

    def run(self, *argv: str, now: datetime = NOW, **inputs: str) -> Run:
        """Run the command, in this process."""
        log, files = io.StringIO(), Files(self.root)
        runner = Runner(log=log, output_file=files.outputs, summary_file=files.summary, temp=self.root)
        before, error = len(self.site.requests), None
        try:
            code = cleanup.clean(argv, self.inputs(**inputs), runner, self.patience, now)
        except UserError as refusal:
            code, error = refusal.exit_code, refusal
        text = log.getvalue() + (str(error) if error else "")
        return Run(code, text, files.text(files.summary), files.values(), self.site.requests[before:], error)

    def plan(self, now: datetime = NOW, **inputs: str) -> Run:
        """Write a plan to `plan_file`."""
        return self.run("plan", "--output", str(self.plan_file), now=now, **inputs)

    def apply(self, now: datetime = NOW, **inputs: str) -> Run:
        """Carry `plan_file` out."""
        return self.run("apply", str(self.plan_file), now=now, **inputs)


KINDS: dict[str, Callable[[Path], Site]] = {
    "anaconda": lambda root: AnacondaSite(AnacondaServer(root / "anaconda.org")),
    "directory": lambda root: DirectorySite(root / "site"),
}


@pytest.fixture(name="cleaning", params=KINDS)
def cleaning_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cleaning]:
    """A channel that has nothing, once of each kind."""
    site = KINDS[request.param](tmp_path)
    yield Cleaning(site, tmp_path)
    if isinstance(site, AnacondaSite):
        site.server.close()


@pytest.fixture(name="online")
def online_fixture(anaconda: AnacondaServer, tmp_path: Path) -> Cleaning:
    """An organization that has nothing."""
    return Cleaning(AnacondaSite(anaconda), tmp_path)
