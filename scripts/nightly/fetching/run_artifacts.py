"""The artifacts of a GitHub run, as a source of files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nightly.auth import Anonymous, Auth, Token
from nightly.errors import UserError, bad_input
from nightly.fetching.artifact_files import Contents, Taken, take_files
from nightly.fetching.files import IndexFile, Unreachable
from nightly.github.access import API_URL, api_url, repository_name
from nightly.github.api import GitHubReader
from nightly.github.explain import explain
from nightly.github.job import read_token
from nightly.github.records import Artifact
from nightly.http import Http
from nightly.http_errors import HttpError, Unavailable
from nightly.options import Input
from nightly.patience import Patience

RUN_INPUTS = (
    Input(
        "run",
        "",
        "A run on GitHub whose artifacts hold the files: OWNER/REPO:ID, or ID for one of this repository "
        "(GITHUB_REPOSITORY). It takes a token in GITHUB_TOKEN or GH_TOKEN.",
    ),
)

_AT_ONCE = 4
"""Artifacts that are downloaded at the same time."""


@dataclass(frozen=True)
class RunOptions:
    """Which run, of which repository, and how GitHub is asked."""

    repository: str
    run_id: int
    api_url: str
    token: Token = field(repr=False)


def run_options(given: Mapping[str, str], environ: Mapping[str, str]) -> RunOptions:
    """The run that the inputs name.

    Raises:
        UserError: an input's value isn't allowed, or there's no token.
    """
    repository, _, number = given["run"].strip().rpartition(":")
    if not re.fullmatch(r"[0-9]{1,18}", number):
        raise bad_input("run", given["run"], "OWNER/REPO:ID, as the end of the run's address has its ID, or ID alone")
    name = "run" if repository else "GITHUB_REPOSITORY"
    repository = repository_name(name, repository or environ.get("GITHUB_REPOSITORY", ""))
    url = api_url("GITHUB_API_URL", environ.get("GITHUB_API_URL") or API_URL)
    return RunOptions(repository, int(number), url, _token(environ))


def _token(environ: Mapping[str, str]) -> Token:
    token = read_token(environ)
    if token is None:
        raise UserError(
            "There is no token for GitHub, which gives artifacts to nobody without one.",
            title="No token",
            do="In a workflow, pass ${{ github.token }} as GITHUB_TOKEN, with `actions: read` in the job's "
            "permissions. Elsewhere, set GH_TOKEN, for instance to what `gh auth token` prints.",
            exit_code=2,
        )
    return token


@contextmanager
def opened_run(options: RunOptions, patience: Patience) -> Iterator[RunArtifacts]:
    """The run's files, as file: URLs of a directory that goes at the end."""
    reader = GitHubReader(Http(patience), options.api_url, options.repository, options.token)
    with tempfile.TemporaryDirectory(prefix="upload-nightly-") as directory:
        yield RunArtifacts(reader, options.run_id, Path(directory))


def refuse_strangers(options: RunOptions, http: Http) -> None:
    """Whoever opens a pull request decides what its run builds, so that is fetched, but not uploaded.

    Raises:
        UserError: the run is of a fork's commit, or GitHub can't be asked.
    """
    try:
        head = GitHubReader(http, options.api_url, options.repository, options.token).run(options.run_id).head
    except HttpError as error:
        raise _unanswered(error) from error
    if (head or "").casefold() != options.repository.casefold():
        raise UserError(
            f"Run {options.run_id} of {options.repository} is of a commit of {head or 'a fork that is gone'}.",
            title="A stranger's run",
            means="A pull request's files are whatever its author wants them to be.",
            do="Upload from a run of this repository's own branch or tag. Without --upload, the files are fetched.",
        )


class RunArtifacts:
    """The files in a run's artifacts. An artifact is downloaded when it's first asked for, and not again."""

    def __init__(self, reader: GitHubReader, run_id: int, directory: Path) -> None:
        self._reader = reader
        self._run_id = run_id
        self._directory = directory
        self._opened: dict[tuple[int, str], Contents] = {}

    @property
    def name(self) -> str:
        return f"run {self._run_id} of {self._reader.repository}"

    def auth(self, _: str) -> Auth:
        """None: the files are on this machine when they're listed."""
        return Anonymous()

    def files(self, project: str) -> tuple[IndexFile, ...]:
        """All files of a project in the run's artifacts. What was gathered is taken before the parts of it.

        Raises:
            Unreachable, UserError: GitHub can't be asked, an artifact has expired or can't be believed, or two differ.
        """
        try:
            artifacts = self._newest()
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                opened = list(pool.map(lambda each: self._open(each, project), _living(artifacts)))
        except HttpError as error:
            raise _unanswered(error) from error
        contents = sorted(opened, key=lambda each: (not each.gathered, each.artifact))
        expired = [each for each in artifacts if each.expired]
        if expired and not any(each.gathered and each.files for each in contents):
            raise _expired(expired, self.name)
        return tuple(_listed(each) for each in merged(contents))

    def _newest(self) -> Sequence[Artifact]:
        """One artifact of each name: a job that ran again may have left a second one."""
        newest: dict[str, Artifact] = {}
        for each in self._reader.artifacts(run_id=self._run_id):
            newest.setdefault(each.name, each)
        return list(newest.values())

    def _open(self, artifact: Artifact, project: str) -> Contents:
        key = (artifact.id, project)
        if key not in self._opened:
            folder = Path(tempfile.mkdtemp(prefix=f"{artifact.id}-", dir=self._directory))
            archive = folder / "artifact.zip"
            self._reader.download(artifact, archive)
            self._opened[key] = take_files(archive, artifact.name, project, folder)
            archive.unlink()
        return self._opened[key]


def merged(contents: Sequence[Contents]) -> list[Taken]:
    """Each file once, from the first that has it.

    Raises:
        UserError: two artifacts have a file of the same name with other bytes.
    """
    found: dict[str, tuple[str, Taken]] = {}
    for each in contents:
        for file in each.files:
            artifact, first = found.setdefault(file.path.name, (each.artifact, file))
            if first.sha256 != file.sha256:
                raise UserError(
                    f"{file.path.name} has other bytes in the artifact {each.artifact!r} than in {artifact!r}.",
                    title="Two files of one name",
                    means="Usually two jobs built the same wheel, or a part was built again after all was gathered.",
                    do="Run all jobs of the workflow again, and have each wheel built by one job.",
                )
    return [file for _, file in found.values()]


def _unanswered(error: HttpError) -> UserError:
    said = explain(error)
    kind = Unreachable if isinstance(error, Unavailable) else UserError
    return kind(said.what, title=said.title, means=said.means, do=said.do, more=said.more)


def _living(artifacts: Sequence[Artifact]) -> list[Artifact]:
    return [each for each in artifacts if not each.expired]


def _listed(file: Taken) -> IndexFile:
    return IndexFile(file.path.name, file.path.as_uri(), sha256=file.sha256, size=file.size)


def _expired(artifacts: Sequence[Artifact], run: str) -> UserError:
    names = ", ".join(repr(each.name) for each in artifacts)
    return UserError(
        f"Artifacts of {run} have expired, so their files are gone: {names}.",
        title="Expired artifacts",
        means="GitHub keeps artifacts for 90 days, or for as long as the repository's settings say.",
        do="Run the workflow again for the same commit, or fetch the files from where they were published.",
    )
