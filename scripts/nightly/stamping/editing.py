"""Writing a version into the text of pyproject.toml, where nothing else changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from nightly.errors import UserError

Toml = Mapping[str, object]
Parse = Callable[[str], Toml]


def with_version(text: str, table: str, version: str, parse: Parse) -> str:
    """The text with this version in a table (`project`, or `tool.poetry`), and to the letter the same else.

    Whichever way a table is written: of the places that look like it, the one is taken whose change is the change of
    that value, and no other, to whoever reads the file.

    Raises:
        UserError: there is no such place.
    """
    before = parse(text)
    declared = table_of(before, table).get("version")
    if declared == version:
        return text
    places = re.finditer(rf"""version["']?[ \t]*=[ \t]*(["'])({re.escape(str(declared))})\1""", text)
    changed = (text[: place.start(2)] + version + text[place.end(2) :] for place in places)
    after = _replaced(before, table.split("."), version)
    found = [each for each in changed if _parsed(each, parse) == after]
    if len(found) != 1:
        raise UserError(
            f"The version {declared!r} of [{table}] isn't found in the text of pyproject.toml.",
            title="Version not found",
            means="It is written in an unusual way, such as with escapes or in three quotes.",
            do=f'Write it in [{table}] as: version = "{declared}"',
        )
    return found[0]


def table_of(document: Toml, path: str) -> Toml:
    """A table by its dotted name; an empty one, if there's none."""
    found: object = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _replaced(document: Toml, path: list[str], version: str) -> Toml:
    if not path:
        return {**document, "version": version}
    return {**document, path[0]: _replaced(table_of(document, path[0]), path[1:], version)}


def _parsed(text: str, parse: Parse) -> Toml | None:
    try:
        return parse(text)
    except ValueError:
        return None
