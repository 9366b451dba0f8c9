"""Carrying a plan of issues out, and telling the log how each one ended."""

from __future__ import annotations

from collections.abc import Sequence

from nightly.actions import Runner
from nightly.github.issue_api import IssueWriter
from nightly.issues import Step, Sync
from nightly.tracker import Label, Outcome, Tracker

_DONE = {
    Step.OPEN: "Opened",
    Step.REOPEN: "Reopened",
    Step.COMMENT: "Commented on",
    Step.EDIT: "Edited",
    Step.CLOSE: "Closed",
}


def post(
    writer: IssueWriter, author: str, plan: Sync, runner: Runner, labels: Sequence[Label] = ()
) -> tuple[Outcome, ...]:
    """Do it all, pausing between two issues as before a second try. What fails is an error in the log, and has one.

    Raises:
        UserError: the token doesn't allow it, so no more was tried.
    """
    outcomes = []
    tracker = Tracker(writer, author, labels, pause=writer.patience.first_wait)
    for outcome in tracker.carry_out(plan.actions):
        outcomes.append(outcome)
        action = outcome.action
        of = f"the issue of {action.marker.key}, because {action.why}"
        if outcome.error:
            runner.error(f"Couldn't {action.step.value} {of}: {outcome.error}", title="Issue")
        else:
            runner.line(f"{_DONE[action.step]} {of}: {outcome.url}")
    if plan.postponed:
        runner.notice(f"Left to the next run, as enough was opened: {', '.join(plan.postponed)}.", title="Issues")
    return tuple(outcomes)
