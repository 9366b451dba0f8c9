"""How to see it fail on a laptop: a line for pip and one for uv. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator

from packaging.utils import is_normalized_name

from nightly import markdown
from nightly.actions import printable
from nightly.downstream.records.plan import Package
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End
from nightly.downstream.telling import wording
from nightly.downstream.telling.controls import failing
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.story import Story

_SWAP = ("python -m pip install --no-deps --force-reinstall", "uv pip install --no-deps --reinstall")
_RESOLVE = ("python -m pip install .", "uv pip install .")
_LONGEST = 20_000
"""In characters, of a line."""

Said = tuple[str, tuple[str, ...], str]
"""With what, the lines, and what there is to say after them."""

_NOTHING_TO_SEE = frozenset({End.PASSED, End.NO_NIGHTLY, End.CHANNEL_MOVED, End.CHANNEL_DOWN})

_AFTER_SWAP = "This puts the very same wheels into an environment in which the project is installed as ever."
_AFTER_RESOLVE = "This is for the project's directory; if its tests need extras, add them behind the dot."
_OVERWRITTEN = (
    "Where a hash doesn't match, the channel has another wheel under that address by now: leave `#sha256=...` out to "
    "try that one."
)


def reproducing(story: Story, detail: Detail) -> str:
    """The section. What is installed are the culprits where they are proved, or else all nightlies of that cell."""
    result = story.worst
    if result is None:
        return ""
    python, platform = result.python or result.cell.python, result.platform or result.cell.os
    how, lines, after = _own(story, result) if story.outcome is Outcome.OWN_BREAK else _nightly(story, result, detail)
    if not lines:
        return ""
    where = f"With Python {wording.quoted(python, 40)} on {wording.quoted(platform, 60)}, {how}:"
    return wording.section("On a laptop", where, markdown.fenced("\n".join(lines)), after)


def _own(story: Story, result: CellResult) -> Said:
    return "with stable releases", tuple(_test(result, story.own)), ""


def _nightly(story: Story, result: CellResult, detail: Detail) -> Said:
    after = _AFTER_RESOLVE if result.end is End.CANNOT_INSTALL else _AFTER_SWAP
    lines = reproduction_lines(result, story.culprits, failing(result), detail.rows)
    return "by pip or by uv", lines, f"{after} {_OVERWRITTEN}"


def reproduction_lines(
    result: CellResult, projects: Collection[str], tests: Collection[str], most: int
) -> tuple[str, ...]:
    """A line for pip and one for uv, for a POSIX shell; none where the wheels aren't known, or are too many.

    It installs the nightlies of these projects, of all if there are none, and runs the first of these tests. Where the
    installation is what fails, the installer has to resolve; else what is there is only replaced.
    """
    planned = result.plan.planned if result.plan and result.end not in _NOTHING_TO_SEE else ()
    wanted = [each for each in planned if each.name in projects] or list(planned)
    wheels = [shlex.quote(requirement(each)) for each in wanted if _is_on_the_web(each)]
    if not wheels or len(wheels) > most:
        return ()
    installers = _RESOLVE if result.end is End.CANNOT_INSTALL else _SWAP
    test = [f"&& {line}" for line in _test(result, tests)]
    lines = (" ".join((installer, *wheels, *test)) for installer in installers)
    return tuple(line for line in lines if len(line) <= _LONGEST)


def requirement(package: Package) -> str:
    """The exact file, as pip and uv take it (PEP 508)."""
    fragment = f"#sha256={package.sha256}" if package.sha256 else ""
    return " ".join(printable(f"{package.name} @ {package.url}{fragment}").split())


def _is_on_the_web(package: Package) -> bool:
    """Whether it is a name and an address, of which nothing could be taken for an option."""
    return is_normalized_name(package.name) and (package.url or "").startswith(("https://", "http://"))


def _test(result: CellResult, tests: Collection[str]) -> Iterator[str]:
    """Running the first of these tests that fails here, where tests can be told apart."""
    first = next((test for test in failing(result) if test in tests), WHOLE_COMMAND)
    if result.by_test and first != WHOLE_COMMAND and first.isprintable() and not first.startswith("-"):
        yield f"python -m pytest {shlex.quote(first)}"
