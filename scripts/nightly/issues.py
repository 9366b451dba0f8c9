"""One issue for each thing that is wrong: what to open, edit, comment on and close. Pure.

An edit notifies nobody, so an issue's text follows the report quietly; a comment is for a change of state. What a
person closed stays closed until the state is another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from nightly import issue_text
from nightly.actions import printable
from nightly.github.records import Issue
from nightly.marker import CURED, Marker, digest, read_marker, without_marker

AT_MOST = 10
"""How many issues a run may open or reopen: the rest waits for the next run."""

_COMPLETED, _NOT_PLANNED = "completed", "not_planned"


@dataclass(frozen=True)
class Report:
    """One thing that is wrong.

    `key` names it for ever. `title` is plain text; `body` and `news` are Markdown, in which what others said went
    through `nightly.markdown`. `state` is whatever makes it another matter when it changes ("windows lost", not
    "25 days old"); then `news` is posted as a comment.
    """

    key: str
    title: str
    body: str
    state: str
    news: str = "This changed: what is known now is in the description above."


@dataclass(frozen=True)
class Tracked:
    """An issue of ours, and its marker."""

    issue: Issue
    marker: Marker


class Step(str, Enum):
    """What is done. All but an edit notify people."""

    OPEN = "open"
    REOPEN = "reopen"
    COMMENT = "comment on"
    EDIT = "edit"
    CLOSE = "close"


_LOUD = (Step.OPEN, Step.REOPEN)


@dataclass(frozen=True)
class Action:
    """What to do with one issue, all as GitHub gets it: a text that is None stays, "" as a comment is no comment."""

    step: Step
    marker: Marker
    why: str
    number: int | None = None
    title: str | None = None
    body: str | None = None
    comment: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Sync:
    """What to do, in order, and the keys that wait for the next run."""

    actions: tuple[Action, ...]
    postponed: tuple[str, ...] = ()


def tracked(issues: Iterable[Issue], author: str, kind: str) -> tuple[Tracked, ...]:
    """The issues that we made ourselves for one kind of report. Who only copies a marker isn't believed."""
    ours = (issue for issue in issues if issue.author.casefold() == author.casefold() and not issue.is_pull_request)
    marked = ((issue, read_marker(issue.body)) for issue in ours)
    return tuple(Tracked(issue, marker) for issue, marker in marked if marker is not None and marker.kind == kind)


def sync(
    wanted: Sequence[Report],
    existing: Sequence[Tracked],
    kind: str,
    *,
    unknown: Collection[str] = (),
    cured: str = "This is over: the last run found nothing to report.",
    at_most: int = AT_MOST,
) -> Sync:
    """Bring the issues in line with the reports.

    `unknown` are keys of which nothing is known this time (a project that couldn't be read): theirs are left alone.
    `cured` is the comment, in Markdown, with which an issue is closed. The keys of `wanted` differ.
    """
    reports = {report.key: report for report in wanted if report.key not in unknown}
    first, doubles = _by_key(each for each in existing if each.marker.key not in unknown)
    actions = [_double(each, first[each.marker.key]) for each in doubles if each.issue.is_open]
    actions += [action for key, each in first.items() for action in _follow(reports.get(key), each, cured)]
    actions += [_open(report, kind) for key, report in reports.items() if key not in first]
    waiting = [action.marker.key for action in actions if action.step in _LOUD][at_most:]
    now = (action for action in actions if action.step not in _LOUD or action.marker.key not in waiting)
    return Sync(tuple(now), tuple(waiting))


def preview(plan: Sync) -> Iterator[str]:
    """What a run without --dry-run would do and post, line by line."""
    for action in plan.actions:
        which = "a new issue" if action.number is None else f"#{action.number}"
        yield f"would {action.step.value} {which} ({action.marker.key}): {action.why}"
        yield from _shown("title", action.title or "")
        yield from _shown("body", without_marker(action.body or ""))
        yield from _shown("comment", action.comment.partition("\n")[2])
    for key in plan.postponed:
        yield f"would leave {key} to the next run: enough was opened in this one"


def _shown(name: str, value: str) -> Iterator[str]:
    if value:
        yield f"  {name}:"
        yield from (f"  | {line}" for line in printable(value).split("\n"))


def _by_key(existing: Iterable[Tracked]) -> tuple[dict[str, Tracked], list[Tracked]]:
    """The oldest issue of each key, and all others: two runs at once may have opened one each."""
    ordered = sorted(existing, key=lambda each: each.issue.number, reverse=True)
    first = {each.marker.key: each for each in ordered}
    return first, [each for each in ordered if each is not first[each.marker.key]]


def _open(report: Report, kind: str) -> Action:
    marker = Marker(kind, report.key, _state(report), _content(report))
    return Action(
        Step.OPEN,
        marker,
        "it is new",
        title=issue_text.title(report.title),
        body=issue_text.body(str(marker), report.body),
    )


def _follow(report: Report | None, old: Tracked, cured: str) -> Iterator[Action]:
    """What to do with an issue that is there, if anything."""
    state = CURED if report is None else _state(report)
    if state != old.marker.state:
        yield _cure(old, cured) if report is None else _change(report, old)
    elif report is not None and old.issue.is_open and _content(report) != old.marker.content:
        yield _rewrite(report, old, old.marker.turn, Step.EDIT, "its text changed")


def _change(report: Report, old: Tracked) -> Action:
    """Tell of another state; a person's close was of the former one."""
    step = Step.COMMENT if old.issue.is_open else Step.REOPEN
    action = _rewrite(report, old, old.marker.turn + 1, step, "its state changed")
    return replace(action, comment=issue_text.body(action.marker.comment, report.news))


def _rewrite(report: Report, old: Tracked, turn: int, step: Step, why: str) -> Action:
    marker = Marker(old.marker.kind, report.key, _state(report), _content(report), turn)
    text = issue_text.body(str(marker), report.body)
    return Action(step, marker, why, old.issue.number, issue_text.title(report.title), text)


def _cure(old: Tracked, cured: str) -> Action:
    """Close it. What a person closed only learns, quietly, that it is over: should it come back, that is news."""
    marker = replace(old.marker, state=CURED, turn=old.marker.turn + 1)
    text = issue_text.body(str(marker), without_marker(old.issue.body))
    if not old.issue.is_open:
        return Action(Step.EDIT, marker, "it is over, and was closed before", old.issue.number, body=text)
    comment = issue_text.body(marker.comment, cured)
    return Action(Step.CLOSE, marker, "it is over", old.issue.number, body=text, comment=comment, reason=_COMPLETED)


def _double(double: Tracked, first: Tracked) -> Action:
    marker = replace(double.marker, state=CURED, turn=double.marker.turn + 1)
    text = issue_text.body(str(marker), without_marker(double.issue.body))
    comment = issue_text.body(marker.comment, f"#{first.issue.number} is about the same, and goes on.")
    why = f"#{first.issue.number} is about the same"
    return Action(Step.CLOSE, marker, why, double.issue.number, body=text, comment=comment, reason=_NOT_PLANNED)


def _state(report: Report) -> str:
    return digest(report.state)


def _content(report: Report) -> str:
    return digest(report.title, report.body)
