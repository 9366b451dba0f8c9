"""Downloading a wheel as an installer does it: an index leads to its storage by redirects, a directory to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

import requests

from nightly.answers import request_name
from nightly.auth import Anonymous, Auth, may_lead
from nightly.http import Http
from nightly.http_errors import refusal
from nightly.retry import retrying

T = TypeVar("T")

_REDIRECTS = 5
_CHUNK = 256 * 1024


def _anonymous(_: str) -> Auth:
    return Anonymous()


def download(http: Http, url: str, read: Callable[[Iterator[bytes]], T], auth: Callable[[str], Auth] = _anonymous) -> T:
    """What `read` makes of the bytes at an https, http (of this machine) or file URL. It is called anew for each try.

    `auth` says what goes with a request to each URL.

    Raises:
        Unavailable, Refused: as their names say.
        OSError: a file can't be read.
    """
    if urlsplit(url).scheme == "file":
        with Path(url2pathname(urlsplit(url).path)).open("rb") as file:
            return read(iter(lambda: file.read(_CHUNK), b""))
    return retrying(lambda _: _download(http, url, read, auth), http.patience)


@contextmanager
def opened(
    http: Http, url: str, auth: Callable[[str], Auth], headers: Mapping[str, str] | None = None
) -> Iterator[requests.Response]:
    """Open a good answer (200, or 206 where a range is asked for), with its body still to be read.

    Redirects are followed where they may lead; `auth` says what goes with a request to each URL.

    Raises:
        Unavailable, Refused: as their names say, also while the body is read within the context.
    """
    good = (200, 206) if headers and "Range" in headers else (200,)
    for left in reversed(range(_REDIRECTS + 1)):
        with http.open("GET", url, auth=auth(url), headers=headers) as response:
            if response.status_code in good:
                yield response
                return
            address = urljoin(url, response.headers.get("Location", "")) if response.is_redirect and left else ""
            if not may_lead(url, address):
                raise refusal(http.reply(response, _CHUNK), request_name("GET", url))
        url = address


def _download(http: Http, url: str, read: Callable[[Iterator[bytes]], T], auth: Callable[[str], Auth]) -> T:
    with opened(http, url, auth) as response:
        return read(response.iter_content(_CHUNK))
