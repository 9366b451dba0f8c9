"""The failing tests, by their last line. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nightly import markdown
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult
from nightly.downstream.telling import wording
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.groups import Group
from nightly.downstream.telling.story import Story


def failures(story: Story, detail: Detail) -> str:
    """The section of the failing tests, with one traceback for each last line."""
    cells = sum(bool(result.failures) for result in story.results)
    shown = [_group(story, group, detail, cells) for group in story.groups[: detail.groups]]
    left = len(story.groups) - len(shown)
    more = f"and {wording.count(left, 'more last line')}." if left else ""
    return wording.section("Failing tests, by their last line", *shown, more)


def troubles(story: Story, detail: Detail) -> str:
    """The section of what went wrong but for tests: each cell's problem, and the end of its log."""
    told: dict[str, list[CellResult]] = {}
    for result in story.results:
        if result.is_red and (result.problem or result.stopped_in or not result.failures):
            told.setdefault(f"{result.end.value} {result.problem} {result.stopped_in}", []).append(result)
    shown = [_trouble(results, detail) for results in [*told.values()][: detail.groups]]
    return wording.section("What went wrong", *shown)


def _group(story: Story, group: Group, detail: Detail, cells: int) -> str:
    names = [wording.quoted(test or "the whole command", detail.width) for test in [*group.tests][: detail.tests]]
    left = len(group.tests) - len(names)
    lines = [*(f"- {name}" for name in names), *([f"- and {left:,} more"] if left else [])]
    head = f"**{_how_many(group)}{_where(story, group, cells)}:** {wording.quoted(group.message, detail.width)}"
    return wording.joined([head, "\n".join(lines), _traceback(group, detail)])


def _how_many(group: Group) -> str:
    if group.is_collection:
        return f"{wording.count(len(group.tests), 'file')} can't be collected"
    return "The command" if [*group.tests] == [WHOLE_COMMAND] else wording.count(len(group.tests), "test")


def _where(story: Story, group: Group, cells: int) -> str:
    """In which cells, where it isn't all of those that failed."""
    if len(group.cells) >= cells:
        return ""
    return " on " + wording.listed([markdown.text(story.cell_name(index)) for index in group.cells], 2)


def _traceback(group: Group, detail: Detail) -> str:
    if not group.traceback or not detail.traceback:
        return ""
    of = f" of {markdown.code(wording.clip(group.traceback_of, 100))}" if group.traceback_of else ""
    return wording.folded(f"Traceback{of}", markdown.fenced(wording.tail(group.traceback, detail.traceback)))


def _trouble(results: list[CellResult], detail: Detail) -> str:
    return wording.joined(_trouble_parts(results, detail))


def _trouble_parts(results: list[CellResult], detail: Detail) -> Iterator[str]:
    result = results[0]
    where = wording.listed([markdown.text(wording.clip(each.cell.name, 80)) for each in results], 4)
    first = wording.first_line(result.problem)
    problem = f": {markdown.text(wording.clip(first, 4 * detail.width))}" if first else ""
    yield f"**{where}** ended as `{result.end.value}`{problem}"
    if details := result.problem.strip().removeprefix(first).strip("\n"):
        yield markdown.fenced(details[: max(detail.traceback, 4 * detail.width)])
    if result.stopped_in:
        yield f"It stopped in {wording.quoted(result.stopped_in, detail.width)}."
    if result.log_tail and detail.traceback:
        yield wording.folded("The last lines", markdown.fenced(wording.tail(result.log_tail, detail.traceback)))
