"""What it means when a request doesn't get what it asked for: one meaning for each kind of failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3

# 405 is what /commit answered during an incident of anaconda.org (anaconda-client#619).
_TRANSIENT = frozenset({405, 408, 425, 429})
_LARGEST_REASON = 300


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


def refusal(response: requests.Response, content: bytes, request: str) -> HttpError:
    """What an answer with a bad status means."""
    status, reason = response.status_code, _reason(response, content)
    if status >= 500 or status in _TRANSIENT:
        return Unavailable(request, reason, status, seconds_to_wait(response.headers.get("Retry-After", "")))
    if 300 <= status < 400:
        host = urlsplit(response.headers.get("Location", "")).netloc
        return Refused(request, f"the server sends us to {host or 'another address'}; use that address", status)
    return Refused(request, reason, status)


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


def failure(error: Exception, request: str) -> HttpError:
    """What a request that broke off means. The exception's own text stays out: it holds the whole URL."""
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error):
        return Refused(request, "the server's certificate isn't trusted here; a proxy's own goes to REQUESTS_CA_BUNDLE")
    for kind, reason in _FAILURES:
        if isinstance(error, kind):
            return Unavailable(request, reason)
    return Unavailable(request, f"the request failed ({type(error).__name__})")
