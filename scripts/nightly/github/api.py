"""The endpoints of GitHub, a method each. Reading and writing are two classes: a reader can't change anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import requests

from nightly.github import records
from nightly.github.records import Artifact, Comment, Issue, Run, Workflow
from nightly.github.refusals import Reply, refusal
from nightly.http import Anonymous, Answer, Http, Json, Token, is_safe_for_secrets
from nightly.http_errors import HttpError, Refused, Unavailable
from nightly.retry import retrying

T = TypeVar("T")

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Content-Type": "application/json",
    "X-GitHub-Api-Version": "2022-11-28",
}
_PAGE = 100
_CHUNK = 256 * 1024


@dataclass(frozen=True)
class IssueChange:
    """What to change of an issue; None stays as it is. `reason` goes with a close: completed or not_planned."""

    title: str | None = None
    body: str | None = None
    state: str | None = None
    reason: str | None = None

    @property
    def json(self) -> Json:
        fields = {"title": self.title, "body": self.body, "state": self.state, "state_reason": self.reason}
        return {name: value for name, value in fields.items() if value is not None}


class GitHubReader:
    """What can be asked of a repository.

    `url` is the API's (GITHUB_API_URL), `repository` is OWNER/NAME. Each method asks again while GitHub is
    unavailable, for as long as patience lasts, and raises `Unavailable` and `Refused` (see `nightly.github.refusals`).
    """

    def __init__(self, http: Http, url: str, repository: str, token: Token | None) -> None:
        if not is_safe_for_secrets(url):
            raise ValueError("a token goes over https, or to this machine")
        self.http = http
        self.url = url.rstrip("/")
        self.repository = repository
        self._auth = token or Anonymous()

    def login(self) -> str:
        """Whom the token acts as: `github-actions[bot]` for a job's own.

        By GraphQL, as REST's /user refuses the token of an installation, which a job's is.
        """
        # An Enterprise Server has its REST API at /api/v3, and GraphQL beside it.
        url = f"{self.url.removesuffix('/v3')}/graphql"
        return retrying(
            lambda _: _readable(records.viewer, self._ask("POST", url, {"query": "{viewer{login}}"}).json),
            self.http.patience,
        )

    def issues(self, *, creator: str = "", labels: Sequence[str] = (), state: str = "open") -> Sequence[Issue]:
        """The issues, oldest first, without pull requests. `state` is open, closed or all."""
        query = {"state": state, "sort": "created", "direction": "asc"}
        query |= {"creator": creator} if creator else {}
        query |= {"labels": ",".join(labels)} if labels else {}
        found = {each.number: each for each in self._list(records.issue, "issues", **query)}
        return [each for each in found.values() if not each.is_pull_request]

    def issue(self, number: int) -> Issue:
        return self._get(records.issue, "issues", str(number))

    def comments(self, number: int) -> Sequence[Comment]:
        """The comments on an issue, oldest first."""
        return self._list(records.comment, "issues", str(number), "comments")

    def artifacts(self, *, name: str = "", run_id: int | None = None) -> Sequence[Artifact]:
        """The artifacts of the repository, or of one of its runs, newest first."""
        path = ("actions", "artifacts") if run_id is None else ("actions", "runs", str(run_id), "artifacts")
        return self._list(records.artifact, *path, key="artifacts", **({"name": name} if name else {}))

    def download(self, artifact: Artifact, target: Path) -> None:
        """Write an artifact's ZIP file to `target`, and believe it only if its hash is the listed one.

        Raises:
            Refused: as ever; with status 410 the artifact has expired.
        """
        retrying(lambda _: self._download_now(artifact, target), self.http.patience)

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
        with self.http.open("GET", url, auth=self._auth, headers=_HEADERS) as response:
            address = _redirect(response, url)
        # Storage is another host and gets no token. Its address is good for a minute, so each try asks for a new one.
        with self.http.open("GET", address, auth=Anonymous()) as response:
            _save(response, target, artifact, url)

    def _list(self, parse: Callable[[Json], T], *path: str, key: str = "", **query: str) -> list[T]:
        """All pages' items. The next page's address is GitHub's to say, and it's the same host's or it is refused."""
        url = f"{self._url(*path)}?{urlencode({**query, 'per_page': str(_PAGE)})}"
        found, seen = list[T](), set[str]()
        while url and url not in seen:
            seen.add(url)
            page, url = self._page(parse, key, url)
            found += page
        return found

    def _page(self, parse: Callable[[Json], T], key: str, url: str) -> tuple[list[T], str]:
        def unit(_: int) -> tuple[list[T], str]:
            answer = self._ask("GET", url)
            page = _readable(lambda json: [parse(each) for each in records.items(json, key)], answer.json)
            return page, self._next(answer, url)

        return retrying(unit, self.http.patience)

    def _next(self, answer: Answer, url: str) -> str:
        links = requests.utils.parse_header_links(answer.headers.get("link", ""))
        address = next((link["url"] for link in links if link.get("rel") == "next"), "")
        if address and urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            raise Refused(f"GET {url.partition('?')[0]}", "the next page is said to be on another host")
        return address

    def _get(self, parse: Callable[[Json], T], *path: str) -> T:
        return self._read(parse, self._url(*path))

    def _read(self, parse: Callable[[Json], T], url: str) -> T:
        return retrying(lambda _: _readable(parse, self._ask("GET", url).json), self.http.patience)

    def _ask(self, method: str, url: str, body: Json = None) -> Answer:
        return self.http.ask(method, url, auth=self._auth, body=body, headers=_HEADERS, explain=_explain)

    def _url(self, *path: str) -> str:
        owner, _, name = self.repository.partition("/")
        return "/".join((self.url, "repos", *(quote(part, safe="") for part in (owner, name, *path))))


