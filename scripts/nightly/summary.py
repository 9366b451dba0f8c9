"""A report as Markdown that a person reads in ten seconds, and as lines of a log. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from packaging.version import Version

from nightly import markdown
from nightly.channel import Outcome, State
from nightly.error_text import explained
from nightly.errors import UserError
from nightly.plan import Step
from nightly.report import Report

_ORDER = (State.FAILED, State.UPLOADED, State.REPLACED, State.SKIPPED, State.PLANNED)
_FAILURES_SHOWN = 50


def headline(report: Report) -> str:
    """How it ended, in one line."""
    counts = Counter(outcome.state for outcome in report.outcomes)
    parts = [f"{counts[state]} {state.value}" for state in _ORDER if counts[state]]
    return f"{len(report.outcomes)} wheel{'s' * (len(report.outcomes) != 1)}: {', '.join(parts) or 'nothing to do'}"


def summary(report: Report, warnings: Sequence[str]) -> str:
    """The step's summary: what, where, how to install exactly this, and what went wrong."""
    sections = [
        f"## Nightly upload of {markdown.text(headline(report))}",
        f"Channel {markdown.code(report.channel)}, index {markdown.code(report.index_url)}",
        _projects(report),
        _failures(report),
        *(f"- Warning: {markdown.text(warning)}" for warning in warnings),
        "Install exactly this:\n\n" + markdown.fenced("\n".join(install_lines(report))) if _installable(report) else "",
        _files(report),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def failure_summary(error: UserError) -> str:
    """The step's summary of a run that ended before it had anything to report."""
    said = explained(error, "Nothing was written to the channel.")
    return f"## Nightly upload: {markdown.text(error.title)}\n\n{said}\n"


def install_lines(report: Report) -> list[str]:
    """How to install exactly what this run has published, for pip and for uv."""
    pinned = " ".join(f"'{name}=={version}'" for name, version in _installable(report).items())
    if not pinned:
        return []
    return [
        f"pip install --extra-index-url {report.index_url} {pinned}",
        f"uv pip install --index {report.index_url} {pinned}",
    ]


def plan_lines(steps: Sequence[Step]) -> Iterator[str]:
    """The plan as a table for the log."""
    rows = [(step.action.value, step.wheel.filename, size(step.wheel.size)) for step in steps]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for action, filename, amount in rows:
        yield f"  {action:<{widths[0]}}  {filename:<{widths[1]}}  {amount:>{widths[2]}}"


def outcome_line(number: int, total: int, outcome: Outcome) -> str:
    """One file's outcome as a line of the log, which says all of it without a terminal too."""
    took = f" in {outcome.seconds:.1f} s" if outcome.seconds else ""
    reason = f": {outcome.reason}" if outcome.reason else ""
    counter = f"[{number:>{len(str(total))}}/{total}]"
    return f"{counter} {outcome.state.value:<8} {outcome.wheel.filename} ({size(outcome.wheel.size)}){took}{reason}"


def size(amount: float) -> str:
    """Bytes as people read them: 1 MB is 1,000,000 bytes, as on the channel's page."""
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} GB"


def _installable(report: Report) -> dict[str, str]:
    """The highest version of each project that is on the channel now."""
    there = [each for state in (State.UPLOADED, State.REPLACED, State.SKIPPED) for each in report.of(state)]
    ordered = sorted(there, key=lambda each: (each.wheel.project, Version(each.wheel.version)))
    return {each.wheel.name: each.wheel.version for each in ordered}


def _projects(report: Report) -> str:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in report.outcomes:
        groups.setdefault((outcome.wheel.name, outcome.wheel.version), []).append(outcome)
    states = [state for state in _ORDER if report.of(state)]
    rows = [
        (
            markdown.text(name),
            markdown.code(version),
            *(str(sum(each.state is state for each in group)) for state in states),
            size(sum(each.wheel.size for each in group)),
        )
        for (name, version), group in sorted(groups.items())
    ]
    return markdown.table(["project", "version", *(state.value for state in states), "size"], rows) if rows else ""


def _failures(report: Report) -> str:
    failed = report.of(State.FAILED)
    if not failed:
        return ""
    rows = [(markdown.code(each.wheel.filename), markdown.text(each.reason)) for each in failed[:_FAILURES_SHOWN]]
    more = f"\n\nand {len(failed) - _FAILURES_SHOWN} more, which the report names." if len(failed) > len(rows) else ""
    return "### What failed, and why\n\n" + markdown.table(["file", "why, and what to do"], rows) + more


def _files(report: Report) -> str:
    outcomes = [outcome for state in _ORDER for outcome in report.of(state)]
    if not outcomes:
        return ""
    rows = [
        (
            markdown.code(each.wheel.filename),
            each.state.value,
            size(each.wheel.size).replace(" ", "&nbsp;"),
            "see above" if each.state is State.FAILED else markdown.text(each.reason or each.warning),
        )
        for each in outcomes
    ]
    table = markdown.table(["file", "outcome", "size", "note"], rows)
    return f"<details><summary>Every file</summary>\n\n{table}\n\n</details>"
