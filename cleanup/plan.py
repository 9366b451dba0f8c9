"""A plan: what becomes of every file of a channel, and why. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby

from packaging.utils import canonicalize_name

from forecast import total_size
from nightly.channel import RemoteFile
from retention import Decision, Verdict

_SKEW = timedelta(hours=1)
"""How far two clocks may differ before somebody should look why."""

_UNKNOWN = frozenset({"unknown-time", "unknown-version"})
_LAST = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Decided:
    """Files and what becomes of them, by project, version and file name. Sizes are in bytes."""

    decisions: tuple[Decision, ...]

    def of(self, verdict: Verdict) -> tuple[Decision, ...]:
        return tuple(each for each in self.decisions if each.verdict is verdict)

    @property
    def going(self) -> tuple[RemoteFile, ...]:
        return tuple(each.file for each in self.of(Verdict.DELETE))

    @property
    def staying(self) -> tuple[Decision, ...]:
        return tuple(each for each in self.decisions if each.verdict is not Verdict.DELETE)

    @property
    def size(self) -> int:
        """With what goes."""
        return total_size(each.file for each in self.decisions)

    @property
    def size_after(self) -> int:
        return total_size(each.file for each in self.staying)

    @property
    def next_to_go(self) -> Decision | None:
        """What goes first of what stays now, if nothing new comes."""
        ending = (each for each in self.staying if each.goes_at)
        return min(ending, key=lambda each: (each.goes_at or _LAST, each.file.filename), default=None)


@dataclass(frozen=True)
class Unread:
    """A project that couldn't be read, and why. Nothing of it goes."""

    project: str
    reason: str


@dataclass(frozen=True)
class ProjectPlan(Decided):
    """What becomes of one project's files, in the channel's spelling; `unread` says why it isn't known of any."""

    project: str
    unread: str = ""


@dataclass(frozen=True)
class Plan(Decided):
    """What becomes of every file of a channel at the moment `now` (UTC), by the policy that has this digest.

    It's for the files under `labels`; a directory has none. `doubts` are what makes the channel's own answers hard to
    believe: while there are any, nothing goes unless it's confirmed.
    """

    channel: str
    labels: tuple[str, ...]
    policy: str
    now: datetime
    unread: tuple[Unread, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def projects(self) -> tuple[ProjectPlan, ...]:
        """By name, those that couldn't be read too."""
        groups = groupby(self.decisions, key=_project)
        read = [ProjectPlan(own, own[0].file.project) for own in (tuple(group) for _, group in groups)]
        unread = [ProjectPlan((), each.project, each.reason) for each in self.unread]
        return tuple(sorted([*read, *unread], key=lambda each: canonicalize_name(each.project)))

    @property
    def unclear(self) -> tuple[Decision, ...]:
        """What is held for want of a version or a time that can be: somebody has to look why."""
        return tuple(each for each in self.decisions if each.rule in _UNKNOWN or self._is_far_ahead(each))

    def _is_far_ahead(self, each: Decision) -> bool:
        time = each.file.uploaded_at
        return each.rule == "future-time" and time is not None and time - self.now > _SKEW

    @property
    def is_sound(self) -> bool:
        """Whether all of the channel could be read, judged and believed."""
        return not (self.unread or self.unclear or self.doubts)

    @property
    def digest(self) -> str:
        """The same for all plans that delete the same files of the same channel (sha256, hexadecimal)."""
        files = sorted((file.project, file.version, file.filename, file.handle) for file in self.going)
        return hashlib.sha256(json.dumps([self.channel, self.labels, files]).encode()).hexdigest()


def doubts_about(plan: Plan, previous: Plan | None) -> Iterator[str]:
    """Why a channel's lists are hard to believe: there's nothing, or at most half of what the previous plan kept.

    What couldn't be read is no doubt: nothing is believed of it anyway.
    """
    if not plan.projects:
        yield "The channel's list of projects is empty. More often than not that's a wrong name or a broken answer."
    elif previous:
        unread = {canonicalize_name(each.project) for each in plan.unread}
        kept = [_project(each) for each in previous.staying]
        files = [project for project in kept if project not in unread]
        projects = {*kept, *(canonicalize_name(each.project) for each in previous.unread)}
        yield from _shrunk("projects", len(projects), len(plan.projects))
        yield from _shrunk("files", len(files), len(plan.decisions))


def _shrunk(what: str, before: int, now: int) -> Iterator[str]:
    if now * 2 <= before:
        yield f"The channel lists {now} {what}, of {before} that the previous plan kept: half of a list is no list."


def _project(decision: Decision) -> str:
    return canonicalize_name(decision.file.project)