class GitHubWriter(GitHubReader):
    """What can be changed in a repository.

    The methods whose names end in `now` ask once, for asking twice might do it twice; the others may be repeated,
    and are.
    """

    def create_issue_now(self, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open an issue. A label that isn't there is made if the token may, and dropped silently if not."""
        content: Json = {"title": title, "body": body, "labels": list(labels)}
        return _readable(records.issue, self._ask("POST", self._url("issues"), content).json)

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        return self._change(records.issue, "PATCH", self._url("issues", str(number)), change.json)

    def comment_now(self, number: int, body: str) -> Comment:
        content: Json = {"body": body}
        return _readable(records.comment, self._ask("POST", self._url("issues", str(number), "comments"), content).json)

    def ensure_label(self, name: str, color: str, description: str) -> None:
        """Make a label (its colour in hex, without #) unless one of that name is there, which stays as it is."""
        content: Json = {"name": name, "color": color, "description": description}
        try:
            self._change(lambda _: None, "POST", self._url("labels"), content)
        except Refused as error:
            if error.status != 422 or "already_exists" not in error.reason:
                raise

    def enable_workflow(self, workflow: str) -> None:
        """Switch a workflow on (its file's name, or its id). Where it is on, its 60 days begin anew."""
        self._change(lambda _: None, "PUT", self._url("actions", "workflows", workflow, "enable"), None)

    def disable_workflow(self, workflow: str) -> None:
        self._change(lambda _: None, "PUT", self._url("actions", "workflows", workflow, "disable"), None)

    def _change(self, parse: Callable[[Json], T], method: str, url: str, content: Json) -> T:
        return retrying(lambda _: _readable(parse, self._ask(method, url, content).json), self.http.patience)


def _explain(response: requests.Response, content: bytes, request: str) -> HttpError:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return refusal(Reply(response.status_code, headers, content), request)


def _redirect(response: requests.Response, url: str) -> str:
    if not response.is_redirect:
        raise _explain(response, response.raw.read(_CHUNK, decode_content=True), f"GET {url}")
    address = urljoin(url, response.headers["Location"])
    if not is_safe_for_secrets(address):
        raise Refused(f"GET {url}", "the artifact is said to be at an address that isn't safe")
    return address


def _save(response: requests.Response, target: Path, artifact: Artifact, url: str) -> None:
    if response.status_code != 200:
        raise Unavailable(f"GET {url}", "storage didn't give the artifact", response.status_code)
    digest, part = hashlib.sha256(), target.with_name(f"{target.name}.part")
    with part.open("wb") as file:
        for chunk in response.iter_content(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if artifact.sha256 not in (None, digest.hexdigest()):
        raise Unavailable(f"GET {url}", "what came isn't the artifact that is listed", 200)
    part.replace(target)


def _readable(parse: Callable[[Json], T], answer: Json) -> T:
    """Half an answer is no answer: the same request may bring a whole one."""
    try:
        return parse(answer)
    except records.Unreadable as error:
        raise Unavailable("GitHub's answer", str(error)) from error
