"""How a cleanup has ended, as Markdown that a person reads in ten seconds, and as lines of a log. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from packaging.utils import canonicalize_name

from nightly import markdown
from nightly.channel import Deletion, End
from nightly.error_text import explained
from nightly.errors import UserError
from plan import Decided, Plan
from plan_summary import decision_table, folded, held_and_why, identity, reasons_table
from quantities import spell_size
from result import Result
from retention import Verdict

_ENDS = (End.DELETED, End.GONE, End.CHANGED, End.FAILED)


def ended(result: Result) -> str:
    """How it ended, in one line."""
    counts = [f"{len(found)} {end.value}" for end in _ENDS if (found := result.of(end))]
    missing = [f"{len(result.missing)} MISSING"] * bool(result.missing)
    return ", ".join([*counts, *missing, f"{spell_size(result.freed_bytes)} freed"]) if counts else "nothing to do"


def deletion_line(deletion: Deletion) -> str:
    """One deletion's end as a line of the log."""
    reason = f": {deletion.reason}" if deletion.reason else ""
    return f"  {deletion.end.value:<7} {deletion.file.filename}{reason}"


def result_summary(result: Result) -> str:
    """The step's summary: what went, what didn't and why, and what is missing."""
    missing = reasons_table((each.filename or each.project, each.reason) for each in result.missing)
    sections = [
        f"## Cleanup: {markdown.text(ended(result))}",
        identity(result.plan),
        f"It ended before its time: {markdown.text(result.stopped)}" if result.stopped else "",
        _titled("MISSING, though it was to stay", missing),
        _titled("What failed, and why", _table(result.of(End.FAILED))),
        _titled("What changed since it was planned, and was left alone", _table(result.of(End.CHANGED))),
        _projects(result),
        folded("What was deleted", _table(result.of(End.DELETED))),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def refusal_summary(error: UserError, plan: Plan) -> str:
    """The step's summary of a plan that isn't carried out: why, and what it would have deleted."""
    sections = [
        f"## Cleanup: {markdown.text(error.title)}",
        "\n\n".join(markdown.text(part) for part in (error.what, error.means, error.do) if part),
        f"More: {error.more}" if error.more else "",
        identity(plan),
        folded("What it would delete, and why", decision_table(plan.of(Verdict.DELETE))),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def failure_summary(error: UserError) -> str:
    """The step's summary of a run that ended before there was a plan."""
    return f"## Cleanup: {markdown.text(error.title)}\n\n{explained(error, 'Nothing was deleted.')}\n"


def _projects(result: Result) -> str:
    """What became of each project of which anything was to go."""
    ends: defaultdict[str, list[Deletion]] = defaultdict(list)
    for deletion in result.deletions:
        ends[canonicalize_name(deletion.file.project)].append(deletion)
    rows = [
        _row(each.project, each, ends[canonicalize_name(each.project)]) for each in result.plan.projects if each.going
    ]
    headers = ["project", "kept", "held, and why", *(end.value for end in _ENDS), "freed", "left"]
    return markdown.table(headers, rows) if rows else ""


def _row(name: str, decided: Decided, ended: Sequence[Deletion]) -> Sequence[str]:
    counts = (str(sum(each.end is end for each in ended)) for end in _ENDS)
    freed = sum(each.file.size or 0 for each in ended if each.end is End.DELETED)
    sizes = (spell_size(size).replace(" ", "&nbsp;") for size in (freed, decided.size - freed))
    return (markdown.text(name), str(len(decided.of(Verdict.KEEP))), held_and_why(decided), *counts, *sizes)


def _titled(title: str, table: str) -> str:
    return f"### {title}\n\n{table}" if table else ""


def _table(deletions: Sequence[Deletion]) -> str:
    return reasons_table((each.file.filename, each.reason) for each in deletions)
