"""How steady the machine was: the same work again and again, which has nothing to do with what is measured."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

_LOOPS = 1_000_000
_REQUESTS = 10


@dataclass(frozen=True)
class Noise:
    """Seconds that a fixed loop took, and a fixed sequence of requests to the stand-in that change nothing."""

    loop: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)

    def look_at_processor(self) -> None:
        started = time.perf_counter()
        for number in range(_LOOPS):
            number * number
        self.loop.append(time.perf_counter() - started)

    def look_at_server(self, url: str) -> None:
        connection = HTTPConnection(urlsplit(url).netloc)
        started = time.perf_counter()
        for _ in range(_REQUESTS):
            connection.request("HEAD", "/")
            connection.getresponse().read()
        self.requests.append(time.perf_counter() - started)
        connection.close()

    def __str__(self) -> str:
        probes = {"a fixed loop": self.loop, f"{_REQUESTS} empty requests": self.requests}
        return "; ".join(f"{what} took {_spread(seconds)}" for what, seconds in probes.items() if seconds)


def _spread(seconds: list[float]) -> str:
    least, most = min(seconds), max(seconds)
    return f"{1000 * least:.0f} to {1000 * most:.0f} ms"
