"""How to see it fail on a laptop: a line for pip and one for uv. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from nightly import markdown
from nightly.actions import printable
from nightly.downstream.records.plan import Package
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End
from nightly.downstream.telling import wording
from nightly.downstream.telling.controls import failing
from nightly.downstream.telling.detail import Detail
from nightly.downstream.telling.story import Story

_SWAP = ("python -m pip install --no-deps --force-reinstall", "uv pip install --no-deps --reinstall")
_RESOLVE = ("python -m pip install .", "uv pip install .")
_LONGEST = 20_000
"""In characters, of a line."""

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
    lines = reproduction_lines(result, story.culprits, detail.rows) if result else ()
    if result is None or not lines:
        return ""
    where = f"With Python {wording.quoted(result.python or result.cell.python, 40)}"
    on = f" on {wording.quoted(result.platform or result.cell.os, 60)}, by pip or by uv:"
    after = _AFTER_RESOLVE if result.end is End.CANNOT_INSTALL else _AFTER_SWAP
    return wording.section("On a laptop", where + on, markdown.fenced("\n".join(lines)), f"{after} {_OVERWRITTEN}")


def reproduction_lines(result: CellResult, culprits: tuple[str, ...], most: int) -> tuple[str, ...]:
    """A line for pip and one for uv, for a POSIX shell; none where the wheels aren't known, or are too many.

    Where the installation is what fails, the installer has to resolve; else what is there is only replaced.
    """
    planned = result.plan.planned if result.plan and result.end not in _NOTHING_TO_SEE else ()
    wanted = [each for each in planned if each.name in culprits] or list(planned)
    wheels = [shlex.quote(requirement(each)) for each in wanted if each.url]
    if not wheels or len(wheels) > most:
        return ()
    installers = _RESOLVE if result.end is End.CANNOT_INSTALL else _SWAP
    lines = (" ".join((installer, *wheels, *_test(result))) for installer in installers)
    return tuple(line for line in lines if len(line) <= _LONGEST)


def requirement(package: Package) -> str:
    """The exact file, as pip and uv take it (PEP 508)."""
    fragment = f"#sha256={package.sha256}" if package.sha256 else ""
    return " ".join(printable(f"{package.name} @ {package.url}{fragment}").split())


def _test(result: CellResult) -> Iterator[str]:
    """Running the first failing test, where tests can be told apart."""
    first = next(iter(failing(result)), WHOLE_COMMAND)
    if result.by_test and first != WHOLE_COMMAND and first.isprintable():
        yield f"&& python -m pytest {shlex.quote(first)}"
