"""What passes between a stand-in of a server and its clients: requests, answers, and a log of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

CHUNK = 1 << 20


@dataclass(frozen=True)
class Request:
    """A request as it came in. Header names are in lower case; `path` is as it was sent, with its query.

    `role` is the host it came to. `body` is there if it was JSON. `status` is what was answered: None while nothing
    was, and for ever if the connection was reset instead.
    """

    role: str
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Json = field(default=None, repr=False)
    status: int | None = None

    @property
    def authorized(self) -> bool:
        """Whether it carried an Authorization header."""
        return "authorization" in self.headers

    @property
    def plain_path(self) -> str:
        """The path without its query."""
        return urlsplit(self.path).path


@dataclass(frozen=True)
class Answer:
    """What to answer: `body`, or the bytes of `file`."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None

    @property
    def length(self) -> int:
        return self.file.stat().st_size if self.file else len(self.body)


def json_answer(value: Json, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Body:
    """What is left to read of a request's body, never more than its Content-Length."""

    def __init__(self, stream: Stream, length: int) -> None:
        self._stream = stream
        self.left = length

    def read(self, size: int = CHUNK) -> bytes:
        chunk = self._stream.read(min(size, self.left))
        if self.left and not chunk:
            raise ConnectionAbortedError("the client went away in the middle of its body")
        self.left -= len(chunk)
        return chunk

    def drain(self) -> None:
        while self.left:
            self.read()


class Exchange(Protocol):
    """A request, and the ways in which it can end."""

    @property
    def request(self) -> Request: ...

    def take_effect(self) -> Answer:
        """Do what was asked for. Nothing is sent."""

    def send(self, answer: Answer) -> None:
        """Answer."""

    def cut_short(self, answer: Answer) -> None:
        """Promise the whole answer, send half of its body, and close."""

    def hang(self) -> None:
        """Say nothing until the client goes or the server closes."""

    def reset(self) -> None:
        """Reset the connection: the client meets an error, not an end."""


class Site(Protocol):
    """What a server serves."""

    def serve(self, exchange: Exchange) -> None:
        """Choose how the request ends."""

    def answer(self, request: Request, body: Body) -> Answer:
        """Do what was asked for."""


class RequestLog:
    """The requests in the order of their arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[object, Request] = {}

    def begin(self, request: Request) -> object:
        """Enter a request that isn't answered yet. Returns what `finish` wants."""
        entry = object()
        with self._lock:
            self._requests[entry] = request
        return entry

    def finish(self, entry: object, status: int) -> None:
        with self._lock:
            if entry in self._requests:
                self._requests[entry] = replace(self._requests[entry], status=status)

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()

    def all(self) -> list[Request]:
        with self._lock:
            return list(self._requests.values())
