"""A report for an upstream, written but not sent: a link opens its page for new issues, filled in. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nightly import markdown
from nightly.downstream.isolating.finding import Proves
from nightly.downstream.telling import wording
from nightly.downstream.telling.causes import Cause
from nightly.downstream.telling.culprits import Change, change_of
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.headline import fails, tests
from nightly.downstream.telling.reproducing import reproduction_lines
from nightly.downstream.telling.story import Story

LONGEST_URL = 6000
"""In characters: browsers and GitHub take more than 8,000, and what is pasted elsewhere is often cut earlier."""

_SHORT_URL = 2000
_TRACEBACKS = (3000, 1500, 700, 300, 0)
_MOST = 12

_HINT = (
    "Nothing is sent by itself: a link opens a new issue there, filled in, for you to look over. See first whether "
    "somebody has told them already."
)


def upstream_links(story: Story, detail: Detail) -> str:
    """The section, with a link for each culprit whose repository is known."""
    longest = LONGEST_URL if detail.traceback else _SHORT_URL
    lines = (
        _line(story, cause, name, longest) for cause in story.causes if cause.is_upstream for name in cause.projects
    )
    said = [line for line in dict.fromkeys(lines) if line][: min(_MOST, detail.groups)]
    return wording.section("Tell them", *([_HINT, "\n".join(said)] if said else []))


def report_url(story: Story, cause: Cause, name: str, longest: int = LONGEST_URL) -> str:
    """The address of a new issue in the culprit's repository, filled in; "" where that isn't known."""
    change = change_of(story, name)
    if change.repository is None:
        return ""
    what = f"{tests(cause.tests).capitalize()} of {story.scene.repository}"
    title = wording.clip(f"{what} {fails(cause.tests)} with the nightly {change.new}".strip(), 150)
    bodies = (_body(story, cause, change, most) for most in _TRACEBACKS)
    urls = (change.repository.new_issue(title, body) for body in bodies)
    return next((url for url in urls if len(url) <= longest), change.repository.new_issue("", story.scene.run_url))


def _line(story: Story, cause: Cause, name: str, longest: int) -> str:
    url = report_url(story, cause, name, longest)
    return f"- {wording.link(f'A report for {markdown.text(wording.clip(name, 80))}', url)}" if url else ""


def _body(story: Story, cause: Cause, change: Change, most: int) -> str:
    return wording.joined(_parts(story, cause, change, most))


def _parts(story: Story, cause: Cause, change: Change, most: int) -> Iterator[str]:
    new, old = wording.quoted(change.new, 60), wording.quoted(change.old, 60)
    what = f"{tests(cause.tests).capitalize()} of {markdown.text(story.scene.repository)} {fails(cause.tests)}"
    how = markdown.text(wording.clip(" ".join(cause.because[:1]), 300))
    yield f"{what} with the nightly wheel {new} of {markdown.text(change.name)}. {how}"
    before = "In our last green run it was" if change.then else "The stable release is"
    yield f"{before} {old}." if change.old else ""
    yield f"What has changed since: {change.range_url}" if change.range_url else ""
    yield _first_failure(story, cause, most)
    yield _environment(story, cause, change.name)
    yield f"The run: {story.scene.run_url}"


def _first_failure(story: Story, cause: Cause, most: int) -> str:
    """The last line of most of these tests, and the end of its traceback."""
    group = next((each for each in story.groups if not set(cause.tests).isdisjoint(each.tests)), None)
    if group is None or not group.message:
        return ""
    if not most:
        return wording.quoted(group.message, 100)
    return markdown.fenced(wording.tail(group.traceback or group.message, most))


def _environment(story: Story, cause: Cause, name: str) -> str:
    """Python, platform, and how to install exactly this and run a test: an interaction takes more than this one."""
    result = next((each for each in story.results if each.cell.index in cause.shown_in), None)
    if result is None:
        return ""
    where = f"Python {wording.clip(result.python or result.cell.python, 20)}, {result.platform or result.cell.os}"
    projects = (name,) if cause.proves is Proves.SEVERAL else cause.projects
    lines = reproduction_lines(result, projects, cause.tests, len(projects))[:1]
    return markdown.fenced("\n".join([wording.clip(where, 100), *lines]))
