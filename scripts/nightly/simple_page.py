"""Reading a project's page of a simple index as an installer does (PEP 503). Pure."""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.attributes: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.attributes.append(found)
        elif tag == "base":
            self.base = self.base or found.get("href", "")


def links(html: str) -> list[dict[str, str]]:
    """The attributes of every link on a page, as an installer reads them."""
    return links_and_base(html)[0]


def links_and_base(html: str) -> tuple[list[dict[str, str]], str]:
    """The same, and the URL that they are relative to, where the page names one."""
    parser = _Links()
    with suppress(AssertionError):  # what html.parser makes of some nonsense, before Python 3.14
        parser.feed(html)
        parser.close()
    return parser.attributes, parser.base


def linked_names(html: str) -> frozenset[str]:
    """The file names that an installer sees on a page: the last part of each link's path."""
    return frozenset(linked_name(link.get("href", "")) for link in links(html))


def linked_name(href: str) -> str:
    """The last part of a link's path. It may hold whatever was encoded in it, slashes as well."""
    try:
        path = urlsplit(href).path
    except ValueError:  # a page also links the project's home, which may be any text
        return ""
    return unquote(path.rpartition("/")[2])
