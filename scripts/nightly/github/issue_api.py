"""GitHub's endpoints of issues, a method each. Reading and writing are two classes: a reader can't change anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nightly.github import records
from nightly.github.records import Comment, Issue
from nightly.github.refusals import MissingPermission
from nightly.github.repository import Repository, readable
from nightly.http_errors import HttpError, Refused
from nightly.json_types import Json

T = TypeVar("T")


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


class IssueReader(Repository):
    """What can be asked of a repository's issues.

    Each method asks again while GitHub is unavailable, for as long as patience lasts, and raises `Unavailable` and
    `Refused` (see `nightly.github.refusals`).
    """

    def login(self) -> str:
        """Whom the token acts as: `github-actions[bot]` for a job's own.

        By GraphQL, as REST's /user refuses the token of an installation, which a job's is.
        """
        # An Enterprise Server has its REST API at /api/v3, and GraphQL beside it.
        url = f"{self.url.removesuffix('/v3')}/graphql"
        return self._repeat(records.viewer, "POST", url, {"query": "{viewer{login}}"})

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


class IssueWriter(IssueReader):
    """What can be changed in a repository's issues.

    The methods whose names end in `now` ask once, for asking twice might do it twice; the others may be repeated,
    and are.
    """

    def create_issue_now(self, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open an issue. A label that isn't there is made if the token may, and dropped silently if not."""
        content: Json = {"title": title, "body": body, "labels": list(labels)}
        return self._post_now(records.issue, content, "issues")

    def update_issue(self, number: int, change: IssueChange) -> Issue:
        return self._repeat(records.issue, "PATCH", self._url("issues", str(number)), change.json)

    def comment_now(self, number: int, body: str) -> Comment:
        return self._post_now(records.comment, {"body": body}, "issues", str(number), "comments")

    def ensure_label(self, name: str, color: str, description: str) -> None:
        """Make a label (its colour in hex, without #) unless one of that name is there, which stays as it is."""
        content: Json = {"name": name, "color": color, "description": description}
        try:
            self._repeat(lambda _: None, "POST", self._url("labels"), content)
        except Refused as error:
            if error.status != 422 or "already_exists" not in error.reason:
                raise

    def check_permission_now(self) -> None:
        """Ask to open an issue without a title, which GitHub refuses: first for want of a permission, if it lacks one.

        There is no other way to learn what a job's token may before it's needed.

        Raises:
            MissingPermission: the token may not write issues. Whatever else GitHub answers says nothing of that.
        """
        try:
            self._ask("POST", self._url("issues"), {})
        except MissingPermission:
            raise
        except HttpError:
            return

    def _post_now(self, parse: Callable[[Json], T], content: Json, *path: str) -> T:
        return readable(parse, self._ask("POST", self._url(*path), content).json)
