"""Who did it: from which version to which, what changed between them, and how it was shown. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nightly import markdown
from nightly.downstream.records.history import Green, Known
from nightly.downstream.records.proof import Proved
from nightly.downstream.telling import wording
from nightly.downstream.telling.causes import Cause
from nightly.downstream.telling.headline import what_breaks
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story
from nightly.downstream.telling.upstream import Repository, repository_of

_MOST = 12
"""As many as are ever suspected."""


_FEW = 3
_NEEDS_A_HINT = frozenset({Outcome.UPSTREAM_BREAK, Outcome.TESTS_FAIL, Outcome.CRASHED, Outcome.TIMED_OUT})


@dataclass(frozen=True)
class Change:
    """What a project is now, and what it was when all was well: in the last green run, or else the stable release."""

    name: str
    now: Proved | None
    then: Known | None
    then_at: datetime | None

    @property
    def repository(self) -> Repository | None:
        return repository_of(self.now.source_url) if self.now else None

    @property
    def old(self) -> str:
        if self.then:
            return self.then.version
        return (self.now.stable if self.now else None) or ""

    @property
    def new(self) -> str:
        return (self.now.version or self.now.planned if self.now else None) or ""

    @property
    def is_same_wheel(self) -> bool:
        return bool(self.then and self.now and self.now.sha256 and self.now.sha256 in self.then.sha256s)

    @property
    def range_url(self) -> str:
        """The page of what changed: between two commits, or else between two days."""
        if not (self.repository and self.now and self.then):
            return ""
        between = self.repository.compare(self.then.commit, self.now.commit)
        if between or not (self.then_at and self.now.uploaded_at and self.then_at < self.now.uploaded_at):
            return between
        return self.repository.commits(self.then_at, self.now.uploaded_at)


def change_of(story: Story, name: str) -> Change:
    green: Green | None = story.before.green
    then = next((each for each in green.packages if each.name == name), None) if green else None
    then_at = (then.uploaded_at or green.at) if green and then else None
    return Change(name, story.proved(name), then, then_at)


def culprits(story: Story) -> str:
    """The section of those that are proved to be at fault."""
    lines = [_line(change_of(story, name)) for name in story.culprits[:_MOST]]
    return wording.section("Culprit" if len(lines) == 1 else "Culprits", "\n".join(lines))


def changed(story: Story) -> str:
    """The section of the nightlies that are others than in the last green run, where nobody is proved at fault."""
    if story.culprits or story.outcome not in _NEEDS_A_HINT or not story.before.green:
        return ""
    changes = [change_of(story, each.name) for each in story.proof.nightlies]
    lines = [_line(change) for change in changes if not change.is_same_wheel]
    more = [f"- and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return wording.section("What has changed since the last green run", "\n".join([*lines[:_MOST], *more]))


def how_shown(story: Story, width: int) -> str:
    """The section of what the experiments prove."""
    lines = [_shown(story, cause, width) for cause in story.causes[:_MOST]]
    return wording.section("How it was shown", "\n".join(lines))


def _line(change: Change) -> str:
    repository = change.repository
    name = f"**{markdown.text(wording.clip(change.name, 80))}**"
    name = wording.link(name, repository.url) if repository else name
    return f"- {name}: {'; '.join(_facts(change))}"


def _facts(change: Change) -> Iterator[str]:
    new = wording.quoted(change.new or "an unknown version", 80)
    was = "in the last green run" if change.then else "stable"
    yield f"{wording.quoted(change.old, 80)} ({was}) → {new}" if change.old else new
    if change.now and change.now.uploaded_at:
        yield f"uploaded {wording.minute(change.now.uploaded_at)}"
    if change.old == change.new and not change.is_same_wheel:
        yield "another wheel of the same version"
    if change.is_same_wheel:
        yield "the same wheel as in the last green run, so something else has changed as well"
    elif range_text := _range(change):
        yield range_text


def _range(change: Change) -> str:
    """What changed between the two, as exactly as is known."""
    if not (change.now and change.then):
        return ""
    if change.repository and (url := change.repository.compare(change.then.commit, change.now.commit)):
        return wording.link(f"commits {_short(change.then.commit)} to {_short(change.now.commit)}", url)
    if not change.range_url:
        return ""
    days = f"built between about {wording.day(change.then_at)} and {wording.day(change.now.uploaded_at)}"
    return f"{days}: {wording.link('commits of these days', change.range_url)}"


def _short(commit: str | None) -> str:
    return f"`{(commit or '')[:7]}`"


def _shown(story: Story, cause: Cause, width: int) -> str:
    cells = wording.listed([markdown.text(wording.clip(story.cell_name(index), 80)) for index in cause.shown_in])
    because = markdown.text(wording.clip(" ".join(cause.because[:_FEW]), 2 * width))
    what = what_breaks(cause)
    return f"- **{markdown.text(wording.clip(what[:1].upper() + what[1:], width))}.** {because} (Shown on {cells}.)"
