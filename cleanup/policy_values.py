"""Reading the single values of a policy. Pure. What can't be read is a ValueError that says what could."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from document import is_nothing, kind_of
from quantities import parse_day, parse_duration, parse_share, parse_size
from rules import GLOB, KeepIf

Value = TypeVar("Value")

_GLOB_CHARACTERS = "*?["


def whole_number(node: yaml.Node) -> int:
    if isinstance(node, yaml.ScalarNode) and not node.style and re.fullmatch(r"0|[1-9][0-9]{0,8}", node.value):
        return int(node.value)
    raise ValueError(f"has to be a whole number, 0 or more, not {_shown(node)}")


def true_or_false(node: yaml.Node) -> bool:
    if isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("true", "false"):
        return bool(node.value == "true")
    raise ValueError(f"has to be true or false, not {_shown(node)}")


def text(node: yaml.Node) -> str:
    """One line, whatever the line breaks in the file."""
    line = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) and kind_of(node) == "text" else ""
    if not line or not line.isprintable():
        raise ValueError(f"has to be readable text, not {_shown(node)}")
    return line


def keep_if(node: yaml.Node) -> KeepIf:
    if isinstance(node, yaml.ScalarNode) and node.value == "both":
        return "both"
    if isinstance(node, yaml.ScalarNode) and node.value == "either":
        return "either"
    raise ValueError(f"has to be both or either, not {_shown(node)}")


def optional(read: Callable[[yaml.Node], Value]) -> Callable[[yaml.Node], Value | None]:
    """The same, or `none`."""
    return lambda node: None if is_nothing(node) else read(node)


def duration(node: yaml.Node) -> timedelta:
    return parse_duration(_plain(node))


def size(node: yaml.Node) -> int:
    return parse_size(_plain(node))


def share(node: yaml.Node) -> float:
    return parse_share(_plain(node))


def day(node: yaml.Node) -> date:
    return parse_day(_plain(node))


def streams(node: yaml.Node) -> str:
    """`none`, `minor`, `label`, or a pattern. A word without a group is more likely misspelled than a pattern."""
    if is_nothing(node):
        return "none"
    value = text(node)
    try:
        if value in ("minor", "label") or re.compile(value).groups:
            return value
    except re.error as error:
        raise ValueError(f"{value!r} isn't a pattern: {error}") from error
    raise ValueError(f"has to be none, minor, label, or a pattern with a group that names the stream, not {value!r}")


def project(node: yaml.Node) -> str:
    """The name of one project."""
    name = text(node)
    if any(char in name for char in _GLOB_CHARACTERS):
        raise ValueError(f"{name!r} isn't a project's name; a pattern is written {GLOB + name!r}")
    canonicalize_name(name, validate=True)
    return name


def project_or_glob(node: yaml.Node) -> str:
    """The name of one project, or a pattern of names."""
    value = text(node)
    if not value.startswith(GLOB):
        return project(node)
    if not value.removeprefix(GLOB).strip():
        raise ValueError(f"the pattern after {GLOB!r} is missing")
    return value


def requirement(node: yaml.Node) -> Requirement:
    """A project and versions of it; without versions it would be an exemption."""
    written = text(node)
    try:
        parsed = Requirement(written)
    except InvalidRequirement as error:
        raise ValueError(f"{written!r} isn't a requirement such as scipy-openblas64==0.3.*") from error
    if parsed.extras or parsed.url or parsed.marker or not parsed.specifier:
        raise ValueError("has to be a project and its versions alone, such as scipy-openblas64==0.3.*")
    return parsed


def _plain(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode) and not is_nothing(node):
        return str(node.value)
    raise ValueError(f"has to be a value, not {_shown(node)}")


def _shown(node: yaml.Node) -> str:
    return repr(node.value) if isinstance(node, yaml.ScalarNode) and kind_of(node) != "nothing" else kind_of(node)
