"""Making a plan: what a channel holds, and what a policy makes of it. Nothing here can change a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inventory import Inventory, take_inventory
from nightly.channel import Channel
from nightly.patience import Patience
from plan import Plan, doubts_about
from policy import check_policy
from retention import decide
from rules import Policy


@dataclass(frozen=True)
class Terms:
    """By what is planned: the policy, the labels (none in a directory), the moment, and what was planned before."""

    policy: Policy
    labels: tuple[str, ...]
    now: datetime
    previous: Plan | None = None


def make_plan(channel: Channel, terms: Terms, patience: Patience) -> tuple[Plan, Sequence[str]]:
    """Decide for every file of a channel. Returns also what the user should know of the policy.

    Raises:
        UserError: the channel's list of projects can't be had, or the policy isn't for this channel any more.
    """
    inventory = take_inventory(channel, patience)
    warnings = check_policy(terms.policy, _versions(inventory), terms.now.date())
    plan = Plan(
        decisions=decide(inventory.files, terms.policy, terms.now, terms.labels),
        channel=channel.identity,
        labels=terms.labels,
        policy=terms.policy.digest,
        now=terms.now,
        unread=inventory.unread,
    )
    return replace(plan, doubts=tuple(doubts_about(plan, terms.previous))), warnings


def _versions(inventory: Inventory) -> dict[str, frozenset[str] | None]:
    unread = {each.project: None for each in inventory.unread}
    return {**unread, **{project: each.versions for project, each in inventory.listings.items()}}
