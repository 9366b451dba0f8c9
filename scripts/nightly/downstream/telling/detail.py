"""How much is said, so that it fits: tracebacks are shortened first, then long lists. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """The most that is said: characters of a traceback or a log, groups of failures, tests of one, rows of a table.

    `width` is in characters, of what is quoted in a line.
    """

    traceback: int
    groups: int
    tests: int
    rows: int
    width: int = 300


ALL = Detail(traceback=6000, groups=40, tests=20, rows=300)
LESS = (
    ALL,
    Detail(traceback=2500, groups=40, tests=20, rows=300),
    Detail(traceback=1000, groups=40, tests=20, rows=300),
    Detail(traceback=400, groups=40, tests=10, rows=100),
    Detail(traceback=0, groups=40, tests=10, rows=100, width=200),
    Detail(traceback=0, groups=20, tests=5, rows=40, width=150),
    Detail(traceback=0, groups=10, tests=3, rows=15, width=100),
    Detail(traceback=0, groups=3, tests=2, rows=5, width=60),
    Detail(traceback=0, groups=1, tests=1, rows=2, width=30),
)
"""From all that is worth saying to what can't be left out."""


def fitted(render: Callable[[Detail], str], room: int) -> str:
    """The fullest text of at most `room` characters. The shortest one is returned however long it is."""
    text = ""
    for detail in LESS:
        text = render(detail)
        if len(text) <= room:
            break
    return text
