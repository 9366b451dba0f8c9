"""Faults by script: the n-th request that matches is answered wrongly, late, half, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import count
from typing import Protocol
from urllib.parse import unquote

from anaconda_storage import s3_error
from exchanges import Answer, Exchange, Request, json_answer

EVERY = None
"""As a fault's `nth`: every request that matches."""


class Effect(Protocol):
    """How a request ends instead of being served."""

    def play(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True)
class Status:
    """Answer this; what was asked for doesn't happen."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def play(self, exchange: Exchange) -> None:
        exchange.send(Answer(self.status, self.body, self.content_type, self.headers))


@dataclass(frozen=True)
class StatusAfter:
    """What was asked for happens, but this is what the client is told (a gateway that timed out)."""

    told: Status

    def play(self, exchange: Exchange) -> None:
        exchange.take_effect()
        self.told.play(exchange)


@dataclass(frozen=True)
class Hang:
    """Nothing happens and nothing is said, until the client goes or the server closes."""

    def play(self, exchange: Exchange) -> None:
        exchange.hang()


@dataclass(frozen=True)
class HangAfter:
    """What was asked for happens, but nothing is said, until the client goes or the server closes."""

    def play(self, exchange: Exchange) -> None:
        exchange.take_effect()
        exchange.hang()


@dataclass(frozen=True)
class ResetBefore:
    """The connection is reset before anything took effect."""

    def play(self, exchange: Exchange) -> None:
        exchange.reset()


@dataclass(frozen=True)
class ResetAfter:
    """What was asked for happens; the connection is reset instead of an answer."""

    def play(self, exchange: Exchange) -> None:
        exchange.take_effect()
        exchange.reset()


@dataclass(frozen=True)
class Truncate:
    """What was asked for happens; half of the answer is sent, then the connection is closed."""

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(exchange.take_effect())


@dataclass(frozen=True)
class HalfJson:
    """What was asked for happens; half of the answer is sent as if it were all of it."""

    def play(self, exchange: Exchange) -> None:
        answer = exchange.take_effect()
        exchange.send(Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers))


class _Serve:
    def play(self, exchange: Exchange) -> None:
        exchange.send(exchange.take_effect())


SERVE: Effect = _Serve()
"""No fault."""


@dataclass(frozen=True)
class Fault:
    """What happens to the `nth` (from 1) request that matches, or to `EVERY` one.

    `path` is a glob for the path without its query, either as it was sent or unquoted; `*` stands for slashes too.
    """

    effect: Effect
    method: str = "*"
    path: str = "*"
    nth: int | None = 1
    role: str = "*"

    def matches(self, request: Request) -> bool:
        paths = {request.plain_path, unquote(request.plain_path)}
        return (
            fnmatchcase(request.method, self.method)
            and fnmatchcase(request.role, self.role)
            and any(fnmatchcase(path, self.path) for path in paths)
        )


class Faults:
    """The faults that are to come. Each counts the requests that match it, from when it was added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[tuple[Fault, Iterator[int]]] = []

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._script += [(fault, count(1)) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._script.clear()

    def effect_on(self, request: Request) -> Effect:
        """What the first fault whose turn it is does to the request."""
        due: list[Effect] = []
        with self._lock:
            for fault, numbers in self._script:
                if fault.matches(request) and fault.nth in (next(numbers), EVERY):
                    due.append(fault.effect)
        return due[0] if due else SERVE


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Status:
    """An error as anaconda.org words it."""
    return Status(status, json_answer({"error": message}).body, headers or {})


def gateway_error(status: int) -> Status:
    """An error of the proxy before anaconda.org (502, 503, 504, 520, 524), which speaks HTML."""
    page = f"<html><head><title>api.anaconda.org | {status}</title></head><body><h1>Error {status}</h1></body></html>"
    return Status(status, page.encode(), {"cf-ray": "8f2a-FRA", "Server": "cloudflare"}, "text/html; charset=UTF-8")


def storage_error(status: int, code: str, message: str) -> Status:
    """An error as storage words it, in XML."""
    told = s3_error(status, code, message)
    return Status(told.status, told.body, content_type=told.content_type)


INTERNAL_ERROR = error(500, "Internal server error")
BAD_GATEWAY = gateway_error(502)
ORIGIN_TIMEOUT = gateway_error(524)
TOO_MANY = error(429, "Too many requests")
TOO_MANY_WAIT_1 = error(429, "Too many requests", {"Retry-After": "1"})
EXPIRED = error(401, "Authentication token has expired")
INCIDENT = Status(405, b"Method Not Allowed", content_type="text/plain")
STORAGE_BUSY = storage_error(503, "SlowDown", "Please reduce your request rate.")
INVALID_DIGEST = storage_error(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
