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


def check_channel(plan: Plan, channel: str, labels: tuple[str, ...]) -> None:
    """Refuse a plan for something else.

    Raises:
        UserError: it's of another channel or label.
    """
    if (plan.channel, plan.labels) != (channel, labels):
        raise _refused(f"The plan is for {_where(plan.channel, plan.labels)}, and this is {_where(channel, labels)}.")


def check_plan(plan: Plan, policy: Policy, now: datetime) -> None:
    """Refuse a plan that may not be true any more.

    Raises:
        UserError: it was made by another policy, too long ago, or in the future.
    """
    if plan.policy != policy.digest:
        raise _refused(f"The plan was made by another policy than what {policy.source} says now.")
    if plan.now - now > _SKEW:
        raise _refused(f"The plan is of {plan.now:%Y-%m-%d %H:%M:%S} (UTC), which is still to come.")
    if now - plan.now > _OLDEST:
        hours = _OLDEST // timedelta(hours=1)
        raise _refused(f"The plan is of {plan.now:%Y-%m-%d %H:%M:%S} (UTC): more than {hours} hours ago.")


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
        more=f"{README}when-a-limit-stops-it",
        exit_code=3,
    )


def _refused(what: str, do: str = "Make a new plan, and apply that.") -> UserError:
    return UserError(what, title="Plan refused", do=f"{do} Nothing was deleted.", more=f"{README}cleanup", exit_code=2)


def _where(channel: str, labels: tuple[str, ...]) -> str:
    return f"{channel} (label {', '.join(labels)})" if labels else channel
