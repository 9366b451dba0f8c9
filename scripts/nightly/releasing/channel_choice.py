"""Which channel a run publishes to, by what has started it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

BRANCH, TAG = "refs/heads/", "refs/tags/"

_RELEASE_BRANCH = re.compile(r"maintenance/.+|v[^/]*\.x")
"""`maintenance/**` and `v*.x`, as a workflow's filters have them."""

_RELEASE_TAG = re.compile(r"v[^/]*")
"""`v*`."""


class Destination(str, Enum):
    """Where to publish. `NONE` is nowhere."""

    NONE = "none"
    NIGHTLY = "nightly"
    STAGING = "staging"


@dataclass(frozen=True)
class Trigger:
    """What has started the run: GitHub's name of the event, and the full ref that it's for.

    `default_branch` is the repository's, "" where the event doesn't tell. `message` is that of the pushed commit.
    """

    event: str
    ref: str
    default_branch: str = ""
    message: str = ""

    @property
    def is_default_branch(self) -> bool:
        return bool(self.default_branch) and self.ref == BRANCH + self.default_branch

    @property
    def is_dispatch(self) -> bool:
        """Whether somebody has asked for the run, and may say where to publish."""
        return self.event in ("workflow_dispatch", "repository_dispatch")


@dataclass(frozen=True)
class Asked:
    """What the workflow's inputs say: where a dispatched run publishes, and the `marker` that pushed commits need."""

    destination: Destination = Destination.NONE
    marker: str = ""


@dataclass(frozen=True)
class Choice:
    """Where to publish, and why."""

    destination: Destination
    reason: str


def choose(trigger: Trigger, asked: Asked) -> Choice:
    """Where the run publishes: nightlies on a schedule, what was merged and tagged to staging, nothing unasked-for."""
    rule = _RULES.get(trigger.event)
    if rule is None:
        return _none(f"a run for the event {trigger.event or 'of no name'} publishes nothing")
    if not trigger.ref:
        return _none("the run is for no branch and no tag")
    return rule(trigger, asked)


def _pull_request(_trigger: Trigger, _asked: Asked) -> Choice:
    return _none("a pull request isn't merged, and may be a stranger's: labels decide only what is built")


def _merge_group(_trigger: Trigger, _asked: Asked) -> Choice:
    return _none("a merge queue tries what isn't merged yet: the push after it publishes")


def _schedule(trigger: Trigger, _asked: Asked) -> Choice:
    if trigger.default_branch and not trigger.is_default_branch:
        return _none(f"nightlies are of the default branch {trigger.default_branch}, and this is {trigger.ref}")
    return Choice(
        Destination.NIGHTLY, "a run on a schedule, which GitHub starts for the default branch, makes a nightly"
    )


def _push(trigger: Trigger, asked: Asked) -> Choice:
    if trigger.ref.startswith(TAG):
        return _pushed_tag(trigger.ref.removeprefix(TAG))
    branch = trigger.ref.removeprefix(BRANCH)
    is_release_branch = trigger.ref.startswith(BRANCH) and _RELEASE_BRANCH.fullmatch(branch)
    if not trigger.is_default_branch and not is_release_branch:
        default = trigger.default_branch or "which isn't known"
        return _none(f"{trigger.ref} is neither the default branch ({default}) nor maintenance/** nor v*.x")
    if asked.marker and asked.marker not in trigger.message:
        return _none(f"the message of the pushed commit has no {asked.marker}")
    return Choice(Destination.STAGING, f"what is merged into {branch} goes to staging")


def _pushed_tag(tag: str) -> Choice:
    if not _RELEASE_TAG.fullmatch(tag):
        return _none(f"the tag {tag} isn't named like a release (v*)")
    return Choice(Destination.STAGING, f"the tag {tag} makes a candidate for a release, which goes to staging")


def _dispatch(_trigger: Trigger, asked: Asked) -> Choice:
    if asked.destination is Destination.NONE:
        return _none("whoever has started the run has named no channel")
    return Choice(asked.destination, "whoever has started the run has asked for it")


def _none(reason: str) -> Choice:
    return Choice(Destination.NONE, reason)


_RULES: Mapping[str, Callable[[Trigger, Asked], Choice]] = {
    "pull_request": _pull_request,
    "pull_request_target": _pull_request,
    "merge_group": _merge_group,
    "schedule": _schedule,
    "push": _push,
    "workflow_dispatch": _dispatch,
    "repository_dispatch": _dispatch,
}
