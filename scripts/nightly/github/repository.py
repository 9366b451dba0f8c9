"""A repository's part of GitHub's REST API, asked by whichever client: what all its endpoints share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from nightly.answers import Answer, Client
from nightly.auth import Anonymous, Token, is_safe_for_secrets
from nightly.github import records
from nightly.github.refusals import refusal
from nightly.http_errors import Refused, Unavailable
from nightly.json_types import Json
from nightly.retry import retrying

T = TypeVar("T")

HEADERS = {
    "Accept": "application/vnd.github+json",
    "Content-Type": "application/json",
    "X-GitHub-Api-Version": "2022-11-28",
}
_PAGE = 100


class Repository:
    """One repository, `OWNER/NAME`, at the API's `url` (GITHUB_API_URL)."""

    def __init__(self, http: Client, url: str, repository: str, token: Token | None) -> None:
        if not is_safe_for_secrets(url):
            raise ValueError("a token goes over https, or to this machine")
        self.patience = http.patience
        self.url = url.rstrip("/")
        self.repository = repository
        self._client = http
        self._auth = token or Anonymous()

    def _list(self, parse: Callable[[Json], T], *path: str, key: str = "", **query: str) -> list[T]:
        """All pages' items. The next page's address is GitHub's to say, and it's the same host's or it is refused."""
        url = f"{self._url(*path)}?{urlencode({**query, 'per_page': str(_PAGE)})}"
        found, seen = list[T](), set[str]()
        while url and url not in seen:
            seen.add(url)
            page, url = self._page(parse, key, url)
            found += page
        return found

    def _page(self, parse: Callable[[Json], T], key: str, url: str) -> tuple[list[T], str]:
        def unit(_: int) -> tuple[list[T], str]:
            answer = self._ask("GET", url)
            page = readable(lambda json: [parse(each) for each in records.items(json, key)], answer.json)
            return page, self._next(answer, url)

        return retrying(unit, self.patience)

    def _next(self, answer: Answer, url: str) -> str:
        address = next_page(answer.headers.get("link", ""))
        if address and urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            raise Refused(f"GET {url.partition('?')[0]}", "the next page is said to be on another host")
        return address

    def _get(self, parse: Callable[[Json], T], *path: str) -> T:
        return self._read(parse, self._url(*path))

    def _read(self, parse: Callable[[Json], T], url: str) -> T:
        return self._repeat(parse, "GET", url)

    def _repeat(self, parse: Callable[[Json], T], method: str, url: str, content: Json = None) -> T:
        """Ask for what may be asked for twice."""
        return retrying(lambda _: readable(parse, self._ask(method, url, content).json), self.patience)

    def _ask(self, method: str, url: str, body: Json = None) -> Answer:
        return self._client.ask(method, url, auth=self._auth, body=body, headers=HEADERS, explain=refusal)

    def _url(self, *path: str) -> str:
        owner, _, name = self.repository.partition("/")
        return "/".join((self.url, "repos", *(quote(part, safe="") for part in (owner, name, *path))))


def next_page(link: str) -> str:
    """The address of the next page that a Link header names (RFC 8288), or ""."""
    for address, parameters in re.findall(r"<([^<>]*)>([^<]*)", link):
        if re.search(r';\s*rel="?next"?\s*(?:[;,]|$)', parameters):
            return str(address)
    return ""


def readable(parse: Callable[[Json], T], answer: Json) -> T:
    """Half an answer is no answer: the same request may bring a whole one.

    Raises:
        Unavailable: it can't be read.
    """
    try:
        return parse(answer)
    except records.Unreadable as error:
        raise Unavailable("GitHub's answer", str(error)) from error
