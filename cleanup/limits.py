"""What one run may delete, and whether a plan keeps to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from forecast import total_size
from plan import Plan
from quantities import spell_size
from rules import Limits


def excesses(plan: Plan, limits: Limits) -> Iterator[str]:
    """In what a plan goes beyond the limits, a sentence each. A share of a channel is of what could be read of it."""
    going, size = len(plan.going), total_size(plan.going)
    if going > limits.files:
        yield f"It deletes {going} files, where the limit is {limits.files}."
    if size > limits.bytes:
        yield f"It deletes {spell_size(size)}, where the limit is {spell_size(limits.bytes)}."
    if len(plan.decisions) > limits.channel_share_above:
        yield from _share("the channel", going, len(plan.decisions), limits.channel_share)
    for project in plan.projects:
        if len(project.decisions) > limits.project_share_above:
            yield from _share(project.project, len(project.going), len(project.decisions), limits.project_share)


def _share(whose: str, going: int, there: int, limit: float) -> Iterator[str]:
    if there and going / there > limit:
        yield f"It deletes {going} of the {there} files of {whose}, where the limit is {limit * 100:.4g} % of them."
