"""Reading a project's page of a simple index as an installer does (PEP 503). Pure."""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.attributes.append({name: value or "" for name, value in attrs})


def links(html: str) -> list[dict[str, str]]:
    """The attributes of every link on a page, as an installer reads them."""
    parser = _Links()
    with suppress(AssertionError):  # what html.parser makes of some nonsense, before Python 3.14
        parser.feed(html)
        parser.close()
    return parser.attributes


def linked_names(html: str) -> frozenset[str]:
    """The file names that an installer sees on a page: the last part of each link's path."""
    return frozenset(_filename(link.get("href", "")) for link in links(html))


def _filename(href: str) -> str:
    try:
        path = urlsplit(href).path
    except ValueError:  # a page also links the project's home, which may be any text
        return ""
    return unquote(path.rpartition("/")[2])
