"""Each kind of fault at each request of a fetch: all is right in the end, or it's said, and nothing is half there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faults import (
    BAD_GATEWAY,
    EVERY,
    EXPIRED,
    INTERNAL_ERROR,
    Effect,
    Fault,
    HalfJson,
    Hang,
    ResetBefore,
    Status,
    Truncate,
    error,
)
from fetching_site import HALF_THEN_SILENCE, SDIST, SLOW, WHEEL, Site, parts, served, sha256
from nightly.patience import Patience

FILES = {WHEEL: bytes(range(256)) * 300, SDIST: b"sdist" * 9000}
PATHS = ("/simple/demo-pkg/", f"/files/{WHEEL}", f"/files/{SDIST}")

EFFECTS: dict[str, Effect] = {
    "500": INTERNAL_ERROR,
    "502 in HTML": BAD_GATEWAY,
    "429": error(429, "Too many requests", {"Retry-After": "0"}),
    "401": EXPIRED,
    "404": Status(404),
    "reset": ResetBefore(),
    "broken off": Truncate(),
    "half as if it were all": HalfJson(),
    "hang": Hang(),
    "hang in the middle": HALF_THEN_SILENCE,
    "an empty answer": Status(200),
    "an error page as if it were good": Status(200, b"<html><body>Down</body></html>", content_type="text/html"),
    "other bytes": Status(200, b"x" * 76800, content_type="application/octet-stream"),
}

FOR_GOOD = {"401", "404"}
"""What nobody tries again."""

MISTAKEN = {("/simple/demo-pkg/", "404"), ("/simple/demo-pkg/", "an error page as if it were good")}
"""What can't be told from a project that isn't there."""


@dataclass(frozen=True)
class Case:
    """At the first request of this path, or at all of them, this goes wrong."""

    form: str
    path: str
    effect: str
    lasting: bool

    @property
    def id(self) -> str:
        return f"{self.form} {self.path.split('/')[1]}{self.path[-3:]}: {self.effect}{' always' * self.lasting}"

    @property
    def patience(self) -> Patience:
        """Only what hangs is waited for but shortly, so that no busy machine makes a fault of its own."""
        hangs = "hang" in self.effect
        return replace(SLOW, silence=0.3, tries=2 if self.lasting else 5) if hangs else SLOW

    @property
    def codes(self) -> set[int]:
        """How it may end."""
        if (self.path, self.effect) in MISTAKEN:
            return {2}
        if self.lasting or self.effect in FOR_GOOD:
            return {1}
        return {0} if self.path.startswith("/files/") else {0, 1}


def cases() -> Iterator[Case]:
    for effect in EFFECTS:
        for path in PATHS:
            yield Case("json", path, effect, lasting=False)
            yield Case("html", path, effect, lasting=True)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.id)
def test_whatever_goes_wrong_all_is_right_or_it_is_said_and_nothing_is_half_there(case: Case, tmp_path: Path) -> None:
    with served(Site(case.form, dict(FILES)), tmp_path, case.patience) as fetching:
        nth = EVERY if case.lasting else 1
        fetching.site.faults.add(Fault(EFFECTS[case.effect], path=case.path, nth=nth))
        run = fetching.run()
        assert run.code in case.codes, run.log
        there = fetching.there()
        assert there.items() <= FILES.items()
        assert (there == FILES) == (run.code == 0)
        assert (fetching.wheelhouse / "SHA256SUMS").exists() == (run.code == 0)
        assert run.code == 0 or (run.error and run.error.do)
        fetching.site.faults.clear()
        fetching.patience = SLOW
        again = fetching.run()
    assert again.code == 0, again.log
    assert fetching.there() == FILES
    assert parts(fetching.wheelhouse) == {}
    assert sha256(FILES[WHEEL]) in (fetching.wheelhouse / "SHA256SUMS").read_text(encoding="utf-8")
