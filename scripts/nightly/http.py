"""One way to ask a server: with time-outs, one meaning for each kind of failure, and a token kept where it belongs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from nightly import __version__
from nightly.patience import Patience

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

USER_AGENT = f"upload-nightly-action/{__version__} (+https://github.com/org/upload-nightly-action)"
# 405 is what /commit answered during an incident of anaconda.org (anaconda-client#619).
_TRANSIENT = frozenset({405, 408, 425, 429})
_LARGEST_ANSWER = 256 * 1024 * 1024
_LARGEST_REASON = 300
_CHUNK = 256 * 1024


class HttpError(Exception):
    """A request that didn't get what it asked for.

    `request` is its method and URL without the query, which may hold a signature. `status` is None without an answer.
    """

    def __init__(self, request: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{f'HTTP {status}: ' if status else ''}{reason} ({request})")
        self.request = request
        self.reason = reason
        self.status = status


class Unavailable(HttpError):
    """The server was busy, broken or out of reach: the same request may go through later.

    `retry_after` is how many seconds the server asked to be left alone, if it did.
    """

    def __init__(self, request: str, reason: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(request, reason, status)
        self.retry_after = retry_after


class Refused(HttpError):
    """The server understood and said no: the same request will be refused again."""


Explain: TypeAlias = "Callable[[requests.Response, bytes, str], HttpError]"
"""Says what an answer with a bad status means: the answer, its content, and the request's method and URL."""


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
            raise _explain(error, _name(method, url)) from error

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


def refusal(response: requests.Response, content: bytes, request: str) -> HttpError:
    """What an answer with a bad status means."""
    status, reason = response.status_code, _reason(response, content)
    if status >= 500 or status in _TRANSIENT:
        return Unavailable(request, reason, status, seconds_to_wait(response.headers.get("Retry-After", "")))
    if 300 <= status < 400:
        host = urlsplit(response.headers.get("Location", "")).netloc
        return Refused(request, f"the server sends us to {host or 'another address'}; use that address", status)
    return Refused(request, reason, status)


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


def _reason(response: requests.Response, content: bytes) -> str:
    """What the server says of its error: the JSON's `error`, or no more than the status for a page of HTML."""
    text = content[:100_000].decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), str):
        return str(parsed["error"])[:_LARGEST_REASON]
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0][:_LARGEST_REASON]
    return response.reason or "no reason given"


def seconds_to_wait(value: str) -> float | None:
    """The seconds that a Retry-After header asks for, which holds seconds or a date (RFC 9110)."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError):
        return None


_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ConnectTimeout, "the server can't be reached: no connection in time"),
    (requests.exceptions.Timeout, "no answer in time"),
    (requests.exceptions.ProxyError, "the proxy didn't connect"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.exceptions.ConnectionError, "the connection failed or was closed without an answer"),
    (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
    (urllib3.exceptions.HTTPError, "the answer broke off"),
)


def _explain(error: Exception, request: str) -> HttpError:
    """Say it without the exception's own text, which holds the whole URL and a chain of reprs."""
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error):
        return Refused(request, "the server's certificate isn't trusted here; a proxy's own goes to REQUESTS_CA_BUNDLE")
    for kind, reason in _FAILURES:
        if isinstance(error, kind):
            return Unavailable(request, reason)
    return Unavailable(request, f"the request failed ({type(error).__name__})")


def _name(method: str, url: str) -> str:
    return f"{method} {url.partition('?')[0].partition('#')[0]}"
