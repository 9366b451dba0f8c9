"""Whatever goes wrong with any request of an upload: the channel holds the old bytes or the new ones, never neither."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from exchanges import Request
from fault_matrix import EFFECTS, Case, cases
from faults import SERVE, Effect, Faults
from promises import check_that_nothing_is_lost, check_the_rerun, check_what_is_said
from uploading import IMPATIENT, QUICK, Night

pytestmark = pytest.mark.timeout(300)  # they're more than a thousand, and so start first


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", list(cases()), ids=lambda case: case.id)


@pytest.fixture(name="stand_in", scope="module")
def stand_in_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnacondaServer]:
    with AnacondaServer(tmp_path_factory.mktemp("anaconda.org")) as server:
        yield server


@pytest.fixture(name="night")
def night_fixture(stand_in: AnacondaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night after which nothing of the ones before is left, and whose temporary files are its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stand_in.faults = Faults()
    stand_in.state.forget_packages()
    stand_in.forget_requests()
    return Night(stand_in, tmp_path)


def test_no_file_is_lost_and_a_rerun_ends_with_the_new_ones(night: Night, case: Case) -> None:
    case.prepare(night)
    night.patience = IMPATIENT if case.lasting else QUICK
    old, new = night.there(), night.tonight()
    case.begin(night.server)
    run = night.run()
    night.server.faults.clear()
    check_what_is_said(night, run, new)
    assert run.code == 0 or case.lasting or case.effect == "401", run.log
    check_that_nothing_is_lost(night, run, old, on_disk=case.lasting)
    check_the_rerun(night, new)


class Storm(Faults):
    """One request of three meets something, until there have been `left` of them."""

    def __init__(self, seed: int, left: int) -> None:
        super().__init__()
        self.random = random.Random(seed)  # noqa: S311 - a storm keeps no secret
        self.left = left

    def effect_on(self, request: Request) -> Effect:
        del request
        with self._lock:
            if self.left == 0 or self.random.random() > 1 / 3:
                return SERVE
            self.left -= 1
            return self.random.choice(list(EFFECTS.values()))


@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_no_file_is_lost_in_a_storm(night: Night, seed: int) -> None:
    night.seed(count=4)
    night.make(count=7)
    old, new = night.there(), night.tonight()
    night.server.faults = Storm(seed, left=seed)
    run = night.run(parallel="4")
    night.server.faults = Faults()
    check_what_is_said(night, run, new)
    check_that_nothing_is_lost(night, run, old, on_disk=True)
    check_the_rerun(night, new)
