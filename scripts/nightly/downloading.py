"""Downloading a wheel as an installer does it: an index leads to its storage by redirects, a directory to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

from nightly.auth import Anonymous, is_safe_for_secrets
from nightly.http import Http
from nightly.http_errors import refusal
from nightly.retry import retrying

T = TypeVar("T")

_REDIRECTS = 5
_CHUNK = 256 * 1024


def download(http: Http, url: str, read: Callable[[Iterator[bytes]], T]) -> T:
    """What `read` makes of the bytes at an https, http (of this machine) or file URL. It is called anew for each try.

    Raises:
        Unavailable, Refused: as their names say.
        OSError: a file can't be read.
    """
    if urlsplit(url).scheme == "file":
        with Path(url2pathname(urlsplit(url).path)).open("rb") as file:
            return read(iter(lambda: file.read(_CHUNK), b""))
    return retrying(lambda _: _download(http, url, read, _REDIRECTS), http.patience)


def _download(http: Http, url: str, read: Callable[[Iterator[bytes]], T], redirects: int) -> T:
    with http.open("GET", url, auth=Anonymous()) as response:
        if response.status_code == 200:
            return read(response.iter_content(_CHUNK))
        address = urljoin(url, response.headers.get("Location", "")) if response.is_redirect and redirects else ""
        if not is_safe_for_secrets(address):
            raise refusal(http.reply(response, _CHUNK), f"GET {url.partition('?')[0]}")
    return _download(http, address, read, redirects - 1)
