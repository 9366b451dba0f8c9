"""What it means when a request doesn't get what it asked for: one meaning for each kind of failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeAlias
from urllib.parse import urlsplit

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


@dataclass(frozen=True)
class Reply:
    """What a server says, good or bad, as data. Header names are in lower case; `phrase` is what goes with a status."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    phrase: str = ""


Explain: TypeAlias = "Callable[[Reply, str], HttpError]"
"""Says what a reply with a bad status means: the reply, and the request's method and URL."""


def refusal(reply: Reply, request: str) -> HttpError:
    """What a reply with a bad status means."""
    status, reason = reply.status, _reason(reply)
    if status >= 500 or status in _TRANSIENT:
        return Unavailable(request, reason, status, seconds_to_wait(reply.headers.get("retry-after", "")))
    if 300 <= status < 400:
        host = urlsplit(reply.headers.get("location", "")).netloc
        return Refused(request, f"the server sends us to {host or 'another address'}; use that address", status)
    return Refused(request, reason, status)


def _reason(reply: Reply) -> str:
    """What the server says of its error: the JSON's `error`, or no more than the status for a page of HTML."""
    text = reply.content[:100_000].decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), str):
        return str(parsed["error"])[:_LARGEST_REASON]
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0][:_LARGEST_REASON]
    return reply.phrase or "no reason given"


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
