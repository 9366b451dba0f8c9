"""Markdown for step summaries and issues (GitHub Flavored Markdown) that says what it was given, and does nothing else.

What a file, a server or a user says becomes text or code here; only then may it stand in a heading, a list or a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nightly.actions import printable

# Meaningful anywhere; what starts a link on its own; and what starts a list or a rule at the start of a line.
_MEANINGFUL = re.compile(r"[\\`*_\[\]<>&|~$#@]|:(?=//)|(?<=www)\.|^[-+=]|^[0-9]{1,9}[.)]", re.IGNORECASE)

# GitHub looks for @mentions, references (#1, GH-1) and addresses in what was rendered, where an entity is what it
# stands for. A word joiner is invisible, and stays.
_REFERENCE = re.compile(r"(&#64;(?=[\w.-])|&#35;(?=\d)|\bGH-(?=\d))", re.IGNORECASE)


def text(value: str) -> str:
    """The value as text of one line, nowhere a link, a mention, a tag or any other markup."""
    one_line = " ".join(printable(value).split())
    return _REFERENCE.sub(r"\1&#8288;", _MEANINGFUL.sub(_entities, one_line))


def code(value: str) -> str:
    """The value as code within a line. By a tag, as a code span can't hold every backtick and pipe in a table."""
    return f"<code>{text(value)}</code>"


def fenced(value: str) -> str:
    """The value as a block of code, line by line."""
    content = printable(value).rstrip("\n")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", content)), default=0))
    return f"{fence}\n{content}\n{fence}"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already, made by `text` or `code` if they hold what others said."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _entities(match: re.Match[str]) -> str:
    return "".join(char if char.isalnum() else f"&#{ord(char)};" for char in match[0])
