"""Reading a project's page of a simple index as an installer does (PEP 503). Pure."""

from __future__ import annotations

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
    parser.feed(html)
    parser.close()
    return parser.attributes


def linked_names(html: str) -> frozenset[str]:
    """The file names that an installer sees on a page: the last part of each link's path."""
    paths = (urlsplit(link.get("href", "")).path for link in links(html))
    return frozenset(unquote(path.rpartition("/")[2]) for path in paths)
