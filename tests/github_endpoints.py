"""The endpoints of the stand-in of GitHub, by method and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from exchanges import Answer, Json, Request, json_answer
from github_model import LARGEST_BODY, LARGEST_TITLE, Issue, Refused, Repository, State, Token, Workflow
from github_records import Records

_ANY_REPOSITORY = re.compile(r"/(?:repos/(?P<name>[^/]+/[^/]+)|repositories/(?P<id>\d+))(?P<rest>/.*)")


@dataclass(frozen=True)
class Call:
    """A request to an endpoint, and all that the endpoint works on."""

    state: State
    repository: Repository
    records: Records
    request: Request
    token: Token | None
    api: str
    storage: str

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.request.path).query).items()}

    @property
    def content(self) -> dict[str, Json]:
        if not isinstance(self.request.body, dict):
            raise Refused(400, "Problems parsing JSON")
        return self.request.body

    def needs(self, permission: str, level: str = "write") -> Token:
        """The token, which may do that."""
        if self.token is None:
            raise Refused(401, "Requires authentication")
        if self.token.permissions.get(permission) not in (level, "write"):
            kind = "integration" if self.token.is_bot else "personal access token"
            accepted = {"x-accepted-github-permissions": f"{permission}={level}"}
            raise Refused(403, f"Resource not accessible by {kind}", headers=accepted)
        return self.token

    def issue(self, number: str) -> Issue:
        """An issue of that number, where the repository has issues."""
        self.has_issues()
        if int(number) not in self.repository.issues:
            raise Refused(404, "Not Found")
        return self.repository.issues[int(number)]

    def has_issues(self) -> None:
        if not self.repository.has_issues:
            raise Refused(410, "Issues has been disabled in this repository.")

    def workflow(self, name: str) -> Workflow:
        for workflow in self.repository.workflows:
            if name in (str(workflow.id), workflow.path.rpartition("/")[2]):
                return workflow
        raise Refused(404, "Not Found")


def answer(state: State, request: Request, token: Token | None, api: str, storage: str) -> Answer:
    """Find the endpoint, and ask it."""
    path = unquote(request.plain_path)
    if (request.method, path) == ("POST", "/graphql"):
        return _viewer(request, token)
    match = _ANY_REPOSITORY.fullmatch(path)
    if match is None:
        raise Refused(404, "Not Found")
    repository = state.by_id(int(match["id"])) if match["id"] else state.repositories.get(match["name"].casefold())
    if repository is None:
        raise Refused(404, "Not Found")
    if repository.moved_to and match["name"]:
        raise _moved(request, state.repositories[repository.moved_to.casefold()], match["rest"], api)
    call = Call(state, repository, Records(repository, api), request, token, api, storage)
    for method, pattern, endpoint in _ROUTES:
        if method == request.method and (found := re.fullmatch(pattern, match["rest"])):
            return endpoint(call, *found.groups())
    raise Refused(404, "Not Found")


def _moved(request: Request, target: Repository, rest: str, api: str) -> Refused:
    url = f"{api}/repositories/{target.id}{rest}"
    return Refused(301 if request.method == "GET" else 307, "Moved Permanently", headers={"Location": url})


def _viewer(request: Request, token: Token | None) -> Answer:
    if token is None:
        raise Refused(401, "Requires authentication")
    query = request.body.get("query") if isinstance(request.body, dict) else None
    if not isinstance(query, str) or "viewer" not in query:
        return json_answer({"errors": [{"type": "PARSE", "message": "unknown query"}]})
    return json_answer({"data": {"viewer": {"login": token.login}}})


def _list_issues(call: Call) -> Answer:
    call.has_issues()
    query, wanted = call.query, call.query.get("state", "open")
    labels = {name.casefold() for name in query.get("labels", "").split(",") if name}
    found = [
        issue
        for issue in call.repository.issues.values()
        if wanted in ("all", issue.state)
        and query.get("creator", issue.login).casefold() == issue.login.casefold()
        and labels <= {name.casefold() for name in issue.labels}
        and not issue.unseen
    ]
    for issue in call.repository.issues.values():
        issue.unseen = max(0, issue.unseen - 1)
    found.sort(key=lambda issue: issue.number, reverse=query.get("direction", "desc") == "desc")
    return _page(call, [call.records.issue(issue) for issue in found])


def _get_issue(call: Call, number: str) -> Answer:
    return json_answer(call.records.issue(call.issue(number)))


def _create_issue(call: Call) -> Answer:
    token = call.needs("issues")
    call.has_issues()
    title, body, labels = (call.content.get(name) for name in ("title", "body", "labels"))
    if not isinstance(title, str) or not title.strip():
        raise _invalid("Issue", "title", "missing_field")
    _check_length("Issue", "title", title, LARGEST_TITLE)
    _check_length("Issue", "body", body, LARGEST_BODY)
    names = [str(name) for name in labels] if isinstance(labels, list) else []
    issue = call.repository.open_issue(title, body if isinstance(body, str) else None, token.login, names)
    return json_answer(call.records.issue(issue), 201)


def _update_issue(call: Call, number: str) -> Answer:
    token, issue = call.needs("issues"), call.issue(number)
    title, body = call.content.get("title"), call.content.get("body")
    _check_length("Issue", "title", title, LARGEST_TITLE)
    _check_length("Issue", "body", body, LARGEST_BODY)
    state, reason = call.content.get("state"), call.content.get("state_reason")
    if state not in (None, "open", "closed") or reason not in (None, "completed", "not_planned", "reopened"):
        raise _invalid("Issue", "state", "invalid")
    call.repository.edit(
        issue.number, token.login, title if isinstance(title, str) else None, body if isinstance(body, str) else None
    )
    if state == "closed":
        call.repository.close(issue.number, token.login, str(reason or "completed"))
    elif state == "open":
        call.repository.reopen(issue.number, token.login)
    return json_answer(call.records.issue(issue))


def _list_comments(call: Call, number: str) -> Answer:
    issue = call.issue(number)
    return _page(call, [call.records.comment(issue.number, comment) for comment in issue.comments])


def _create_comment(call: Call, number: str) -> Answer:
    token, issue, body = call.needs("issues"), call.issue(number), call.content.get("body")
    if not isinstance(body, str) or not body.strip():
        raise _invalid("IssueComment", "body", "missing_field")
    _check_length("IssueComment", "body", body, LARGEST_BODY)
    comment = call.repository.comment(issue.number, body, token.login)
    return json_answer(call.records.comment(issue.number, comment), 201)


def _create_label(call: Call) -> Answer:
    call.needs("issues")
    name, color, text = (str(call.content.get(key) or "") for key in ("name", "color", "description"))
    if name.casefold() in call.repository.labels:
        raise _invalid("Label", "name", "already_exists")
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color) or len(text) > 100:
        raise _invalid("Label", "color", "invalid")
    return json_answer(call.records.label(call.repository.add_label(name, color, text)), 201)


def _list_artifacts(call: Call, run: str | None = None) -> Answer:
    found = [
        call.records.artifact(artifact, call.state.now())
        for artifact in reversed(call.repository.artifacts)
        if run in (None, str(artifact.run_id)) and call.query.get("name", artifact.name) == artifact.name
    ]
    return _page(call, found, "artifacts")


def _download(call: Call, number: str) -> Answer:
    call.needs("actions", "read")
    found = [artifact for artifact in call.repository.artifacts if artifact.id == int(number)]
    if not found:
        raise Refused(404, "Not Found")
    if found[0].expires_at <= call.state.now():
        raise Refused(410, "Artifact has expired")
    return Answer(302, headers={"Location": f"{call.storage}/{call.repository.id}/{number}.zip?sig=abc%3D"})


def _get_workflow(call: Call, name: str) -> Answer:
    return json_answer(call.records.workflow(call.workflow(name)))


def _list_runs(call: Call, name: str) -> Answer:
    workflow, query = call.workflow(name), call.query
    found = [
        call.records.run(run, workflow)
        for run in reversed(call.repository.runs)
        if run.workflow_id == workflow.id
        and query.get("branch", run.branch) == run.branch
        and query.get("status", run.status) in (run.status, run.conclusion)
    ]
    return _page(call, found, "workflow_runs")


def _get_run(call: Call, number: str) -> Answer:
    for run in call.repository.runs:
        if run.id == int(number):
            return json_answer(call.records.run(run, call.workflow(str(run.workflow_id))))
    raise Refused(404, "Not Found")


def _switch(call: Call, name: str, verb: str) -> Answer:
    workflow = call.workflow(name)
    call.needs("actions")
    workflow.state = "active" if verb == "enable" else "disabled_manually"
    call.repository.record(f"{verb}d", workflow.id, workflow.path)
    return Answer(204)


def _page(call: Call, found: Sequence[Json], key: str = "") -> Answer:
    """One page of a list, or of a record's list under `key`, with links to the others by the repository's number."""
    size = min(100, int(call.query.get("per_page", "30")))
    number, last = int(call.query.get("page", "1")), max(1, -(-len(found) // size))
    page = list(found[(number - 1) * size : number * size])
    answer = json_answer({"total_count": len(found), key: page} if key else page)
    others = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    wanted = ["next", "last"] * (number < last) + ["prev", "first"] * (number > 1)
    links = ", ".join(f'<{_other_page(call, others[rel])}>; rel="{rel}"' for rel in wanted)
    return Answer(200, answer.body, headers={"Link": links} if links else {})


def _other_page(call: Call, number: int) -> str:
    rest = call.request.plain_path.removeprefix(f"/repos/{call.repository.name}")
    rest = rest.removeprefix(f"/repositories/{call.repository.id}")
    return f"{call.api}/repositories/{call.repository.id}{rest}?{urlencode({**call.query, 'page': number})}"


def _check_length(resource: str, field: str, value: Json, most: int) -> None:
    if isinstance(value, str) and len(value) > most:
        raise _invalid(resource, field, "custom", f"{field} is too long (maximum is {most} characters)")


def _invalid(resource: str, field: str, code: str, message: str = "") -> Refused:
    error: Mapping[str, Json] = {"resource": resource, "field": field, "code": code}
    return Refused(422, "Validation Failed", [{**error, "message": message} if message else dict(error)])


_ROUTES: Sequence[tuple[str, str, Callable[..., Answer]]] = (
    ("GET", r"/issues", _list_issues),
    ("POST", r"/issues", _create_issue),
    ("GET", r"/issues/(\d+)", _get_issue),
    ("PATCH", r"/issues/(\d+)", _update_issue),
    ("GET", r"/issues/(\d+)/comments", _list_comments),
    ("POST", r"/issues/(\d+)/comments", _create_comment),
    ("POST", r"/labels", _create_label),
    ("GET", r"/actions/artifacts", _list_artifacts),
    ("GET", r"/actions/runs/(\d+)", _get_run),
    ("GET", r"/actions/runs/(\d+)/artifacts", _list_artifacts),
    ("GET", r"/actions/artifacts/(\d+)/zip", _download),
    ("GET", r"/actions/workflows/([^/]+)", _get_workflow),
    ("GET", r"/actions/workflows/([^/]+)/runs", _list_runs),
    ("PUT", r"/actions/workflows/([^/]+)/(enable|disable)", _switch),
)
