"""A job on the stand-in of GitHub: commands run in it as its doors do, and what they leave behind."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from github_fixtures import PATIENCE
from github_server import REPOSITORY, GitHubServer
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.patience import Patience
from uploading import Files, Run

Command = Callable[[Sequence[str], Mapping[str, str], Runner, Patience], int]


@dataclass
class Job:
    """A job of a run of a workflow, on the branch main."""

    server: GitHubServer
    root: Path
    workflow: str = ".github/workflows/cleanup.yml"
    number: int = 7
    patience: Patience = PATIENCE

    @property
    def environ(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.server.api_url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(self.number),
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/{self.workflow}@refs/heads/main",
            "GITHUB_REF_NAME": "main",
            "INPUT_GITHUB_TOKEN": self.server.token,
        }

    def run(self, command: Command, *argv: str, **environ: str) -> Run:
        """Run a command. An empty variable is as good as none."""
        log, files = io.StringIO(), Files(self.root)
        runner = Runner(log=log, output_file=files.outputs, summary_file=files.summary, temp=self.root)
        before, error = len(self.server.requests), None
        try:
            code = command(argv, {**self.environ, **environ}, runner, self.patience)
        except UserError as refusal:
            code, error = refusal.exit_code, refusal
        text = log.getvalue() + (str(error) if error else "")
        return Run(code, text, files.text(files.summary), files.values(), self.server.requests[before:], error)

    def happened(self) -> list[str]:
        """What has happened in the repository since the last time that this was asked."""
        events = [f"{event.what} {event.number}" for event in self.server.events if event.what != "labeled"]
        self.server.events.clear()
        return events


@pytest.fixture(name="job")
def job_fixture(github: GitHubServer, tmp_path: Path) -> Job:
    return Job(github, tmp_path)
