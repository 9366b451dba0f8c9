"""A YAML document, read strictly: what is odd is a problem of a line, and all of them are found at once. Pure.

Of YAML only mappings, lists and plain values are taken, so that a reviewer sees what is meant: no anchors and merges,
no tags, no second document, and no key twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

import yaml

from nightly.errors import UserError

MAX_CHARACTERS = 200_000

Value = TypeVar("Value")

_MAX_DEPTH = 8
_KINDS = {"null": "nothing", "bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a day"}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line of a file."""

    line: int
    message: str


@dataclass(frozen=True)
class Document:
    """A file that is being read, and the problems that were found so far."""

    source: str
    problems: list[Problem] = field(default_factory=list)

    def complain(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(line_of(node), message))

    def root(self, text: str) -> yaml.Node | None:
        """The node of the whole document; None if there's none, which is a problem."""
        try:
            if odd := _oddity(text):
                self.problems.append(odd)
                return None
            return yaml.compose(text, yaml.SafeLoader)
        except (yaml.YAMLError, OverflowError) as error:  # the latter of an escape that is beyond all characters
            self.problems.append(_not_yaml(error))
            return None

    def entries(self, node: yaml.Node, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """The keys of a mapping with the nodes of each and of its value."""
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"{what} has to be a mapping (KEY: VALUE, line by line), not {kind_of(node)}")
            return
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.complain(key, f"a key of {what} has to be text, not {kind_of(key)}")
            elif key.value in seen:
                self.complain(key, f"{what} has {key.value!r} twice, first in line {seen[key.value]}")
            else:
                seen[key.value] = line_of(key)
                yield key.value, key, value

    def nodes(self, node: yaml.Node, known: Iterable[str], what: str) -> dict[str, yaml.Node]:
        """The values of a mapping by their keys, of which there may be only known ones."""
        found, names = {}, frozenset(known)
        for key, key_node, value in self.entries(node, what):
            if key in names:
                found[key] = value
            else:
                self.complain(key_node, f"unknown key {key!r} in {what}{_hint(key, names)}")
        return found

    def value(
        self, nodes: Mapping[str, yaml.Node], key: str, read: Callable[[yaml.Node], Value], default: Value
    ) -> Value:
        """The value of one key; `default` where it's missing, or can't be read, which is a problem."""
        try:
            return read(nodes[key]) if key in nodes else default
        except ValueError as error:
            self.complain(nodes[key], f"{key}: {error}")
            return default

    def items(self, node: yaml.Node, what: str) -> Sequence[yaml.Node]:
        """The items of a list; nothing is an empty one."""
        if is_nothing(node):
            return ()
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.complain(node, f"{what} has to be a list (- ITEM, line by line), not {kind_of(node)}")
        return ()


def refuse(source: str, problems: Iterable[Problem]) -> None:
    """Refuse a file of which anything is wrong.

    Raises:
        UserError: naming every problem and its line.
    """
    lines = [f"{source}:{each.line}: {each.message}" for each in sorted(problems, key=lambda each: each.line)]
    if lines:
        raise UserError(
            "\n".join([f"{source} can't be used as it is ({len(lines)} to correct).", *lines]),
            title="Bad file",
            do="Correct these lines. Until then nothing is deleted.",
            exit_code=2,
        )


def line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def is_nothing(node: yaml.Node) -> bool:
    """Whether it's YAML's null, or the word `none`."""
    return isinstance(node, yaml.ScalarNode) and (_tag(node) == "null" or node.value == "none")


def kind_of(node: yaml.Node) -> str:
    """What a node is, for a message."""
    if isinstance(node, yaml.ScalarNode):
        return _KINDS.get(_tag(node), "text")
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def _tag(node: yaml.Node) -> str:
    return str(node.tag).rpartition(":")[2]


def _hint(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(key.lower(), names, n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"


def _oddity(text: str) -> Problem | None:
    """The first thing that there is no use for. Events are looked at, as building nodes may take for ever."""
    if len(text) > MAX_CHARACTERS:
        return Problem(1, f"the file has {len(text)} characters; at most {MAX_CHARACTERS} are read")
    depth = documents = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if message := _odd(event, depth, documents):
            return Problem(event.start_mark.line + 1 if event.start_mark else 1, message)
    return None if documents else Problem(1, "the file is empty; write at least one key, such as keep: 5")


def _odd(event: yaml.Event, depth: int, documents: int) -> str:
    if documents > 1:
        return "there's a second document; one is all that is read"
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "anchors (&) and aliases (*) aren't taken; write out what is meant"
    if getattr(event, "tag", None):
        return "tags (!) aren't taken; write the plain value"
    return "this is nested too deeply" if depth > _MAX_DEPTH else ""


def _not_yaml(error: Exception) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return Problem(error.problem_mark.line + 1, f"this isn't YAML: {error.problem}")
    return Problem(1, f"this isn't YAML: {' '.join(str(error).split())}")
