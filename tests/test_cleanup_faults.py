"""Whatever goes wrong with any request of a cleanup: nothing outside the plan goes, and what failed is told."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from cleaning import AnacondaSite, Cleaning
from exchanges import Request
from fault_matrix import EFFECTS, ONCE
from faults import Fault, Faults
from test_upload_faults import Storm
from uploading import IMPATIENT, QUICK, SLOW, Run

_FOR_EVER = 40
"""More often than any run asks for one thing."""


def fill(cleaning: Cleaning) -> set[str]:
    """Let there be two projects; the names of what is to go."""
    alpha, beta = cleaning.nights(4, name="alpha"), cleaning.nights(3, name="beta")
    return {*alpha[:2], *beta[:1]}


@dataclass(frozen=True)
class Case:
    """From the `nth` request like this one on, so many of them meet the effect."""

    mode: str
    method: str
    path: str
    nth: int
    effect: str
    lasting: bool

    @property
    def id(self) -> str:
        times = "for ever" if self.lasting else "once"
        return f"{self.mode}: {self.method} {self.path} #{self.nth}: {self.effect} {times}"

    def begin(self, server: AnacondaServer) -> None:
        """Let it go wrong."""
        effect = EFFECTS[self.effect] if self.lasting else ONCE.get(self.effect, EFFECTS[self.effect])
        first = Fault(effect, self.method, self.path, self.nth)
        server.faults.add(*(replace(first, nth=self.nth + later) for later in range(_FOR_EVER if self.lasting else 1)))


@cache
def recorded(mode: str) -> Sequence[Request]:
    """The requests of a run in which nothing goes wrong."""
    with tempfile.TemporaryDirectory() as directory, AnacondaServer(Path(directory) / "server") as server:
        cleaning = Cleaning(AnacondaSite(server), Path(directory), SLOW)
        fill(cleaning)
        runs = {"plan": cleaning.plan(), "apply": cleaning.apply()}
        if any(run.code for run in runs.values()):
            raise RuntimeError(runs["plan"].log + runs["apply"].log)
        return runs[mode].requests


def cases() -> Iterator[Case]:
    """All of them."""
    for mode in ("plan", "apply"):
        seen: Counter[tuple[str, str]] = Counter()
        for request in recorded(mode):
            key = request.method, request.plain_path
            seen[key] += 1
            for effect in EFFECTS:
                yield from (Case(mode, *key, seen[key], effect, lasting) for lasting in (False, True))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        # A plan asks in parallel: by name, the cases have the same order in every process.
        ordered = sorted(cases(), key=lambda case: case.id)
        metafunc.parametrize("case", ordered, ids=[case.id for case in ordered])


@pytest.fixture(name="stand_in", scope="module")
def stand_in_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnacondaServer]:
    with AnacondaServer(tmp_path_factory.mktemp("anaconda.org")) as server:
        yield server


@pytest.fixture(name="online")
def online_fixture(stand_in: AnacondaServer, tmp_path: Path) -> Cleaning:
    """An organization in which nothing of the tests before is left."""
    stand_in.faults = Faults()
    stand_in.state.forget_packages()
    stand_in.forget_requests()
    return Cleaning(AnacondaSite(stand_in), tmp_path)


def test_nothing_outside_the_plan_goes_and_what_failed_is_told(
    online: Cleaning, stand_in: AnacondaServer, case: Case
) -> None:
    going = fill(online)
    before = set(online.site.names())
    online.patience = IMPATIENT if case.lasting else QUICK
    if case.mode == "apply":
        online.plan()
    case.begin(stand_in)
    run = online.plan() if case.mode == "plan" else online.apply()
    stand_in.faults.clear()
    if case.mode == "plan":
        check_the_plan(online, run, going, before)
    else:
        check_the_apply(online, run, going, before)
    check_the_next_night(online, going, before)


@pytest.mark.parametrize("seed", range(30))
def test_in_a_storm_too(online: Cleaning, stand_in: AnacondaServer, seed: int) -> None:
    going = fill(online)
    before = set(online.site.names())
    online.patience = QUICK
    online.plan()
    stand_in.faults = Storm(seed, left=random.Random(seed).randint(1, 30))  # noqa: S311 - a storm keeps no secret
    run = online.apply()
    stand_in.faults = Faults()
    check_the_apply(online, run, going, before)
    check_the_next_night(online, going, before)


def check_the_plan(online: Cleaning, run: Run, going: set[str], before: set[str]) -> None:
    """It's right, or it's red and names what it doesn't know; and nothing was changed."""
    assert {request.method for request in run.requests} == {"GET"}
    assert set(online.site.names()) == before
    if not online.plan_file.exists():
        assert run.error, run.log
        return
    planned = {row["filename"]: row["decision"] for row in online.planned["files"]}
    unread = [each["project"] for each in online.planned["unread"]]
    assert run.code == bool(unread), run.log
    assert all(f"{project} couldn't be read" in run.log for project in unread)
    known = {name for name in before if name.partition("-")[0] not in unread}
    assert planned.keys() == known
    assert {name for name, decision in planned.items() if decision == "delete"} == going & known


def check_the_apply(online: Cleaning, run: Run, going: set[str], before: set[str]) -> None:
    """Only what was planned is gone; all of it that isn't surely gone has failed, by name; then the run is red."""
    there = set(online.site.names())
    assert before - going <= there, run.log
    gone, failed = going - there, set(run.names("failed"))
    assert set(run.names("deleted")) <= gone, run.log
    assert gone - set(run.names("deleted")) <= failed, run.log
    assert failed == going - set(run.names("deleted")), run.log
    assert run.code == bool(failed or online.result["missing"]), run.log
    assert all(f"  failed  {name}: " in run.log for name in failed), run.log
    assert all(f"{each['project']}: {each['reason']}" in run.log for each in online.result["missing"]), run.log
    assert "It was to stay" not in run.log


def check_the_next_night(online: Cleaning, going: set[str], before: set[str]) -> None:
    """Where nothing goes wrong, all goes that is to go, and no more."""
    online.patience = SLOW
    run = online.run("plan-and-apply")
    assert run.code == 0, run.log
    assert set(online.site.names()) == before - going
