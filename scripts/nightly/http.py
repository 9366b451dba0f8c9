"""One way to ask a server: with time-outs, one meaning for each kind of failure, and a token kept where it belongs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from nightly import __version__
from nightly.http_errors import Explain, Unavailable, failure, refusal
from nightly.patience import Patience

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

USER_AGENT = f"upload-nightly-action/{__version__} (+https://github.com/org/upload-nightly-action)"
_LARGEST_ANSWER = 256 * 1024 * 1024
_CHUNK = 256 * 1024


@dataclass(frozen=True)
class Answer:
    """A good answer: its JSON (None for an empty body) and its headers, whose names are in lower case."""

    json: Json
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Token(AuthBase):
    """A secret for one host. It is in no repr, and requests adds no other (netrc) where it is given."""

    secret: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"token {self.secret}"
        return request


class Anonymous(AuthBase):
    """No secret, not even one of a netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def is_safe_for_secrets(url: str) -> bool:
    """Whether a token may go there: only over https, or to this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Adapter(HTTPAdapter):
    """Sends bodies in large blocks: in http.client's of 16 kB, a large wheel keeps a core busy."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: object) -> None:  # noqa: FBT001, FBT002 - as requests calls it
        super().init_poolmanager(connections, maxsize, block, **{"blocksize": _CHUNK, **options})


class Http:
    """A session with servers. Redirects are never followed by themselves, so a token can't travel along one."""

    def __init__(self, patience: Patience, connections: int = 8) -> None:
        self.patience = patience
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_connections=8, pool_maxsize=connections, max_retries=0))

    def ask(
        self,
        method: str,
        url: str,
        *,
        auth: AuthBase,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
    ) -> Answer:
        """Ask an API that speaks JSON, and words its errors so that `explain` knows them (else `refusal`).

        Raises:
            Unavailable, Refused: as their names say; a redirect is refused.
        """
        data = None if body is None else json.dumps(body)
        with self.open(method, url, auth=auth, data=data, headers=headers) as response:
            content = self.read(response)
            request = _name(method, url)
            _check_status(response, content, request, explain or refusal)
            return Answer(_parse(content, request), {k.lower(): v for k, v in response.headers.items()})

    def page(self, url: str) -> str:
        """Ask for a page that is for everybody.

        Raises:
            Unavailable, Refused: as their names say; a redirect is refused.
        """
        with self.open("GET", url, auth=Anonymous()) as response:
            content = self.read(response)
            _check_status(response, content, _name("GET", url), refusal)
            return content.decode("utf-8", "replace")

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        auth: AuthBase,
        data: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[requests.Response]:
        """Open an answer, whatever its status, with its body still to be read.

        Raises:
            Unavailable: there is no answer, or it broke off while it was read within the context.
        """
        try:
            with self._request(method, url, auth, data, headers) as response:
                yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise failure(error, _name(method, url)) from error

    def _request(
        self, method: str, url: str, auth: AuthBase, data: object, headers: Mapping[str, str] | None
    ) -> requests.Response:
        try:
            return self._session.request(
                method, url, auth=auth, data=data, headers=headers,  # type: ignore[arg-type]  # a stream or text
                timeout=(self.patience.connect, self.patience.silence), stream=True, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException:
            raise
        except ValueError as error:  # requests reads a redirect's address even where it doesn't follow it
            raise requests.exceptions.InvalidURL("a redirect to what is no address") from error

    def read(self, response: requests.Response, limit: int = _LARGEST_ANSWER) -> bytes:
        """The body of an opened answer, up to `limit` bytes. Its end is waited for as long as patience says."""
        deadline = time.monotonic() + self.patience.answer
        content = bytearray()
        # A larger read would wait for all of it, however slowly it drips.
        while len(content) < limit and (chunk := response.raw.read1(_CHUNK, decode_content=True)):
            content += chunk
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the answer doesn't end")
        return _without_secret(bytes(content[:limit]), response.request)


def _without_secret(content: bytes, request: requests.PreparedRequest) -> bytes:
    """What a server says, but for the token, which it may quote in an error."""
    secret = str(request.headers.get("Authorization", "")).partition(" ")[2].encode()
    return content.replace(secret, b"***") if secret else content


def _check_status(response: requests.Response, content: bytes, request: str, explain: Explain) -> None:
    if not 200 <= response.status_code < 300:
        raise explain(response, content, request)


def _parse(content: bytes, request: str) -> Json:
    if not content.strip():
        return None
    try:
        parsed: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unavailable(request, f"the answer isn't JSON but begins with {content[:60]!r}") from error
    return parsed


def _name(method: str, url: str) -> str:
    return f"{method} {url.partition('?')[0].partition('#')[0]}"
