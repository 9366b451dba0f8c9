"""What it means that an installer didn't say what it would install. Pure.

The words are those of pip 22.2 to 26.3 and uv 0.11 to 0.13.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nightly.actions import printable
from nightly.auth import without_passwords
from nightly.downstream.planning.conflicts import demands
from nightly.downstream.planning.install_words import says_moved, why_failed
from nightly.downstream.planning.resolving import Conflict, Moved, Unbuildable, Unreachable
from nightly.downstream.records.plan import Package
from nightly.errors import UserError

_NO_ANSWER = re.compile(
    r"Could not fetch URL (?!.*: 404 )|error sending request|HTTP status server error|valid authentication credentials"
    r"|returned a 403 Forbidden|Could not connect|network was disabled|Failed to fetch: (?!.*\b404\b)"
)
"""Of a registry, when nothing was found. That a project isn't there (404) is an answer."""

_NO_METADATA = re.compile(
    r"subprocess-exited-with-error|ERROR: .* exited with \d|build backend returned an error|metadata-generation-failed"
    r"|Failed to build|Failed to resolve requirements from|(does not appear|not) to be a Python project"
    r"|Failed to parse(:| metadata)|neither 'setup.py' nor 'pyproject.toml'|[Ii]nvalid pyproject.toml"
)

_CONTRADICTION = re.compile(
    r"No solution found|ResolutionImpossible|No matching distribution found|Could not find a version that satisfies"
    r"|conflicting URLs|requires a different Python|Cannot install .* because"
)

_BUILD_FAILED = re.compile(r"error: subprocess-exited-with-error|^ *ERROR: .* exited with \d", re.MULTILINE)
_LINES_OF_BUILD = 8


def refused(said: str, nightlies: Sequence[Package]) -> Conflict:
    """The contradiction that an installer speaks of.

    Raises:
        Unreachable, Unbuildable, Moved, UserError: it speaks of something else.
    """
    text = without_passwords(printable(said))
    why = why_failed(text)
    if says_moved(text, nightlies):
        raise _moved(why)
    if _NO_ANSWER.search(text):
        raise _unreachable(why, text)
    if _NO_METADATA.search(text):
        raise _unbuildable(why, text)
    if _CONTRADICTION.search(text):
        return Conflict(tuple(why.splitlines()), demands(text))
    raise UserError(
        f"The installer doesn't say what it would install. It said:\n{why}",
        title="Cannot resolve",
        means="Mostly an option, a requirement, an extra or a group isn't known to it, or a setting of it is wrong.",
        do="Mend what it complains about; it is run with your own configuration.",
    )


def _moved(why: str) -> Moved:
    return Moved(
        f"A nightly isn't any more what the channel said. The installer said:\n{why}",
        title="Channel moved",
        means="It was replaced under its URL, or removed, since the channel was asked.",
        do="Plan again.",
    )


def _unreachable(why: str, text: str) -> Unreachable:
    line = next(line for line in text.splitlines() if _NO_ANSWER.search(line))
    said = why if line in why else f"{line}\n{why}"
    return Unreachable(
        f"A package registry didn't answer the installer. It said:\n{said}",
        title="No registry",
        means="It can't be reached from here, is out of order, or wants a password.",
        do="Try again later. Its address is that of your own configuration: PIP_INDEX_URL for pip, UV_DEFAULT_INDEX "
        "for uv, or their files.",
    )


def _unbuildable(why: str, text: str) -> Unbuildable:
    return Unbuildable(
        f"The installer can't find out what a project requires. It said:\n{_end_of_build(text)}\n{why}",
        title="No metadata",
        means="The build backend of your project, or of a source distribution that it needs, failed.",
        do="See that `pip install .` works; a compiler or a system's package may be missing (in the workflow, install "
        "it by the input `setup`).",
    )


def _end_of_build(text: str) -> str:
    """What the backend said last. After it, pip tells of itself, and uv of nothing."""
    lines = [line for line in _BUILD_FAILED.split(text, maxsplit=1)[0].splitlines() if line.strip()]
    return "\n".join(lines[-_LINES_OF_BUILD:])
