"""Reading the roster: the projects that a channel ought to have, and whom their silence is told. As strict as a policy.

A project that is gone from the channel is in no list of it, so somebody else has to remember that it was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name

import policy_values as values
from cadence import UNKNOWN, Rhythm
from document import Document, line_of
from nightly.errors import UserError
from nightly.github.access import repository_name

IRREGULAR = "irregular"


@dataclass(frozen=True)
class Entry:
    """A project of the roster: its repository (OWNER/NAME), and how often it uploads, if that isn't to be guessed.

    `told_there` says that its issues are opened in its own repository.
    """

    project: str
    repository: str
    rhythm: Rhythm = UNKNOWN
    told_there: bool = False


Roster = Mapping[str, Entry]
"""The entries by canonical name."""


_KEYS = ("repository", "cadence", "issues")


def read_roster(path: Path) -> Roster:
    """Read a roster's file.

    Raises:
        UserError: it can't be read, or as `parse_roster` says.
    """
    try:
        return parse_roster(path.read_text(encoding="utf-8-sig"), path.as_posix())
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"The roster {path.as_posix()} can't be read: {error}.",
            title="Bad roster",
            do="Give the path of a YAML file in UTF-8, or none.",
            exit_code=2,
        ) from error


def parse_roster(text: str, source: str) -> Roster:
    """Read a roster; `source` is the file that messages name.

    Raises:
        UserError: naming every line that is wrong.
    """
    document = Document(source)
    root = document.root(text)
    entries = list(_entries(document, root)) if root else []
    if document.problems:
        ordered = sorted(document.problems, key=lambda each: each.line)
        lines = [f"{source}:{each.line}: {each.message}" for each in ordered]
        raise UserError(
            "\n".join([f"{source} can't be used as a roster ({len(lines)} to correct).", *lines]),
            title="Bad roster",
            do="Correct these lines. Until then nobody is told anything.",
            exit_code=2,
        )
    return {canonicalize_name(entry.project): entry for entry in entries}


def _entries(document: Document, root: yaml.Node) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    for project, key, value in document.entries(root, "the roster"):
        document.value({project: key}, project, values.project, "")
        first = seen.setdefault(canonicalize_name(project), line_of(key))
        if first != line_of(key):
            document.complain(key, f"{project!r} is named again, first in line {first}")
        yield _entry(document, project, key, value)


def _entry(document: Document, project: str, key: yaml.Node, value: yaml.Node) -> Entry:
    nodes = document.nodes(value, _KEYS, f"the entry of {project!r}")
    if "repository" not in nodes:
        document.complain(key, f"the entry of {project!r} needs a repository")
    return Entry(
        project,
        document.value(nodes, "repository", _repository, ""),
        document.value(nodes, "cadence", _rhythm, UNKNOWN),
        document.value(nodes, "issues", _told_there, default=False),
    )


def _repository(node: yaml.Node) -> str:
    try:
        return repository_name("repository", values.text(node))
    except UserError as error:
        raise ValueError("has to be a repository, as OWNER/NAME") from error


def _rhythm(node: yaml.Node) -> Rhythm:
    if isinstance(node, yaml.ScalarNode) and node.value == IRREGULAR:
        return Rhythm(is_irregular=True)
    gap = values.duration(node)
    if not gap:
        raise ValueError(f"has to be the time between two uploads, such as 7d, or {IRREGULAR}")
    return Rhythm(gap)


def _told_there(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode) and node.value in ("here", "repository"):
        return bool(node.value == "repository")
    raise ValueError("has to be here or repository, as issues are told in this repository or in the project's")
