"""The issue itself: found again by its marker, and brought in line with what a run has shown."""

from __future__ import annotations

from nightly.actions import Runner
from nightly.downstream.telling.issue_body import recovery, report_of
from nightly.downstream.telling.lifecycle import IGNORE, Rule, considered, rule_of
from nightly.downstream.telling.story import Story
from nightly.errors import UserError
from nightly.github.api import GitHubWriter
from nightly.github.explain import explain
from nightly.http_errors import HttpError
from nightly.issues import Step, Sync, Tracked, sync
from nightly.posting import post
from nightly.tracker import Label, read_tracked

KIND = "nightlies"
"""Of the markers."""

LABELS = (Label("nightly", "1d76db", "Tests against nightlies: kept up to date, and closed by a green run"),)
IGNORED = Label(IGNORE, "c5c5c5", "Close an issue with this label to hear no more until other tests fail")


def keep_issue(writer: GitHubWriter, story: Story, runner: Runner) -> str:
    """Open, edit, comment on or close the one issue. Returns its address, "" where there's none that is open.

    Raises:
        UserError: GitHub can't be spoken to, or refused a part of it. The next run goes on where it stopped.
    """
    try:
        author = writer.login()
        known = _known(writer, author, story)
        plan = _plan(story, known)
        if any(action.step is Step.OPEN for action in plan.actions):
            writer.ensure_label(IGNORED.name, IGNORED.color, IGNORED.description)
    except HttpError as error:
        raise explain(error) from error
    outcomes = post(writer, author, plan, runner, LABELS)
    if errors := [outcome.error for outcome in outcomes if outcome.error]:
        raise UserError("\n".join(errors), title="The issue isn't up to date", do="Run this job again.")
    if rule_of(story) is Rule.CLOSE:
        return ""
    return next((outcome.url for outcome in outcomes if outcome.action.step is not Step.CLOSE), _open_one(known))


def _known(writer: GitHubWriter, author: str, story: Story) -> tuple[Tracked, ...]:
    """Our issues of this name. Others' are theirs."""
    key = story.scene.name
    wanted = [key] if rule_of(story) is Rule.OPEN else []
    return tuple(each for each in read_tracked(writer, author, KIND, wanted) if each.marker.key == key)


def _plan(story: Story, known: tuple[Tracked, ...]) -> Sync:
    is_red = rule_of(story) is Rule.OPEN
    existing = considered(known, story.state if is_red else "", story.scene.at)
    return sync([report_of(story)] if is_red else [], existing, KIND, cured=recovery(story))


def _open_one(known: tuple[Tracked, ...]) -> str:
    return next((each.issue.url for each in known if each.issue.is_open), "")
