"""The modes `snapshot` and `plan` in this process, against channels that are there for the test."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anaconda_server import AnacondaServer
from directory_sites import publish, silence
from nightly.actions import Runner
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError
from nightly.patience import Patience
from uploading import SLOW, Files

Mode = Callable[[Sequence[str], Mapping[str, str], Runner, Patience], int]


@dataclass(frozen=True)
class ModeRun:
    """How a mode ended; `error` is what main would have said."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    error: UserError | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Caller:
    """Calls modes: with these variables, in a folder of its own."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    patience: Patience = SLOW

    def run(self, mode: Mode, *argv: str, **inputs: str) -> ModeRun:
        """Run it. Inputs are given as their variables."""
        log, files, error = io.StringIO(), Files(self.root), None
        runner = Runner(
            log=log,
            output_file=files.outputs,
            summary_file=files.summary,
            variables_file=files.variables,
            temp=self.root,
        )
        variables = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        try:
            code = mode(argv, self.environ | variables, runner, self.patience)
        except UserError as refusal:
            code, error = refusal.exit_code, refusal
        summary, variables = files.text(files.summary), files.assigned(files.variables)
        return ModeRun(code, log.getvalue(), summary, files.values(), error, variables)


def addresses(server: AnacondaServer, *organizations: str) -> dict[str, str]:
    """The variables that name channels on the stand-in of anaconda.org."""
    return {
        "INPUT_CHANNELS": ",".join(organizations or [server.organization]),
        "INPUT_ANACONDA_API_URL": server.api_url,
        "INPUT_ANACONDA_INDEX_URL": server.index_url,
    }


def directory_channel(root: Path, *wheels: Path) -> Path:
    """A channel in a directory, with these wheels."""
    publish(WritableDirectoryChannel(root, silence), *wheels)
    return root


def read_json(path: Path) -> dict[str, object]:
    """The object in a file."""
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found
