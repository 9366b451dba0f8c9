"""Warnings of a test run, by who raised them: the deprecations of today are the breaks of tomorrow. Pure."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from nightly.actions import printable
from nightly.downstream.records.result import WarningCount
from nightly.downstream.running.longrepr import without_addresses

MOST_GROUPS = 200
"""How many are told; the rarest are left out."""

MOST_KEPT = 20_000
"""How many are told apart, of a run that raises another warning each time."""

LONGEST_MESSAGE = 300
LONGEST_PLACE = 200
LONGEST_NAME = 100
"""In characters."""

_INSTALLED = re.compile(r".*[\\/](?:site|dist)-packages[\\/]", re.DOTALL)
_NOBODYS = {"", "__main__"} | sys.stdlib_module_names


@dataclass(frozen=True)
class Raised:
    """A warning as it is told from others: by the top-level `module` that raised it, "" where that isn't known."""

    module: str
    category: str
    message: str


@dataclass(frozen=True)
class Census:
    """Counts warnings as they come."""

    counts: Counter[Raised] = field(default_factory=Counter)
    places: dict[Raised, str] = field(default_factory=dict)

    def add(self, line: Mapping[str, object]) -> None:
        """Count a line of the log, whatever it holds."""
        filename, module = _text(line, "filename"), _text(line, "category_module")
        category = printable(_text(line, "category"))[:LONGEST_NAME]
        raised = Raised(raised_by(filename, module), category, normal(_text(line, "message")))
        if raised in self.counts or len(self.counts) < MOST_KEPT:
            self.counts[raised] += 1
            self.places.setdefault(raised, _place(filename, line.get("lineno")))

    def result(self, projects: Mapping[str, str]) -> tuple[WarningCount, ...]:
        """The most frequent ones, with the projects of top-level modules where they are known."""
        return tuple(
            WarningCount(
                project_of(raised.module, projects), raised.category, raised.message, count, self.places[raised]
            )
            for raised, count in self.counts.most_common(MOST_GROUPS)
        )


def raised_by(filename: str, category_module: str) -> str:
    """The top-level module whose file raised a warning, if that is installed, else the one whose category it is.

    What a test itself seems to raise mostly comes from compiled code that it called.
    """
    below = _below_installed(filename)
    module = re.split(r"[\\/.]", below)[0] if below else category_module.partition(".")[0]
    return "" if module in _NOBODYS else printable(module)[:LONGEST_NAME]


def project_of(module: str, projects: Mapping[str, str]) -> str:
    """The normalised name of the project that installs a top-level module, by default the module's own name."""
    return canonicalize_name(projects.get(module, module.lstrip("_"))[:LONGEST_NAME])


def normal(message: str) -> str:
    """The message without what is another each time: addresses, spaces, and what exceeds a few lines."""
    return " ".join(without_addresses(printable(message)).split())[:LONGEST_MESSAGE]


def _place(filename: str, line: object) -> str:
    place = printable(_below_installed(filename) or filename)[-LONGEST_PLACE:]
    return f"{place}:{line}" if type(line) is int else place


def _below_installed(filename: str) -> str:
    """The path within site-packages, "" if the file isn't there."""
    found = _INSTALLED.match(filename)
    return filename[found.end() :] if found else ""


def _text(line: Mapping[str, object], name: str) -> str:
    value = line.get(name)
    return value if isinstance(value, str) else ""
