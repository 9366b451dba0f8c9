"""The endpoints of GitHub, a method each. Reading and writing are two classes: a reader can't change anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode, urljoin

import requests

from nightly.auth import Anonymous, Token, is_safe_for_secrets
from nightly.github import records
from nightly.github.issue_api import IssueReader, IssueWriter
from nightly.github.records import Artifact, Run, Workflow
from nightly.github.refusals import refusal
from nightly.github.repository import HEADERS
from nightly.http import Http
from nightly.http_errors import Refused, Unavailable
from nightly.retry import retrying

_CHUNK = 256 * 1024
_UNLISTED = 2**20
"""Bytes that an artifact may have beyond its listed size, which GitHub's older servers count without the ZIP file's."""


class GitHubReader(IssueReader):
    """What can be asked of a repository.

    Each method asks again while GitHub is unavailable, for as long as patience lasts, and raises `Unavailable` and
    `Refused` (see `nightly.github.refusals`).
    """

    def __init__(self, http: Http, url: str, repository: str, token: Token | None) -> None:
        super().__init__(http, url, repository, token)
        self.http = http

    def artifacts(self, *, name: str = "", run_id: int | None = None) -> Sequence[Artifact]:
        """The artifacts of the repository, or of one of its runs, newest first."""
        path = ("actions", "artifacts") if run_id is None else ("actions", "runs", str(run_id), "artifacts")
        return self._list(records.artifact, *path, key="artifacts", **({"name": name} if name else {}))

    def download(self, artifact: Artifact, target: Path) -> None:
        """Write an artifact's ZIP file to `target`, and believe it only if its hash is the listed one.

        Raises:
            Refused: as ever; with status 410 the artifact has expired.
        """
        retrying(lambda _: self._download_now(artifact, target), self.patience)

    def run(self, run_id: int) -> Run:
        return self._get(records.run, "actions", "runs", str(run_id))

    def latest_run(self, workflow: str, *, branch: str = "", status: str = "") -> Run | None:
        """The newest run of a workflow (its file's name, or its id); `status` may be a conclusion too."""
        return next(iter(self.latest_runs(workflow, 1, branch=branch, status=status)), None)

    def latest_runs(self, workflow: str, count: int, *, branch: str = "", status: str = "") -> Sequence[Run]:
        """The newest runs, at most 100 of them, newest first."""
        query = {"per_page": str(count)} | {k: v for k, v in (("branch", branch), ("status", status)) if v}
        url = f"{self._url('actions', 'workflows', workflow, 'runs')}?{urlencode(query)}"
        return self._read(lambda json: [records.run(each) for each in records.items(json, "workflow_runs")], url)

    def workflow(self, workflow: str) -> Workflow:
        return self._get(records.workflow, "actions", "workflows", workflow)

    def _download_now(self, artifact: Artifact, target: Path) -> None:
        url = self._url("actions", "artifacts", str(artifact.id), "zip")
        with self.http.open("GET", url, auth=self._auth, headers=HEADERS) as response:
            address = self._redirect(response, url)
        # Storage is another host and gets no token. Its address is good for a minute, so each try asks for a new one.
        with self.http.open("GET", address, auth=Anonymous()) as response:
            _save(response, target, artifact, url)

    def _redirect(self, response: requests.Response, url: str) -> str:
        if not response.is_redirect:
            raise refusal(self.http.reply(response, _CHUNK), f"GET {url}")
        address = urljoin(url, response.headers["Location"])
        if not is_safe_for_secrets(address):
            raise Refused(f"GET {url}", "the artifact is said to be at an address that isn't safe")
        return address


class GitHubWriter(GitHubReader, IssueWriter):
    """What can be changed in a repository. It may be repeated, and is."""

    def enable_workflow(self, workflow: str) -> None:
        """Switch a workflow on (its file's name, or its id). Where it is on, its 60 days begin anew."""
        self._repeat(lambda _: None, "PUT", self._url("actions", "workflows", workflow, "enable"))

    def disable_workflow(self, workflow: str) -> None:
        self._repeat(lambda _: None, "PUT", self._url("actions", "workflows", workflow, "disable"))


def _save(response: requests.Response, target: Path, artifact: Artifact, url: str) -> None:
    if response.status_code != 200:
        raise Unavailable(f"GET {url}", "storage didn't give the artifact", response.status_code)
    digest, part = hashlib.sha256(), target.with_name(f"{target.name}.part")
    with part.open("wb") as file:
        for chunk in response.iter_content(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
            if file.tell() > artifact.size + _UNLISTED:
                raise Unavailable(f"GET {url}", "more came than the artifact has", 200)
    if artifact.sha256 not in (None, digest.hexdigest()):
        raise Unavailable(f"GET {url}", "what came isn't the artifact that is listed", 200)
    part.replace(target)
