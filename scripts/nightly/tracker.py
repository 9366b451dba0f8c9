"""Keeping the issues of one kind of report: reading them, and carrying a plan out without doing anything twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nightly.errors import UserError
from nightly.github.explain import explain
from nightly.github.issue_api import IssueChange, IssueReader, IssueWriter
from nightly.github.records import Comment, Issue
from nightly.github.refusals import RateLimited
from nightly.http_errors import HttpError, Unavailable
from nightly.issues import Action, Step, Tracked, tracked
from nightly.patience import Patience
from nightly.retry import Breaker, retrying

T = TypeVar("T")

_LOOKS = 3


@dataclass(frozen=True)
class Label:
    """A label for new issues. `color` is hexadecimal, without #."""

    name: str
    color: str = "d4c5f9"
    description: str = ""


@dataclass(frozen=True)
class Outcome:
    """How it ended for one issue: its `url`, or the `error`."""

    action: Action
    url: str = ""
    error: str = ""


def read_tracked(reader: IssueReader, author: str, kind: str, wanted: Collection[str] = ()) -> tuple[Tracked, ...]:
    """The issues of ours, open and closed. `author` is the token's login.

    GitHub's list of issues leaves some out at times (max-sixty/tend#345): while one isn't found for a key that is
    `wanted`, it is asked for again, and whatever was seen once is believed.

    Raises:
        Unavailable, Refused: it can't be read.
    """
    found: dict[int, Tracked] = {}
    for look in range(_LOOKS):
        time.sleep(reader.patience.wait(look, None) if look else 0)
        listed = tracked(reader.issues(creator=author, state="all"), author, kind)
        found |= {each.issue.number: each for each in listed}
        if {each.marker.key for each in found.values()} >= set(wanted):
            break
    return tuple(found.values())


class Tracker:
    """Carries plans out. `pause` is in seconds between two issues, as GitHub asks for one between writes."""

    def __init__(self, writer: IssueWriter, author: str, labels: Sequence[Label] = (), pause: float = 1.0) -> None:
        self._writer = writer
        self._author = author
        self._labels = labels
        self._pause = pause
        self._patience = writer.patience

    def carry_out(self, actions: Sequence[Action]) -> Iterator[Outcome]:
        """Do it all, yielding each outcome; one's failure doesn't stop the others.

        Raises:
            UserError: the token doesn't allow it, so nothing more was tried; or it isn't the author's.
        """
        breaker = Breaker(self._patience.failures_in_a_row)
        self._prepare(actions)
        for number, action in enumerate(actions):
            if breaker.is_open:
                yield Outcome(action, error="GitHub failed so often that this wasn't tried any more.")
            else:
                time.sleep(self._pause if number else 0)
                yield self._attempt(action, breaker)

    def _prepare(self, actions: Sequence[Action]) -> None:
        """Make the labels that a new issue gets, if there is to be one.

        Raises:
            UserError: that failed, and so would the issue.
        """
        if not any(action.step is Step.OPEN for action in actions):
            return
        try:
            for label in self._labels:
                self._writer.ensure_label(label.name, label.color, label.description)
        except HttpError as error:
            raise explain(error) from error

    def _attempt(self, action: Action, breaker: Breaker) -> Outcome:
        try:
            issue = self._open(action) if action.number is None else self._update(action, action.number)
        except HttpError as error:
            if error.status in (401, 403) and not isinstance(error, RateLimited):
                raise explain(error) from error
            if isinstance(error, Unavailable):
                breaker.failed()
            return Outcome(action, error=str(explain(error)))
        breaker.answered()
        return Outcome(action, issue.url)

    def _open(self, action: Action) -> Issue:
        names = [label.name for label in self._labels]
        issue = once(
            lambda: self._writer.create_issue_now(action.title or "", action.body or "", names),
            lambda: self._find(action),
            self._patience,
        )
        if issue.author.casefold() != self._author.casefold():
            raise _other_author(issue, self._author)
        return issue

    def _find(self, action: Action) -> Issue | None:
        key, kind = action.marker.key, action.marker.kind
        ours = tracked(self._writer.issues(creator=self._author, state="all"), self._author, kind)
        return next((each.issue for each in ours if each.marker.key == key), None)

    def _update(self, action: Action, number: int) -> Issue:
        """The comment comes first: if the run ends between the two, the marker in the body tells the next to go on."""
        if action.comment and self._said(action, number) is None:
            once(
                lambda: self._writer.comment_now(number, action.comment),
                lambda: self._said(action, number),
                self._patience,
            )
        return self._writer.update_issue(number, _change(action))

    def _said(self, action: Action, number: int) -> Comment | None:
        marker = action.marker.comment
        ours = (each for each in self._writer.comments(number) if each.author.casefold() == self._author.casefold())
        return next((each for each in ours if each.body.startswith(marker)), None)


def once(act: Callable[[], T], find: Callable[[], T | None], patience: Patience) -> T:
    """Do what mustn't be done twice: after a lost answer, `find` looks whether it was done before it's tried again.

    Raises:
        Unavailable, Refused: it wasn't done, or nobody knows.
    """
    unsure = False

    def unit(_: int) -> T:
        nonlocal unsure
        if unsure and (found := _settled(find, patience)) is not None:
            return found
        try:
            return act()
        except RateLimited:
            raise
        except Unavailable:
            unsure = True
            raise

    return retrying(unit, patience)


def _settled(find: Callable[[], T | None], patience: Patience) -> T | None:
    """What `find` finds, looking for as long as GitHub's lists may be behind."""
    deadline, tried = time.monotonic() + patience.index_lag, 1
    while (found := find()) is None and time.monotonic() < deadline:
        time.sleep(min(patience.wait(tried, None), max(0.0, deadline - time.monotonic())))
        tried += 1
    return found


def _change(action: Action) -> IssueChange:
    state = {Step.REOPEN: "open", Step.CLOSE: "closed"}.get(action.step)
    return IssueChange(action.title, action.body, state, action.reason)


def _other_author(issue: Issue, author: str) -> UserError:
    return UserError(
        f"The issue {issue.url} was opened as {issue.author}, but those of {author} are looked for.",
        title="Another author",
        means="The issue wouldn't be found again, and each run would open one more.",
        do=f"Use a token of {author}'s, or let the author be asked for. Close that issue by hand.",
    )
