"""Where reports are told: the trackers of repositories, and what a dry run has in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from nightly.actions import Runner
from nightly.auth import Token
from nightly.errors import UserError
from nightly.github.api import GitHubReader, GitHubWriter
from nightly.github.job import Job
from nightly.http import Http
from nightly.issues import Sync, Tracked, preview
from nightly.posting import post
from nightly.tracker import Outcome, read_tracked


class Desk(Protocol):
    """A repository's tracker, for one kind of reports."""

    @property
    def kind(self) -> str:
        """What sets these reports off from others in the same tracker."""

    def known(self, wanted: Collection[str]) -> Sequence[Tracked]:
        """The issues that are there; those of the keys that are `wanted` are looked for more than once.

        Raises:
            HttpError: they can't be read.
        """

    def carry_out(self, plan: Sync) -> Sequence[Outcome]:
        """Open, edit, comment on and close.

        Raises:
            UserError: the token doesn't allow it.
        """


@dataclass(frozen=True)
class Tracker:
    """The real thing. `author` is the token's login."""

    writer: GitHubWriter
    author: str
    kind: str
    runner: Runner

    def known(self, wanted: Collection[str]) -> Sequence[Tracked]:
        return read_tracked(self.writer, self.author, self.kind, wanted)

    def carry_out(self, plan: Sync) -> Sequence[Outcome]:
        return post(self.writer, self.author, plan, self.runner)


@dataclass(frozen=True)
class Preview:
    """Prints what would be done. Without a reader it knows of no issues, as if there were none yet."""

    repository: str
    kind: str
    runner: Runner
    reader: GitHubReader | None = None
    author: str = ""

    def known(self, wanted: Collection[str]) -> Sequence[Tracked]:  # noqa: ARG002 - looking once will do here
        return read_tracked(self.reader, self.author, self.kind) if self.reader else ()

    def carry_out(self, plan: Sync) -> Sequence[Outcome]:
        if plan.actions or plan.postponed:
            self.runner.line(f"In {self.repository or 'this repository'}:")
        for line in preview(plan):
            self.runner.line(line)
        return ()


@dataclass(frozen=True)
class Offices:
    """Opens desks: `job` says which repository is this one (None: none), `projects_token` is for all others.

    In a dry run they can't change anything.
    """

    job: Job | None
    projects_token: Token | None
    kind: str
    runner: Runner
    http: Http
    dry_run: bool

    def here(self) -> Desk:
        """The one of this repository.

        Raises:
            UserError: there's no token, which only a dry run can do without.
            HttpError: the token's login can't be had.
        """
        job = self.job
        if job and job.token:
            return self._desk(job, job.repository, job.token)
        if not self.dry_run:
            raise UserError(
                "There is no token to speak to GitHub with, so nobody was told anything.",
                title="No token",
                do="Pass ${{ github.token }}, or use --dry-run.",
                exit_code=2,
            )
        return Preview(job.repository if job else "", self.kind, self.runner)

    def there(self, repository: str) -> Desk:
        """The one of another repository.

        Raises:
            HttpError: the token's login can't be had.
        """
        if self.job is None or self.projects_token is None:
            return Preview(repository, self.kind, self.runner)
        return self._desk(self.job, repository, self.projects_token)

    def _desk(self, job: Job, repository: str, token: Token) -> Desk:
        if self.dry_run:
            reader = GitHubReader(self.http, job.api_url, repository, token)
            return Preview(repository, self.kind, self.runner, reader, reader.login())
        writer = GitHubWriter(self.http, job.api_url, repository, token)
        return Tracker(writer, writer.login(), self.kind, self.runner)
