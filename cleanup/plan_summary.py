"""A plan as Markdown that a person reads in ten seconds, and as lines of a log. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from nightly import markdown
from plan import Decided, Plan, ProjectPlan
from quantities import spell_size
from retention import Decision, Verdict

_SHOWN = 500
"""Rows of a table: a summary may have 1 MiB, and whoever reads on reads the file."""

_HEADERS = ("project", "kept", "held, and why", "to go", "before", "after", "next to go")


def headline(plan: Plan) -> str:
    """What goes, in one line."""
    going = len(plan.going)
    size = spell_size(plan.size - plan.size_after)
    return f"{going or 'no'} file{'s' * (going != 1)} to go, {size}" if going else "nothing to go"


def plan_summary(plan: Plan, warnings: Sequence[str]) -> str:
    """The step's summary: what stays, what goes and why, and what is wrong."""
    sections = [
        f"## Cleanup plan: {headline(plan)}",
        identity(plan),
        "\n".join(f"- {markdown.text(each)}" for each in (*problems(plan), *warnings)),
        _projects(plan),
        folded("What goes, and why", decision_table(plan.of(Verdict.DELETE))),
        folded("What is held, and why", decision_table(plan.of(Verdict.HOLD))),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan for the log: a line for each project, and one for each file that goes."""
    for project in plan.projects:
        yield f"  {project.project}: {project.unread or _counts(project)}"
        for each in project.of(Verdict.DELETE):
            yield f"    delete {each.file.filename}: {each.reason}"


def problems(plan: Plan) -> Iterator[str]:
    """What is wrong with the channel's answers, a sentence each."""
    yield from plan.doubts
    yield from (f"{each.project} couldn't be read, and nothing of it goes: {each.reason}" for each in plan.unread)
    if plan.unclear:
        first = plan.unclear[0]
        yield f"{len(plan.unclear)} file(s) can't be judged, such as {first.file.filename}: {first.reason}."


def identity(plan: Plan) -> str:
    """Which channel, when, and by what this plan can be confirmed."""
    labels = f", label {markdown.code(', '.join(plan.labels))}" if plan.labels else ""
    return f"Channel {markdown.code(plan.channel)}{labels}, {minute(plan.now)}, digest {markdown.code(plan.digest)}"


def minute(time: datetime) -> str:
    """A time in UTC to the minute."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def held_and_why(decided: Decided) -> str:
    """How many files each rule holds."""
    rules = Counter(each.rule for each in decided.of(Verdict.HOLD))
    return ", ".join(f"{count} {rule}" for rule, count in sorted(rules.items())) or "0"


def decision_table(decisions: Sequence[Decision]) -> str:
    """Files and why they stay or go."""
    return reasons_table((each.file.filename, each.reason) for each in decisions)


def reasons_table(reasons: Iterable[tuple[str, str]]) -> str:
    """File names and reasons, as many as fit."""
    rows = [(markdown.code(filename), markdown.text(reason)) for filename, reason in reasons]
    more = f"\n\nand {len(rows) - _SHOWN} more, which the file names." if len(rows) > _SHOWN else ""
    return markdown.table(["file", "why"], rows[:_SHOWN]) + more if rows else ""


def folded(title: str, content: str) -> str:
    """What is read by whom it interests."""
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>" if content else ""


def _projects(plan: Plan) -> str:
    rows = [_row(markdown.text(each.project), each, each.unread) for each in plan.projects]
    return markdown.table(_HEADERS, [*rows, _row("all", plan)]) if rows else ""


def _row(name: str, decided: Decided, unread: str = "") -> Sequence[str]:
    if unread:
        return (name, "?", "all of it, for it couldn't be read", "0", "?", "?", "")
    kept, going = len(decided.of(Verdict.KEEP)), len(decided.going)
    sizes = (_size(decided.size), _size(decided.size_after))
    return (name, str(kept), held_and_why(decided), str(going), *sizes, _next(decided.next_to_go))


def _next(decision: Decision | None) -> str:
    if not decision or not decision.goes_at:
        return "nothing"
    return f"{minute(decision.goes_at)}: {markdown.code(decision.file.filename)}"


def _counts(project: ProjectPlan) -> str:
    kept, going = len(project.of(Verdict.KEEP)), len(project.going)
    sizes = f"{spell_size(project.size)} before, {spell_size(project.size_after)} after"
    return f"{kept} kept, held {held_and_why(project)}, {going} to go, {sizes}"


def _size(size: int) -> str:
    return spell_size(size).replace(" ", "&nbsp;")
