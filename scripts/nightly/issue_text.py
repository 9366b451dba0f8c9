"""Titles and bodies as GitHub takes them: within its limits, and whole where they are cut. Pure."""

from __future__ import annotations

import re

from nightly.actions import printable

LARGEST_TITLE = 256
LARGEST_BODY = 65_536
"""In characters, of an issue's body and of a comment's."""

_CUT = "\n\n*This was longer than GitHub takes, and is cut here.*"
_CLOSERS = 64
"""Room for what a cut leaves open."""

_WORD_JOINER = "\u2060"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DETAILS = re.compile(r"<(/?)details\b", re.IGNORECASE)


def title(value: str) -> str:
    """The value as a title: one line of plain text that mentions nobody. A title isn't Markdown."""
    one_line = " ".join(printable(value).split()) or "(no title)"
    quiet = re.sub(r"([@#])(?=\w)", rf"\1{_WORD_JOINER}", one_line)
    return quiet if len(quiet) <= LARGEST_TITLE else quiet[: LARGEST_TITLE - 1] + "…"


def body(head: str, markdown: str) -> str:
    """A body of GitHub's size: the head, and as many whole lines of Markdown as fit, closing what a cut leaves open."""
    room = LARGEST_BODY - len(head) - 1
    whole = printable(markdown)
    return f"{head}\n{whole if len(whole) <= room else _cut(whole, room)}"


def _cut(markdown: str, room: int) -> str:
    start = markdown[: room - len(_CUT) - _CLOSERS]
    lines = start[: start.rfind("\n") + 1] or start
    return lines.rstrip("\n") + _closers(lines) + _CUT


def _closers(markdown: str) -> str:
    """What ends the code block and the folded sections that are open where the text ends."""
    fence, folds = "", 0
    for line in markdown.splitlines():
        if match := _FENCE.match(line):
            fence = _next_fence(fence, match[1], match[2])
        elif not fence:
            folds += sum(-1 if tag[1] else 1 for tag in _DETAILS.finditer(line))
    # More than three folds aren't worth room that is kept for them.
    return (f"\n{fence}" if fence else "") + "\n\n</details>" * min(max(folds, 0), 3)


def _next_fence(fence: str, found: str, rest: str) -> str:
    """The fence that is open after a line of one: an open one ends by one as long of its kind, with nothing behind."""
    if not fence:
        return found
    ends = found[0] == fence[0] and len(found) >= len(fence) and not rest.strip()
    return "" if ends else fence
