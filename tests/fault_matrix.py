"""Every request of an upload, as a clean run makes it, times everything that can go wrong with it."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from anaconda_server import AnacondaServer
from exchanges import Request
from faults import (
    BAD_GATEWAY,
    EXPIRED,
    INTERNAL_ERROR,
    ORIGIN_TIMEOUT,
    TOO_MANY,
    Effect,
    Fault,
    HalfJson,
    Hang,
    ResetAfter,
    ResetBefore,
    StatusAfter,
    Truncate,
    error,
)
from uploading import SLOW, Night

EFFECTS: dict[str, Effect] = {
    "500": INTERNAL_ERROR,
    "502 in HTML": BAD_GATEWAY,
    "524 after it took effect": StatusAfter(ORIGIN_TIMEOUT),
    "429": TOO_MANY,
    "401": EXPIRED,
    "reset before": ResetBefore(),
    "reset after it took effect": ResetAfter(),
    "half the JSON": HalfJson(),
    "broken off": Truncate(),
    "hang": Hang(),
}

ONCE: dict[str, Effect] = {"429": error(429, "Too many requests", {"Retry-After": "0"})}
"""Where it differs for what happens once."""

_FOR_EVER = 60
"""More often than any run asks for one thing."""

_LOOK = 3
"""The requests of the look at a channel where a package is: they are the same every time."""


def _new(night: Night) -> None:
    night.make(count=2)


def _replaced(night: Night) -> None:
    night.seed(count=2)
    night.make(count=2)


def _only_of_its_release(night: Night) -> None:
    night.seed(version="1.0.dev0")
    night.seed()
    night.make()


def _only_of_its_package(night: Night) -> None:
    night.seed()
    night.make()


SCENARIOS: dict[str, Callable[[Night], None]] = {
    "new": _new,
    "replaced": _replaced,
    "only of its release": _only_of_its_release,
    "only of its package": _only_of_its_package,
}


@dataclass(frozen=True)
class Case:
    """From the `nth` request like this one on, so many of them meet the effect."""

    scenario: str
    role: str
    method: str
    path: str
    nth: int
    effect: str
    lasting: bool

    @property
    def id(self) -> str:
        times = "for ever" if self.lasting else "once"
        what = "/".join(self.path.split("/")[:2] + self.path.split("/")[5:])
        return f"{self.scenario}: {self.role} {self.method} {what} #{self.nth}: {self.effect} {times}"

    def prepare(self, night: Night) -> None:
        """Let there be what was there before, and the wheels of tonight."""
        prepare(self.scenario, night)

    def begin(self, server: AnacondaServer) -> None:
        """Let it go wrong."""
        effect = EFFECTS[self.effect] if self.lasting else ONCE.get(self.effect, EFFECTS[self.effect])
        first = Fault(effect, self.method, self.path, self.nth, self.role)
        times = _FOR_EVER if self.lasting else 1
        server.faults.add(*(replace(first, nth=self.nth + later) for later in range(times)))


def prepare(scenario: str, night: Night) -> None:
    """Let there be what was there before. To replace it, a collaborator's rights have to do."""
    if scenario != "new":
        night.as_collaborator()
    night.environ["INPUT_PARALLEL"] = "1"
    SCENARIOS[scenario](night)


def cases() -> Iterator[Case]:
    """All of them."""
    for scenario in SCENARIOS:
        seen: Counter[tuple[str, str, str]] = Counter()
        for number, request in enumerate(recorded(scenario)):
            key = request.role, request.method, _pattern(request)
            seen[key] += 1
            if number < _LOOK and scenario != "replaced":
                continue
            for effect in EFFECTS:
                yield from (Case(scenario, *key, seen[key], effect, lasting) for lasting in (False, True))


@cache
def recorded(scenario: str) -> Sequence[Request]:
    """The requests of a run in which nothing goes wrong."""
    with tempfile.TemporaryDirectory() as directory, AnacondaServer(Path(directory) / "server") as server:
        night = Night(server, Path(directory), SLOW)
        prepare(scenario, night)
        run = night.run()
        if run.code:
            raise RuntimeError(run.log)
        return run.requests


def _pattern(request: Request) -> str:
    """The request's path, with a star for what differs from run to run."""
    path = re.sub(r"0keeper[0-9a-f]+", "0keeper*", request.plain_path)
    return "/bucket/*" if path.startswith("/bucket/") else path
