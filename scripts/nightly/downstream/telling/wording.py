"""Words, and what others said, as Markdown that says it and does nothing else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from urllib.parse import quote

from nightly import markdown

WIDTH = 300
"""In characters, of what is quoted in a line."""

_NO_SPAN = frozenset("`|")
"""What a code span doesn't hold in a table."""

_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/.*)?", re.ASCII)


def clip(value: str, most: int = WIDTH) -> str:
    """The value as one line of at most so many characters."""
    line = " ".join(value[: 8 * most].split())
    return line if len(line) <= most and len(value) <= 8 * most else line[: most - 1] + "…"


def first_line(value: str) -> str:
    """The line that says most: of what was said in several, the others are the details."""
    return value.strip().partition("\n")[0]


def tail(value: str, most: int) -> str:
    """The end of a text, from a line's start where there is one: what matters of a traceback or a log is at its end."""
    if len(value) <= most:
        return value
    end = value[-most:]
    return "…\n" + (end.partition("\n")[2] or end)


def quoted(value: str, most: int = WIDTH) -> str:
    """What others said, as code within a line, but not within a tag: between backticks it reads well in mails too."""
    line = clip(value, most)
    return f"`{line}`" if line.isprintable() and line and not _NO_SPAN & {*line} else markdown.code(line)


def count(number: int, thing: str) -> str:
    """Such as "1 test", and "12,345 tests"."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def listed(values: Sequence[str], most: int = 3) -> str:
    """Such as "a, b and c"; of many, the first ones and how many more there are."""
    shown = [*values[:most], *([f"{len(values) - most} more"] if len(values) > most else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def link(words: str, url: str) -> str:
    """A link, if that's an address on the web; else the words. They are Markdown."""
    if not _LINK.fullmatch(url):
        return words
    return f"[{words}](<{quote(url, safe=':/?&=#%+,;@~.-_!$*', errors='replace')}>)"


def folded(summary: str, content: str) -> str:
    """A section that opens with a click. Both are Markdown."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def day(moment: datetime | None) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d") if moment else ""


def minute(moment: datetime | None) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], most: int, what: str) -> str:
    """A table of the first rows, and a line that says how many more `what` there are."""
    more = f"\n\nand {count(len(rows) - most, what)} more." if len(rows) > most else ""
    return markdown.table(headers, rows[:most]) + more


def section(title: str, *parts: str) -> str:
    """A section with what there is to say in it; nothing where there's nothing."""
    said = [part for part in parts if part]
    return "\n\n".join([f"### {title}", *said]) if said else ""


def joined(sections: Iterable[str]) -> str:
    return "\n\n".join(each for each in sections if each)
