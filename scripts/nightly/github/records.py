"""What the records of GitHub's REST API (version 2022-11-28) say. Pure.

Only what is relied on is read, and all of it must be there: a record without its number isn't an issue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from nightly.json_types import Json

T = TypeVar("T")

GHOST = "ghost"
"""Who wrote what a deleted account had written."""


class Unreadable(ValueError):
    """An answer doesn't have the shape that is documented."""


@dataclass(frozen=True)
class Issue:
    """An issue, or the issue side of a pull request: the API lists both. `author` is a login, `labels` are names.

    `closed_at` is None while it is open.
    """

    number: int
    title: str
    body: str
    author: str
    state: str
    url: str
    is_pull_request: bool = False
    labels: tuple[str, ...] = ()
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Comment:
    """A comment on an issue."""

    body: str
    author: str
    url: str


@dataclass(frozen=True)
class Artifact:
    """An artifact: a ZIP file of `size` bytes. `sha256` is None for those of old; `expired` ones can't be fetched."""

    id: int
    name: str
    size: int
    expired: bool
    created_at: datetime
    sha256: str | None
    run_id: int | None
    branch: str | None


@dataclass(frozen=True)
class Run:
    """A run of a workflow. It has a `conclusion` (success, failure, ...) once its `status` is completed.

    `head` is the repository of its commit, OWNER/NAME: a fork, for its pull request. It's None where that one is gone.
    """

    id: int
    event: str
    branch: str | None
    status: str
    conclusion: str | None
    created_at: datetime
    updated_at: datetime
    url: str
    head: str | None = None


@dataclass(frozen=True)
class Workflow:
    """A workflow file. `state` is active, or begins with disabled: disabled_inactivity is GitHub's own doing."""

    id: int
    name: str
    path: str
    state: str
    url: str

    @property
    def is_active(self) -> bool:
        return self.state == "active"


def issue(json: Json) -> Issue:
    """Read an issue.

    Raises:
        Unreadable: something is missing that is relied on; so do all functions here.
    """
    record = _Record(json)
    return Issue(
        number=record.number("number"),
        title=record.text("title"),
        body=record.maybe_text("body") or "",
        author=_author(record),
        state=record.text("state"),
        url=record.text("html_url"),
        is_pull_request=record.holds("pull_request"),
        labels=tuple(_label(each) for each in items(record.json.get("labels") or [], "")),
        closed_at=record.time("closed_at") if record.holds("closed_at") else None,
    )


def comment(json: Json) -> Comment:
    record = _Record(json)
    return Comment(record.maybe_text("body") or "", _author(record), record.text("html_url"))


def artifact(json: Json) -> Artifact:
    record = _Record(json)
    run = _Record(record.json.get("workflow_run") or {})
    algorithm, _, digest = (record.maybe_text("digest") or "").partition(":")
    return Artifact(
        id=record.number("id"),
        name=record.text("name"),
        size=record.number("size_in_bytes"),
        expired=record.flag("expired"),
        created_at=record.time("created_at"),
        sha256=digest if algorithm == "sha256" else None,
        run_id=run.number("id") if run.holds("id") else None,
        branch=run.maybe_text("head_branch"),
    )


def run(json: Json) -> Run:
    record = _Record(json)
    return Run(
        id=record.number("id"),
        event=record.text("event"),
        branch=record.maybe_text("head_branch"),
        status=record.text("status"),
        conclusion=record.maybe_text("conclusion"),
        created_at=record.time("created_at"),
        updated_at=record.time("updated_at"),
        url=record.text("html_url"),
        head=_Record(record.json.get("head_repository") or {}).maybe_text("full_name"),
    )


def workflow(json: Json) -> Workflow:
    record = _Record(json)
    return Workflow(
        id=record.number("id"),
        name=record.text("name"),
        path=record.text("path"),
        state=record.text("state"),
        url=record.text("html_url"),
    )


def viewer(json: Json) -> str:
    """The login in GraphQL's answer to `{viewer{login}}`."""
    return _Record(_Record(_Record(json).json.get("data")).json.get("viewer")).text("login")


def items(json: Json, key: str) -> list[Json]:
    """The items of a page: a list, or a record's list under `key`."""
    page = _Record(json).json.get(key) if key else json
    if not isinstance(page, list):
        raise Unreadable("the answer isn't the list that was asked for")
    return page


def _label(json: Json) -> str:
    """A label's name: GitHub documents that a label may be a record, or its name alone."""
    return json if isinstance(json, str) else _Record(json).text("name")


def _author(record: _Record) -> str:
    user = record.json.get("user")
    return GHOST if user is None else _Record(user).text("login")


class _Record:
    """A JSON object of which each field must have its type."""

    def __init__(self, json: Json) -> None:
        if not isinstance(json, dict):
            raise Unreadable("the answer has no record where one is documented")
        self.json = json

    def holds(self, name: str) -> bool:
        return self.json.get(name) is not None

    def text(self, name: str) -> str:
        return self._value(name, str)

    def maybe_text(self, name: str) -> str | None:
        return self._value(name, str) if self.holds(name) else None

    def number(self, name: str) -> int:
        return self._value(name, int)

    def flag(self, name: str) -> bool:
        return self._value(name, bool)

    def time(self, name: str) -> datetime:
        """ISO 8601, always in UTC. Python 3.10 doesn't know the Z."""
        try:
            moment = datetime.fromisoformat(self.text(name).replace("Z", "+00:00"))
        except ValueError as error:
            raise Unreadable(f"the record's {name} is no time") from error
        if moment.tzinfo is None:
            raise Unreadable(f"the record's {name} has no time zone")
        return moment

    def _value(self, name: str, kind: type[T]) -> T:
        value = self.json.get(name)
        if type(value) is not kind:
            raise Unreadable(f"the record has no {name}")
        return value
