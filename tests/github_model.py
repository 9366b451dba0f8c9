"""What the stand-in of GitHub keeps: repositories with issues, artifacts and workflows, and who may do what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count

from exchanges import Json

LARGEST_TITLE, LARGEST_BODY = 256, 65_536
GITHUB_ACTIONS = "github-actions[bot]"


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, message: str, errors: Sequence[Json] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = headers or {}


@dataclass(frozen=True)
class Token:
    """A token: whose it is, and what it may. An installation's (a job's, an App's) acts as a bot."""

    login: str = GITHUB_ACTIONS
    permissions: Mapping[str, str] = field(default_factory=lambda: {"issues": "write", "actions": "write"})

    @property
    def is_bot(self) -> bool:
        return self.login.endswith("[bot]")


@dataclass(frozen=True)
class Event:
    """Something that happened: opened, edited, commented, closed, reopened, labeled, enabled or disabled."""

    what: str
    number: int
    login: str


@dataclass
class Comment:
    id: int
    body: str
    login: str
    created_at: datetime


@dataclass
class Issue:
    """An issue or a pull request. It is missing from the next `unseen` lists."""

    id: int
    number: int
    title: str
    body: str | None
    login: str
    created_at: datetime
    updated_at: datetime
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    is_pull: bool = False
    comments: list[Comment] = field(default_factory=list)
    unseen: int = 0


@dataclass(frozen=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(frozen=True)
class Artifact:
    id: int
    name: str
    content: bytes
    created_at: datetime
    expires_at: datetime
    run_id: int
    branch: str


@dataclass
class Workflow:
    id: int
    name: str
    path: str
    created_at: datetime
    state: str = "active"


@dataclass(frozen=True)
class Run:
    """A run of a workflow. `head` is the fork whose pull request it is for, if it is."""

    id: int
    workflow_id: int
    number: int
    created_at: datetime
    status: str = "completed"
    conclusion: str | None = "success"
    branch: str = "main"
    event: str = "schedule"
    head: str = ""


@dataclass
class Repository:
    """A public repository. `moved_to` is its new name if it was renamed."""

    id: int
    name: str
    now: Callable[[], datetime]
    has_issues: bool = True
    moved_to: str = ""
    new_issues_unseen: int = 0
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    workflows: list[Workflow] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(9001), repr=False)

    def record(self, what: str, number: int, login: str) -> None:
        self.events.append(Event(what, number, login))

    def open_issue(
        self, title: str, body: str | None, login: str, labels: Sequence[str] = (), *, is_pull: bool = False
    ) -> Issue:
        now, number = self.now(), len(self.issues) + 1
        for label in labels:
            self.add_label(label)
        unseen = self.new_issues_unseen
        issue = Issue(
            next(self._ids), number, title, body, login, now, now, list(labels), is_pull=is_pull, unseen=unseen
        )
        self.issues[number] = issue
        self.record("opened", number, login)
        return issue

    def comment(self, number: int, body: str, login: str) -> Comment:
        issue = self.issues[number]
        comment = Comment(next(self._ids), body, login, self.now())
        issue.comments.append(comment)
        issue.updated_at = self.now()
        self.record("commented", number, login)
        return comment

    def edit(self, number: int, login: str, title: str | None = None, body: str | None = None) -> None:
        issue = self.issues[number]
        after = (issue.title if title is None else title, issue.body if body is None else body)
        if after != (issue.title, issue.body):
            issue.title, issue.body = after
            issue.updated_at = self.now()
            self.record("edited", number, login)

    def close(self, number: int, login: str, reason: str = "completed") -> None:
        issue = self.issues[number]
        if issue.state == "open":
            issue.state, issue.state_reason = "closed", reason
            issue.closed_at = issue.updated_at = self.now()
            issue.closed_by = login
            self.record("closed", number, login)

    def reopen(self, number: int, login: str) -> None:
        issue = self.issues[number]
        if issue.state == "closed":
            issue.state, issue.state_reason = "open", "reopened"
            issue.closed_at = issue.closed_by = None
            issue.updated_at = self.now()
            self.record("reopened", number, login)

    def add_label(self, name: str, color: str = "ededed", description: str | None = None) -> Label:
        """Have a label; one that is there stays. Names are compared without regard to case."""
        if name.casefold() not in self.labels:
            self.labels[name.casefold()] = Label(next(self._ids), name, color, description)
            self.record("labeled", 0, name)
        return self.labels[name.casefold()]

    def add_workflow(self, path: str, name: str = "", state: str = "active") -> Workflow:
        workflow = Workflow(next(self._ids), name or path, path, self.now(), state)
        self.workflows.append(workflow)
        return workflow

    def add_run(
        self,
        workflow: Workflow,
        conclusion: str | None = "success",
        status: str = "completed",
        branch: str = "main",
        event: str = "schedule",
        head: str = "",
    ) -> Run:
        number = 1 + sum(run.workflow_id == workflow.id for run in self.runs)
        run = Run(next(self._ids), workflow.id, number, self.now(), status, conclusion, branch, event, head)
        self.runs.append(run)
        return run

    def add_artifact(self, name: str, content: bytes, run: Run, days: float = 90) -> Artifact:
        """Have an artifact, whose `content` is what its ZIP file holds, for that long."""
        now = self.now()
        artifact = Artifact(next(self._ids), name, content, now, now + timedelta(days=days), run.id, run.branch)
        self.artifacts.append(artifact)
        return artifact


@dataclass
class State:
    """All there is, and who may ask. `lock` is held while it is read or written."""

    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    repositories: dict[str, Repository] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def add_repository(self, name: str) -> Repository:
        repository = Repository(1001 + len(self.repositories), name, self._moment)
        self.repositories[name.casefold()] = repository
        return repository

    def _moment(self) -> datetime:
        """The time by the clock of now, whichever that was when the repository was added."""
        return self.now()

    def by_id(self, number: int) -> Repository | None:
        return next((each for each in self.repositories.values() if each.id == number), None)
