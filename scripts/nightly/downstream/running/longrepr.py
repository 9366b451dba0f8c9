"""Why a test failed, out of what pytest calls `longrepr` in a report: data of foreign code, of any shape. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nightly.actions import printable

LONGEST_MESSAGE = 300
LONGEST_TEXT = 3000
"""In characters."""

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")


def message_of(longrepr: object) -> str:
    """The one line that says most: what was raised."""
    crash = _part(longrepr, "reprcrash").get("message")
    lines = crash.splitlines() if isinstance(crash, str) else _raised(text_of(longrepr).splitlines())
    return without_addresses(_first(lines))[:LONGEST_MESSAGE] or "It failed without a message."


def text_of(longrepr: object) -> str:
    """All of it, as pytest would print it. Of a chain of exceptions, each with what links it to the next."""
    if isinstance(longrepr, str):
        return printable(longrepr)
    if isinstance(longrepr, list):
        return "\n".join(printable(str(each)) for each in longrepr)
    return printable("\n".join([*_chained(longrepr), *_sections(_mapping(longrepr).get("sections"))]))


def without_addresses(text: str) -> str:
    """The text without addresses of objects, which are other ones in each run."""
    return _ADDRESS.sub("0x...", text)


def shortened(text: str) -> str:
    """The text, or its beginning and its end: how it came to it, and what happened."""
    if len(text) <= LONGEST_TEXT:
        return text
    mark = "\n[...]\n"
    begin = LONGEST_TEXT // 3
    return text[:begin] + mark + text[begin + len(mark) - LONGEST_TEXT :]


def _first(said: list[str]) -> str:
    """The first line, with the next one where it ends with a colon ("AssertionError: " of numpy.testing)."""
    lines = [line.strip() for line in map(printable, said) if line.strip()]
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else ""


def _raised(lines: list[str]) -> list[str]:
    """The lines that pytest marks with an E, the last such block of them; without any, the last line."""
    block: list[str] = []
    for line in reversed(lines):
        if re.match(r"E(\s|$)", line):
            block.append(line[1:])
        elif block:
            break
    return block[::-1] or [line for line in lines if line.strip()][-1:]


def _chained(longrepr: object) -> Iterator[str]:
    links = _mapping(longrepr).get("chain")
    if not isinstance(links, list) or not links:
        links = [[_mapping(longrepr).get("reprtraceback"), None, None]]
    for link in links:
        parts = link if isinstance(link, list) else [link]
        yield from _traceback(parts[0] if parts else None)
        yield from (f"\n{part}\n" for part in parts[2:3] if isinstance(part, str))


def _traceback(value: object) -> Iterator[str]:
    entries = _mapping(value).get("reprentries")
    for entry in entries if isinstance(entries, list) else []:
        data = _part(entry, "data")
        yield from _arguments(_part(data, "reprfuncargs").get("args"))
        for lines in (data.get("lines"), _part(data, "reprlocals").get("lines")):
            yield from (line for line in (lines if isinstance(lines, list) else []) if isinstance(line, str))
        place = _part(data, "reprfileloc")
        if place:
            yield f"{place.get('path')}:{place.get('lineno')}: {place.get('message')}\n"


def _arguments(arguments: object) -> Iterator[str]:
    """What a test was called with: of a parametrised one its id may say no more than a number."""
    pairs = [pair for pair in (arguments if isinstance(arguments, list) else []) if isinstance(pair, list)]
    yield from (" = ".join(str(part) for part in pair[:2]) for pair in pairs)
    yield from [""] * bool(pairs)


def _sections(sections: object) -> Iterator[str]:
    for section in sections if isinstance(sections, list) else []:
        yield from (str(part) for part in (section[:2] if isinstance(section, list) else []))


def _part(value: object, name: str) -> Mapping[str, object]:
    return _mapping(_mapping(value).get(name))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
