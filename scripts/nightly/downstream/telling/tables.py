"""Tables of an issue and a summary: the cells, the last runs, what is known to fail. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from nightly import markdown
from nightly.downstream.records.result import Known
from nightly.downstream.telling import wording
from nightly.downstream.telling.controls import Control, Controlled, failing
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.merging import proved_words
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import CellStory, Story

_CONTROL = {
    Control.PASSED: "pass with stable releases",
    Control.FAILED: "fail with stable releases too",
    Control.UNKNOWN: "couldn't be told",
}


def cells(story: Story, detail: Detail) -> str:
    """The section of how each cell ended."""
    headers = ("where", "outcome", "failed", "passed", "really nightly", "what")
    rows = [_cell(each, detail.width) for each in story.cells]
    return wording.section("Each cell", wording.table(headers, rows, detail.rows, "more cell") if rows else "")


def controls(story: Story, detail: Detail) -> str:
    """The section of what the same tests did without nightlies."""
    if not any(each.result and each.result.failures for each in story.cells) and not story.controls:
        return ""
    lines = [_control(story, each, detail.width) for each in story.controls[: detail.rows]]
    none = "There is no control: the failing tests weren't run without nightlies, or that result was lost."
    return wording.section("Without nightlies (control)", "\n".join(lines) or none)


def history(story: Story, detail: Detail) -> str:
    """The section of the last runs, this one first."""
    rows = [
        (
            wording.link(wording.day(week.at), week.run_url),
            markdown.text(wording.clip(week.outcome, 40)),
            wording.listed([wording.quoted(name, 60) for name in week.culprits]),
            markdown.text(wording.clip(week.proved, 20)),
        )
        for week in story.history.weeks
    ]
    headers = ("run", "outcome", "culprit", "really nightly")
    return wording.section("The last runs", wording.table(headers, rows, detail.rows, "more run"))


def known_failures(story: Story, detail: Detail) -> str:
    """The section of the known failures: what they cover, and which have passed or have expired."""
    entries: dict[tuple[str, str, str, bool], list[Known]] = {}
    for known in (each for result in story.results for each in result.known):
        entries.setdefault((known.pattern, known.issue, known.expires, known.is_expired), []).append(known)
    rows = [_known(found, detail.width) for found in entries.values()]
    headers = ("pattern", "issue", "until", "what it does")
    return wording.section("Known failures", wording.table(headers, rows, detail.rows, "more entry") if rows else "")


def notes(story: Story, detail: Detail) -> str:
    """The section of what couldn't be read."""
    lines = [f"- {markdown.text(wording.clip(note, detail.width))}" for note in story.notes[: detail.rows]]
    return wording.section("What couldn't be read", "\n".join(lines))


def _cell(story: CellStory, width: int) -> tuple[str, ...]:
    result = story.result
    name, outcome = markdown.text(wording.clip(story.cell.name, 80)), story.outcome.value
    if result is None:
        return (name, outcome, "", "", "", "no result: it was cancelled or lost, or what comes before the tests failed")
    stopped = f"stopped in {wording.quoted(result.stopped_in, width)}" if result.stopped_in else ""
    if story.outcome is Outcome.UNKNOWN:
        return (name, outcome, "", "", proved_words(result.proof), "no test passed, and none failed")
    said = markdown.text(wording.clip(wording.first_line(result.problem), width).rstrip("."))
    failed = f"{len(result.failures):,}" if result.by_test else ""
    passed = f"{result.passed:,}" if result.by_test else ""
    return (name, outcome, failed, passed, proved_words(result.proof), "; ".join(p for p in (said, stopped) if p))


def _control(story: Story, control: Controlled, width: int) -> str:
    tests = next((failing(each.result) for each in story.cells if each.cell.index == control.cell and each.result), ())
    what = _CONTROL.get(control.of(tests)) or f"pass, but {wording.count(len(control.failed), 'test')} fail too"
    problem = f" ({markdown.text(wording.clip(control.problem, width))})" if control.problem else ""
    return f"- {markdown.text(wording.clip(story.cell_name(control.cell), 80))}: the failing tests {what}{problem}"


def _known(entries: Iterable[Known], width: int) -> tuple[str, ...]:
    found = list(entries)
    first, tests = found[0], {test for each in found for test in each.tests}
    passed = {test for each in found for test in each.passed}
    says = [f"covers {wording.count(len(tests), 'failing test')}"] if tests else []
    says += [f"**{wording.count(len(passed), 'test')} of it passed**: take it out"] if passed and not tests else []
    says += [f"{wording.count(len(passed), 'test')} of it passed elsewhere"] if passed and tests else []
    says += ["**it has expired**, and covers nothing any more"] if first.is_expired else []
    issue = wording.link("issue", first.issue) if first.issue else ""
    return (
        wording.quoted(first.pattern, width),
        issue,
        markdown.text(wording.clip(first.expires, 40)),
        "; ".join(says) or "nothing failed",
    )
