"""The upload command against the stand-in of anaconda.org: a night's wheels, a run, and what it leaves behind."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import upload
from anaconda_model import StoredFile, Token
from anaconda_server import AnacondaServer
from exchanges import Exchange, Request
from faults import SERVE
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.patience import Patience
from sample_wheels import make_wheel

QUICK = Patience(
    tries=3, first_wait=0.01, longest_wait=0.02, file_limit=10, connect=2, silence=0.25, answer=1, index_lag=0.05
)
"""Seconds on loopback stand for minutes on the internet."""

IMPATIENT = replace(QUICK, tries=2, silence=0.05)
"""For what hangs again and again."""

SLOW = Patience(first_wait=0.01, longest_wait=0.02, connect=10, silence=10, index_lag=2)
"""For what isn't about time-outs: never in a hurry, however busy the machine is."""

COLLABORATOR = "tk-22222222-collaborator"

_OUTPUT = re.compile(r"(?ms)^([A-Za-z_]+)<<(end-[0-9a-f-]+)\n(.*?)\n\2$")


@dataclass(frozen=True)
class Run:
    """How a run ended. `requests` are those that it made."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    requests: Sequence[Request]
    error: UserError | None = None

    @property
    def report(self) -> dict[str, Any]:  # JSON that a test asserts on
        """What the output `report` leads to."""
        report: dict[str, Any] = json.loads(Path(self.outputs["report"]).read_text(encoding="utf-8"))
        return report

    @property
    def writes(self) -> list[str]:
        """The requests that change something."""
        return [entry for entry in self.asked() if not entry.startswith("GET ")]

    def names(self, state: str) -> list[str]:
        """The file names in an output that is a list."""
        names: list[str] = json.loads(self.outputs[state])
        return names

    def row(self, filename: str) -> dict[str, Any]:
        """A file's row in the report."""
        (row,) = (row for row in self.report["files"] if row["filename"] == filename)
        found: dict[str, Any] = row
        return found

    def asked(self, role: str = "") -> list[str]:
        """The requests as `METHOD /path status`, without queries."""
        chosen = [request for request in self.requests if role in ("", request.role)]
        return [f"{request.method} {request.plain_path} {request.status}" for request in chosen]


def names(directory: Path) -> list[str]:
    """The names of the files in it, sorted."""
    return sorted(path.name for path in directory.iterdir())


@dataclass
class Night:
    """A project's nightly job: wheels in a directory, and a channel that they are meant for."""

    server: AnacondaServer
    root: Path
    patience: Patience = QUICK
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def dist(self) -> Path:
        """Where the job has put its wheels."""
        return self.root / "dist"

    def make(self, payload: bytes = b"new", count: int = 1, tag: str = "", **features: str) -> list[Path]:
        """Make wheels of one version, with one tag or for as many Pythons; `features` are those of `make_wheel`."""
        tags = [tag] if tag else [f"cp3{minor}-cp3{minor}-win_amd64" for minor in range(10, 10 + count)]
        return [make_wheel(self.dist, tag=each, payload=payload, **features) for each in tags]

    def seed(self, payload: bytes = b"old", count: int = 1, tag: str = "", **features: str) -> list[StoredFile]:
        """Let the channel have such wheels already."""
        before = Night(self.server, self.root / "before" / f"{len(list(self.root.glob('before/*')))}")
        return [self.server.seed(path) for path in before.make(payload, count, tag, **features)]

    def as_collaborator(self, *projects: str) -> None:
        """Go on with a token that may write to these projects, but can't create one."""
        self.server.add_token(COLLABORATOR, Token("dev", packages=frozenset(projects or {"demo-pkg"})))
        self.environ["INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN"] = COLLABORATOR

    def inputs(self, **inputs: str) -> dict[str, str]:
        """The environment of the command: what the door hands over, and what a test changes of it."""
        return {
            "INPUT_ARTIFACTS_PATH": str(self.dist),
            "INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN": self.server.token,
            "INPUT_ANACONDA_NIGHTLY_UPLOAD_ORGANIZATION": self.server.organization,
            "INPUT_ANACONDA_API_URL": self.server.api_url,
            "INPUT_ANACONDA_INDEX_URL": self.server.index_url,
            **self.environ,
            **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
        }

    def run(self, **inputs: str) -> Run:
        """Publish, in this process."""
        log, files = io.StringIO(), Files(self.root)
        runner = Runner(log=log, output_file=files.outputs, summary_file=files.summary, temp=self.root)
        before, error = len(self.server.requests), None
        try:
            code = upload.publish([], self.inputs(**inputs), runner, self.patience)
        except UserError as refusal:
            code, error = refusal.exit_code, refusal
        text = log.getvalue() + (str(error) if error else "")
        return Run(code, text, files.text(files.summary), files.values(), self.server.requests[before:], error)

    def there(self, project: str = "demo-pkg") -> dict[str, bytes]:
        """The bytes on the channel by file name, but for keepers."""
        files = self.server.state.files(self.server.organization, project)
        return {file.basename: file.read_bytes() for file in files if "0keeper" not in file.basename}

    def tonight(self) -> dict[str, bytes]:
        """The bytes of tonight's wheels by file name."""
        return {path.name: path.read_bytes() for path in self.dist.iterdir()}

    def keepers(self, project: str = "demo-pkg") -> list[StoredFile]:
        """The keepers on the channel."""
        files = self.server.state.files(self.server.organization, project)
        return [file for file in files if "0keeper" in file.basename]


@dataclass(frozen=True)
class After:
    """An effect: the request is served after something else happened."""

    happens: Callable[[], object]

    def play(self, exchange: Exchange) -> None:
        self.happens()
        SERVE.play(exchange)


class Files:
    """The files that a runner gives to one step, which are empty at first."""

    def __init__(self, root: Path) -> None:
        number = len(list(root.glob("outputs-*")))
        self.outputs, self.summary = root / f"outputs-{number}", root / f"summary-{number}.md"
        self.variables = root / f"variables-{number}"
        for path in (self.outputs, self.summary, self.variables):
            path.touch()

    def text(self, path: Path) -> str:
        return path.read_text(encoding="utf-8")

    def values(self) -> dict[str, str]:
        """The outputs; of one that was set twice the last counts, as for the runner."""
        return self.assigned(self.outputs)

    def assigned(self, path: Path) -> dict[str, str]:
        return {name: value for name, _, value in _OUTPUT.findall(self.text(path))}


@pytest.fixture(name="night")
def night_fixture(anaconda: AnacondaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night with a channel that has nothing, and whose temporary files are its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Night(anaconda, tmp_path, SLOW)
