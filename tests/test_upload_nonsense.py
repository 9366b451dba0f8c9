"""What the upload command makes of an index that is behind, and of answers that make no sense."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from anaconda_calls import Behavior
from anaconda_model import Lag
from exchanges import Answer, Exchange
from faults import (
    EVERY,
    INTERNAL_ERROR,
    STORAGE_BUSY,
    Effect,
    Fault,
    Hang,
    Status,
    error,
)
from uploading import QUICK, Night


@dataclass(frozen=True)
class CutShort:
    """An effect: half of this is answered, then the connection is closed."""

    told: Status

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(Answer(self.told.status, self.told.body, self.told.content_type))


def test_an_index_that_is_behind_is_a_warning(night: Night) -> None:
    night.patience = QUICK
    night.server.behavior = Behavior(lag=Lag(requests=1000))
    (wheel,) = night.make()
    run = night.run()
    assert run.code == 0
    assert "warning: Index behind" in run.log
    assert wheel.name in run.log
    assert "index" in run.summary


def test_an_index_that_catches_up_is_waited_for(night: Night) -> None:
    night.server.behavior = Behavior(lag=Lag(requests=2))
    night.make()
    run = night.run()
    assert "warning" not in run.log
    assert len(run.asked("index")) == 3


@pytest.mark.parametrize("effect", [INTERNAL_ERROR, error(404, "Not Found"), Hang()], ids=["500", "404", "hang"])
def test_an_index_that_is_down_is_a_warning(night: Night, effect: Effect) -> None:
    night.patience = QUICK
    night.make()
    night.server.faults.add(Fault(effect, role="index", nth=EVERY))
    run = night.run()
    assert run.code == 0
    assert "warning: Index behind" in run.log


def test_a_home_page_that_is_no_address_is_nothing_to_the_run(night: Night) -> None:
    night.make(home_page="http://[half-an-address")
    run = night.run()
    assert run.code == 0, run.log
    assert "warning" not in run.log


def test_an_index_page_that_is_nonsense_is_a_warning(night: Night) -> None:
    night.patience = QUICK
    night.make()
    night.server.faults.add(
        Fault(Status(200, b"<![nonsense[x]]><a href='//['>", {}, "text/html"), role="index", nth=EVERY)
    )
    run = night.run()
    assert run.code == 0
    assert "warning: Index behind" in run.log


@pytest.mark.parametrize("nth", [1, 2], ids=["keeper", "new file"])
def test_a_refusal_of_storage_that_breaks_off_is_tried_again(night: Night, nth: int) -> None:
    night.seed()
    (wheel,) = night.make()
    night.server.faults.add(Fault(CutShort(STORAGE_BUSY), "POST", nth=nth, role="storage"))
    run = night.run()
    assert run.names("replaced") == [wheel.name], run.log


@pytest.mark.parametrize("location", ["http://[", "//", "/", "http://127.0.0.1:1/x"])
def test_a_redirect_that_leads_nowhere_deletes_nothing(night: Night, location: str) -> None:
    night.patience = QUICK
    night.seed()
    old = night.there()
    (wheel,) = night.make()
    night.server.faults.add(Fault(Status(302, headers={"Location": location}), "GET", "/download/*", nth=EVERY))
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert night.there() == old


def test_an_answer_that_is_nested_beyond_all_measure_is_no_answer(night: Night) -> None:
    night.patience = QUICK
    night.make()
    night.server.faults.add(Fault(Status(200, b"[" * 200_000), "GET", "/user/*", nth=EVERY))
    run = night.run()
    assert run.code == 1
    assert run.error
