"""What an answer of GitHub's with a bad status means. Pure.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api says how a limit is told from a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from nightly.http_errors import HttpError, Refused, Reply, Unavailable, seconds_to_wait
from nightly.json_types import Json

_TRANSIENT = frozenset({408, 425})
_LIMITED = frozenset({403, 429})
_A_MINUTE = 60.0
"""What GitHub asks for where it doesn't say how long to wait."""

_SECONDARY = re.compile(r"secondary rate limit|abuse detection", re.IGNORECASE)
_NO_PERMISSION = re.compile(r"not accessible by|must have .* rights|resource protected", re.IGNORECASE)
_LARGEST_REASON = 500


class MissingPermission(Refused):
    """The token may not do that. `permission` is what it takes ("issues=write"), "" where GitHub doesn't tell."""

    def __init__(self, request: str, reason: str, status: int, permission: str) -> None:
        super().__init__(request, reason, status)
        self.permission = permission


class RateLimited(Unavailable):
    """Too many requests were made, so nothing was done. `retry_after` is always known."""


def refusal(reply: Reply, request: str) -> HttpError:
    """Say what it means: to wait, to try again, or that it's no use.

    GitHub gives its reason in JSON. What doesn't is half an answer, or that of a proxy, and may pass.
    """
    status, reason = reply.status, _reason(reply.content)
    if status == 403 and _NO_PERMISSION.search(reason):
        return MissingPermission(request, reason, status, reply.headers.get("x-accepted-github-permissions", ""))
    if (wait := _wait(reply, reason)) is not None:
        return RateLimited(request, reason, status, wait)
    if status >= 500 or status in _TRANSIENT or not reason:
        reason = reason or "the answer gives no reason, as GitHub's would"
        return Unavailable(request, reason, status, seconds_to_wait(reply.headers.get("retry-after", "")))
    return Refused(request, reason, status)


def _wait(reply: Reply, reason: str) -> float | None:
    """The seconds that a rate limit asks for, or None where it is none."""
    if reply.status not in _LIMITED:
        return None
    asked = seconds_to_wait(reply.headers.get("retry-after", ""))
    if asked is None and reply.headers.get("x-ratelimit-remaining") == "0":
        asked = _until_reset(reply.headers)
    if asked is None and (reply.status == 429 or _SECONDARY.search(reason)):
        asked = _A_MINUTE
    return asked


def _until_reset(headers: Mapping[str, str]) -> float:
    """The seconds to a primary limit's reset, both by GitHub's clock: this machine's may be wrong."""
    try:
        reset = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), timezone.utc)
        return max(0.0, (reset - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return _A_MINUTE


def _reason(content: bytes) -> str:
    """The answer's `message` and what its `errors` add, or nothing where it isn't JSON (a proxy's page)."""
    try:
        answer: Json = json.loads(content[:100_000])
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(message := answer.get("message"), str):
        return ""
    errors = answer.get("errors")
    details = [_detail(error) for error in errors] if isinstance(errors, list) else []
    return ": ".join(part for part in (message, "; ".join(details)) if part)[:_LARGEST_REASON]


def _detail(error: Json) -> str:
    """One of a validation's errors: resource, field and code, and words for a code that says nothing (custom)."""
    if not isinstance(error, dict):
        return str(error)
    parts = [str(error[name]) for name in ("resource", "field", "code", "message") if error.get(name)]
    return " ".join(parts)
