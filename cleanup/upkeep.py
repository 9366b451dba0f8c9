"""What the channel's own admins have to look after: days that the policy names, and whether the cleanup runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from cadence import WARNING
from nightly import markdown
from nightly.github.records import Run
from nightly.issues import Report
from plan_summary import minute
from rules import Policy

LATEST = timedelta(days=2)
"""How long ago the last cleanup may be, where it is daily."""

# Other conclusions are of runs that were stopped, or never began.
_RAN = frozenset({"success", "failure"})


def policy_report(policy: Policy, now: datetime) -> Report | None:
    """What to say of promises that end within a week, or have ended: then the cleanup refuses the policy."""
    last = now.astimezone(timezone.utc).date() + WARNING
    terms = [(each.project, each) for each in policy.exempt] + [(each.requirement, each) for each in policy.pin]
    ending = sorted((each.until, each.line, name) for name, each in terms if each.until and each.until <= last)
    if not ending:
        return None
    rows = [(f"line {line}", markdown.code(name), f"{until}") for until, line, name in ending]
    return Report(
        key="policy",
        title="Promises of the cleanup's policy are about to end",
        body=f"These of {markdown.code(policy.source)} are in force up to that day:\n\n"
        f"{markdown.table(['where', 'what stays', 'up to'], rows)}\n\n"
        "From the day after on, the cleanup refuses the policy and deletes nothing. **What to do**: remove them, or "
        "move the day and say why.",
        state=" ".join(f"{name}:{until}" for until, _, name in ending),
        news="There are others now: the description above has them.",
    )


def last_cleanup(runs: Sequence[Run]) -> Run | None:
    """The newest run that its schedule started, and that came to an end."""
    ran = (run for run in runs if run.event == "schedule" and run.conclusion in _RAN)
    return max(ran, key=lambda run: run.created_at, default=None)


def overdue_report(workflow: str, last: Run | None, now: datetime) -> Report | None:
    """What to say where the last cleanup is too long ago, or there was none."""
    if last and now - last.created_at <= LATEST:
        return None
    since = f"[The last one]({last.url}) began on {minute(last.created_at)}." if last else "None is known."
    return Report(
        key="cleanup",
        title="The daily cleanup doesn't run",
        body=f"{since} The channel fills up meanwhile.\n\n**What to do**: look at the workflow "
        f"{markdown.code(workflow)}. GitHub may have switched its schedule off, someone else may have, or its file "
        "may have a mistake that keeps it from starting.",
        state="overdue",
    )
