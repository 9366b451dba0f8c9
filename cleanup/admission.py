"""Whether a plan may be carried out: it's fresh, for this channel, by this policy, and within the limits. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from limits import excesses
from nightly.errors import README, UserError
from plan import Plan
from rules import Policy

_OLDEST = timedelta(hours=6)
_SKEW = timedelta(minutes=5)
"""How far the clocks of two runners may differ."""


def check_plan(plan: Plan, policy: Policy, channel: str, labels: tuple[str, ...], now: datetime) -> None:
    """Refuse a plan that wasn't made for this.

    Raises:
        UserError: it's of another channel, label or policy, too old, or from the future.
    """
    if (plan.channel, plan.labels) != (channel, labels):
        raise _refused(f"The plan is for {_where(plan.channel, plan.labels)}, and this is {_where(channel, labels)}.")
    if plan.policy != policy.digest:
        raise _refused(f"The plan was made by another policy than {policy.source}.")
    if plan.now - now > _SKEW:
        raise _refused(f"The plan was made at {plan.now}, which is still to come: it's {now}.")
    if now - plan.now > _OLDEST:
        raise _refused(f"The plan is {now - plan.now} old, and after {_OLDEST} too much may have changed.")


def refusal(plan: Plan, policy: Policy, confirmed: str) -> UserError | None:
    """Why nothing of a plan may go: it's beyond the limits, or rests on doubtful lists, and its digest isn't confirmed.

    What is confirmed is exactly one set of files, so another digest than the plan's is refused even within the limits.
    """
    if confirmed and confirmed != plan.digest:
        return _refused(
            f"What is confirmed is {confirmed}, and what this plan deletes has the digest {plan.digest}.",
            "Look at what it deletes now. If that is right, confirm it with its own digest.",
        )
    beyond = [*plan.doubts, *excesses(plan, policy.limits)]
    if confirmed or not plan.going or not beyond:
        return None
    return UserError(
        " ".join(beyond),
        title="Stopped by a limit",
        means="Nothing was deleted. Either there is more to do than on other days, as after an outage of the cleanup; "
        "or a broken answer, a wrong clock or a changed policy makes too much look old.",
        do=f"Look at what it would delete. If that is right, run it again with --confirm {plan.digest} (the input "
        "confirm): then exactly these files go.",
        more=f"{README}cleanup",
        exit_code=3,
    )


def _refused(what: str, do: str = "Make a new plan, and apply that.") -> UserError:
    return UserError(what, title="Plan refused", do=f"{do} Nothing was deleted.", more=f"{README}cleanup", exit_code=2)


def _where(channel: str, labels: tuple[str, ...]) -> str:
    return f"{channel} (label {', '.join(labels)})" if labels else channel
