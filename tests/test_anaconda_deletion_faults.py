"""Whatever goes wrong with a deletion: no file goes that wasn't named, and what is told is true."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from anaconda_deleting import Cleanup, Ended, key
from anaconda_server import AnacondaServer
from exchanges import Request
from fault_matrix import EFFECTS, ONCE
from faults import SERVE, Effect, Fault, Faults
from nightly.channel import End
from uploading import IMPATIENT, QUICK

REQUESTS = [(method, nth) for nth in (1, 2) for method in ("GET", "DELETE")]
"""Those of two files' deletion: a look at each and its deletion."""

FOR_EVER = 60
"""More often than any deletion asks for one thing."""


@pytest.fixture(name="stand_in", scope="module")
def stand_in_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnacondaServer]:
    with AnacondaServer(tmp_path_factory.mktemp("anaconda.org")) as server:
        yield server


@pytest.fixture(name="cleanup")
def cleanup_fixture(stand_in: AnacondaServer, tmp_path: Path) -> Cleanup:
    stand_in.faults = Faults()
    stand_in.state.forget_packages()
    stand_in.forget_requests()
    return Cleanup(stand_in, tmp_path)


def test_two_files_are_deleted_by_these_requests(cleanup: Cleanup) -> None:
    files = cleanup.fill()
    cleanup.server.forget_requests()
    cleanup.delete(files)
    methods = [request.method for request in cleanup.server.requests]
    assert methods == [method for method, _ in REQUESTS]


@pytest.mark.parametrize("last", [False, True], ids=["others stay", "with the package's last file"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for ever"])
@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(("method", "nth"), REQUESTS)
def test_what_is_told_is_true_and_a_rerun_deletes_the_rest(
    cleanup: Cleanup, method: str, nth: int, effect: str, *, lasting: bool, last: bool
) -> None:
    files = cleanup.fill()
    if last:
        cleanup.delete(cleanup.listed("1.0.dev1"))
    before = cleanup.there()
    played = EFFECTS[effect] if lasting else ONCE.get(effect, EFFECTS[effect])
    times = FOR_EVER if lasting else 1
    cleanup.server.faults.add(*(Fault(played, method, "/dist/*", nth + later) for later in range(times)))
    ended = cleanup.delete(files, IMPATIENT if lasting else QUICK)
    assert ended.error is None or effect == "401"
    check_that_it_is_true(cleanup, ended, before)
    if not lasting and effect != "401":
        assert ended.ends == [End.DELETED] * 2
    cleanup.server.faults.clear()
    check_the_rerun(cleanup, ended)


class Storm(Faults):
    """Requests meet the effects in turn, those of some of the turns."""

    def __init__(self, turns: Iterator[bool]) -> None:
        super().__init__()
        self.turns = turns
        self.effects = itertools.cycle([effect for name, effect in EFFECTS.items() if name != "401"])

    def effect_on(self, request: Request) -> Effect:
        del request
        with self._lock:
            return next(self.effects) if next(self.turns) else SERVE


@pytest.mark.parametrize("pattern", [[1, 0], [0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0, 1, 0]], ids=str)
@pytest.mark.parametrize("skip", range(5))
def test_what_is_told_is_true_in_a_storm(cleanup: Cleanup, pattern: list[int], skip: int) -> None:
    files = cleanup.fill(6)
    before = cleanup.there()
    storm = Storm(bool(each) for each in itertools.cycle(pattern))
    for _ in range(2 * skip):
        next(storm.effects)
    cleanup.server.faults = storm
    ended = cleanup.delete(files, QUICK)
    cleanup.server.faults = Faults()
    assert len(ended.ends) == len(files)
    check_that_it_is_true(cleanup, ended, before)
    check_the_rerun(cleanup, ended)


def check_that_it_is_true(cleanup: Cleanup, ended: Ended, before: dict[tuple[str, str], bytes]) -> None:
    """Only named files are gone; each that is told as deleted is, and no other is but one that may be."""
    there = cleanup.there()
    gone = before.keys() - there.keys()
    assert all(there[each] == before[each] for each in there)
    assert gone <= {key(file) for file in ended.asked}
    told = {key(each.file) for each in ended.deletions if each.end is End.DELETED}
    unsure = {key(each.file) for each in ended.deletions if "may be gone" in each.reason}
    assert told <= gone
    assert gone - told <= unsure
    assert set(ended.ends) <= {End.DELETED, End.FAILED}
    assert all(len(each.reason) > 30 for each in ended.deletions if each.end is End.FAILED)


def check_the_rerun(cleanup: Cleanup, ended: Ended) -> None:
    """Where nothing goes wrong it deletes what is left, and nothing is told to be deleted twice."""
    rerun = cleanup.delete(ended.asked)
    assert set(rerun.ends) <= {End.DELETED, End.GONE}
    before = {key(each.file) for each in ended.deletions if each.end is End.DELETED}
    assert all(each.end is End.GONE for each in rerun.deletions if key(each.file) in before)
    assert not {key(file) for file in ended.asked} & cleanup.there().keys()
