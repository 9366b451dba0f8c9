"""A plan as lines of a log, as Markdown, and as the error that nothing is left of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from nightly import markdown
from nightly.downstream.planning.ages import spell_age
from nightly.downstream.records.plan import Package, Plan, State
from nightly.errors import UserError

_HEADERS = ("package", "nightly", "uploaded", "stable", "state", "reason")


def headline(plan: Plan) -> str:
    """How many of each state, in one line."""
    counts = Counter(package.state for package in plan.packages)
    said = ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state])
    return f"{said or 'no nightly'} (Python {plan.python} on {plan.platform})"


def plan_lines(plan: Plan, now: datetime) -> Iterator[str]:
    """The plan as a table for the log."""
    rows = [_HEADERS, *(_cells(package, now) for package in plan.packages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADERS))]
    for row in rows if plan.packages else ():
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    yield from (f"Note: {note}" for note in plan.notes)


def plan_summary(plan: Plan, now: datetime) -> str:
    """The plan for the step's summary."""
    rows = [[markdown.text(cell) for cell in _cells(package, now)] for package in plan.packages]
    notes = "\n".join(f"- {markdown.text(note)}" for note in plan.notes)
    sections = [f"## Nightlies: {markdown.text(headline(plan))}", markdown.table(_HEADERS, rows) if rows else "", notes]
    return "\n\n".join(filter(None, sections)) + "\n"


def no_nightly(plan: Plan) -> UserError:
    """Why nothing can be tested: nothing is planned."""
    reasons = [f"{package.name}: {package.state.value}, {package.reason}" for package in plan.packages]
    said = "\n".join(reasons) or "none of the channels has anything that is needed"
    return UserError(
        f"There is no nightly to test with Python {plan.python} on {plan.platform}.\n{said}",
        title="No nightly",
        means="The tests would run against stable releases alone.",
        do="Look at the channels' pages; name other channels in `channels`, allow older nightlies by `max_age`, or "
        "test what is capped all the same by `force`.",
    )


def _cells(package: Package, now: datetime) -> tuple[str, ...]:
    return (
        package.name,
        package.version or "",
        _uploaded(package, now),
        package.stable or "",
        package.state.value,
        package.reason,
    )


def _uploaded(package: Package, now: datetime) -> str:
    if package.uploaded_at is None:
        return "unknown" if package.version else ""
    return f"{package.uploaded_at:%Y-%m-%d %H:%M} UTC ({spell_age(now - package.uploaded_at)} ago)"
