"""Fetch a file that an earlier run of a workflow left behind as an artifact."""

from __future__ import annotations

import os
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from nightly.actions import Runner
from nightly.errors import UserError, bad_input
from nightly.github.api import GitHubReader
from nightly.github.explain import explain
from nightly.github.job import Job
from nightly.github.records import Artifact
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("workflow", "", "The workflow's file; the one that runs this, if none is given."),
    Input("name", "", "The artifact's name."),
    Input("file", "", "The file in the artifact."),
)

RUNS = 30
"""How many runs are looked at."""

LARGEST = 256 * 1024 * 1024
"""In bytes, of the file."""


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return fetch(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def fetch(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Fetch the file of the newest run on this branch that has it, and set the output `path`: "" where there's none.

    Runs of one workflow are looked through, as a pull request's workflow may leave an artifact of any name.

    Raises:
        UserError: an input is wrong, or GitHub can't be asked.
    """
    runner.output("path", "")
    given = parse_inputs("last-artifact", str(__doc__), INPUTS, argv, environ)
    if not given["name"] or not given["file"]:
        raise bad_input("name, file", f"{given['name']}, {given['file']}", "the names of an artifact and of its file")
    job = Job.from_environ(environ)
    reader = GitHubReader(Http(patience), job.api_url, job.repository, job.token)
    workflow = (given["workflow"] or job.workflow).rpartition("/")[2]
    try:
        found = find(reader, workflow, given["name"], job)
        path = unpack(reader, found, given["file"], runner.temp) if found else None
    except HttpError as error:
        raise explain(error) from error
    if path is None:
        runner.notice(f"No earlier run of {workflow} has left {given['name']}.", title="No earlier run")
        return 0
    runner.output("path", str(path))
    runner.line(f"{given['file']} of {found.created_at if found else ''}: {path}")
    return 0


def find(reader: GitHubReader, workflow: str, name: str, job: Job) -> Artifact | None:
    """The artifact of the newest finished run on this branch that has one, but for this very run.

    A pull request's run isn't believed: a fork's branch may have the same name, and its code wrote the artifact.
    """
    for run in reader.latest_runs(workflow, RUNS, branch=job.branch, status="completed"):
        if run.id == job.run_id or run.event.startswith("pull_request"):
            continue
        found = [each for each in reader.artifacts(name=name, run_id=run.id) if not each.expired]
        if found:
            return found[0]
    return None


def unpack(reader: GitHubReader, artifact: Artifact, file: str, temp: Path | None) -> Path:
    """Download the artifact, and take one file out of it.

    Raises:
        UserError: it isn't in there, or too large.
    """
    folder = Path(tempfile.mkdtemp(prefix="upload-nightly-", dir=temp))
    reader.download(artifact, folder / "artifact.zip")
    try:
        with zipfile.ZipFile(folder / "artifact.zip") as archive, archive.open(file) as source:
            content = source.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError) as error:
        raise UserError(
            f"The artifact {artifact.name} of {artifact.created_at} has no {file} that can be read.",
            title="Unreadable artifact",
            do="Delete that artifact on the run's page, and run this again.",
        ) from error
    if len(content) > LARGEST:
        raise UserError(f"{file} of the artifact {artifact.name} is larger than {LARGEST} bytes.", title="Too large")
    (folder / "artifact.zip").unlink()
    path = folder / Path(file).name
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
