"""The gates of a release, and its files, as people read them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nightly import markdown
from nightly.errors import UserError
from nightly.fetching.files import Fetched
from nightly.fetching.table import release_files
from nightly.releasing.evidence import Evidence, tag_version
from nightly.releasing.gates import Gate, failed

_SHOWN = 20
"""How many problems of a gate are shown."""


def headline(evidence: Evidence, found: Sequence[Gate]) -> str:
    """How it ended, in one line."""
    bad = failed(found)
    end = f"no: {', '.join(gate.name for gate in bad)}" if bad else "yes"
    return f"May {evidence.project} be released as {evidence.tag}? {end}"


def summary(evidence: Evidence, found: Sequence[Gate]) -> str:
    """The step's summary: every gate, and the files."""
    rows = [[markdown.code(gate.name), "passed" if gate.passed else "**failed**", _said(gate)] for gate in found]
    built = evidence.info
    sections = [
        f"## {markdown.text(headline(evidence, found))}",
        markdown.table(("gate", "result", "what was found"), rows),
        f"Built from {markdown.code(built.plan.source_sha)} of {markdown.text(built.plan.source_repository)}"
        + (f" by {markdown.code(built.run_url)}." if built.run_url else "."),
        files_table(evidence),
    ]
    return "\n\n".join(sections) + "\n"


def log_lines(found: Sequence[Gate]) -> Iterator[str]:
    """The same for a log."""
    for gate in found:
        yield f"  {'passed' if gate.passed else 'FAILED'}  {gate.name:<9}  {gate.found if gate.passed else ''}".rstrip()
        yield from (f"            {line}" for line in _shown(gate.problems))
        if not gate.passed:
            yield f"            {gate.do}"


def refusal(evidence: Evidence, found: Sequence[Gate]) -> UserError:
    """Why it may not be released."""
    bad = failed(found)
    return UserError(
        "\n".join(f"{gate.name}: {line}" for gate in bad for line in _shown(gate.problems)),
        title=f"{evidence.tag} may not be released",
        means="Nothing was published. The summary has all gates.",
        do="\n".join(gate.do for gate in bad),
    )


def files_table(evidence: Evidence) -> str:
    """The files as the notes of a release show them."""
    files = [Fetched(Path(file.filename), file.size, file.sha256) for file in evidence.files]
    return release_files(files, f"Files of {evidence.project} {tag_version(evidence.tag) or evidence.tag}")


def _said(gate: Gate) -> str:
    if gate.passed:
        return markdown.text(gate.found)
    return "<br>".join([*(markdown.text(line) for line in _shown(gate.problems)), markdown.text(gate.do)])


def _shown(problems: Sequence[str]) -> list[str]:
    more = len(problems) - _SHOWN
    return [*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
