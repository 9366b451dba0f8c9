"""The matrix of the workflow: each Python on each system. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from nightly.data import to_json
from nightly.downstream.records.result import Cell
from nightly.errors import bad_input

MOST_CELLS = 256
"""GitHub starts no more jobs from one matrix."""

_ENTRY = r"[A-Za-z0-9][A-Za-z0-9._+-]*"


def cells(python: str, os: str) -> tuple[Cell, ...]:
    """A cell for each Python (setup-python's versions) on each system (labels of runners).

    Raises:
        UserError: one of them is no list, or there would be too many cells.
    """
    pythons, systems = _entries("python", python), _entries("os", os)
    if "3.1" in pythons:
        raise bad_input("python", "3.1", 'versions in quotes, for YAML takes 3.10 for the number 3.1: "3.10"')
    if len(pythons) * len(systems) > MOST_CELLS:
        allowed = f"lists that make at most {MOST_CELLS} jobs, which is GitHub's limit for a matrix"
        raise bad_input("python", f"{len(pythons)} versions on {len(systems)} systems", allowed)
    pairs = [(version, system) for version in pythons for system in systems]
    return tuple(Cell(index, *pair) for index, pair in enumerate(pairs))


def matrix_json(matrix: Sequence[Cell]) -> str:
    """The matrix as `strategy.matrix` takes it."""
    return json.dumps({"include": [to_json(cell) for cell in matrix]}, separators=(",", ":"))


def matrix_name(name: str, value: str) -> str:
    """What tells several matrices apart; it's part of the names of artifacts.

    Raises:
        UserError: it can't be.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", value):
        raise bad_input(name, value, "up to 100 letters, digits, dots, dashes and underscores, a letter or digit first")
    return value


def _entries(name: str, value: str) -> tuple[str, ...]:
    """Each entry once, in their order, from JSON or by comma, space or line."""
    words = _from_json(value) if value.lstrip().startswith("[") else re.split(r"[,\s]+", value)
    entries = tuple(dict.fromkeys(filter(None, words)))
    if not entries or not all(re.fullmatch(_ENTRY, entry) for entry in entries):
        raise bad_input(name, value, 'a list by comma, space or line, or as JSON, such as ["3.12", "3.13"]')
    return entries


def _from_json(value: str) -> list[str]:
    """The strings of a list. A number counts as it's written: 3.10 isn't 3.1 there. What is no list gives none."""
    try:
        read = json.loads(value, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return []
    return [each if isinstance(each, str) else " " for each in read]
