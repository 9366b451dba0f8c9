"""What the upload command makes of a service that is down, for a while or for good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anaconda_calls import Behavior
from faults import (
    BAD_GATEWAY,
    EVERY,
    INTERNAL_ERROR,
    STORAGE_BUSY,
    Effect,
    Fault,
    Hang,
    ResetAfter,
    ResetBefore,
    error,
)
from uploading import IMPATIENT, QUICK, After, Night, names


@pytest.mark.parametrize("effect", [INTERNAL_ERROR, ResetBefore(), Hang()], ids=["500", "reset", "hang"])
def test_a_run_ends_soon_when_storage_is_down(night: Night, effect: Effect) -> None:
    night.patience = replace(IMPATIENT, failures_in_a_row=3)
    night.make(count=9)
    night.server.faults.add(Fault(effect, "POST", nth=EVERY, role="storage"))
    run = night.run(parallel="1")
    reasons = [row["reason"] for row in run.report["files"]]
    assert len(run.names("failed")) == 9
    assert ["Not tried" in reason for reason in reasons] == [False] * 3 + [True] * 6
    assert all("A rerun sends it again" in reason for reason in reasons)
    assert len(run.asked("storage")) == 3 * night.patience.tries
    assert "statuspage" in reasons[0]


def test_a_project_that_cant_be_made_is_tried_for_one_of_its_files_only(night: Night) -> None:
    night.patience = QUICK
    night.make(count=9)
    night.server.faults.add(Fault(BAD_GATEWAY, "POST", "/package/*", nth=EVERY))
    run = night.run(parallel="8")
    assert len(run.names("failed")) == 9
    assert len(run.writes) == QUICK.tries


def test_an_outage_thats_there_from_the_start_deletes_nothing(night: Night) -> None:
    night.patience = QUICK
    night.seed(count=9)
    old = night.there()
    night.make(count=9)
    night.server.faults.add(Fault(STORAGE_BUSY, "POST", nth=EVERY, role="storage"))
    run = night.run()
    assert len(run.names("failed")) == 9
    assert not [entry for entry in run.asked() if entry.startswith("DELETE")]
    assert night.there() == old


def test_an_outage_that_begins_with_the_first_deletion_takes_one_file_and_says_where_it_is(night: Night) -> None:
    night.patience = QUICK
    night.seed(count=9)
    night.make(count=9)

    def begin() -> None:
        night.server.faults.add(Fault(STORAGE_BUSY, "POST", nth=EVERY, role="storage"))

    night.server.faults.add(Fault(After(begin), "DELETE"))
    run = night.run(parallel="1")
    assert len(night.there()) == 8
    assert "THE OLD FILE MAY BE GONE" in run.log
    assert len([entry for entry in run.asked() if entry.startswith("DELETE") and "keeper" not in entry]) == 1


def test_an_outage_that_outlasts_all_patience_with_a_new_file_doesnt_outlast_that_with_the_old_one(
    night: Night,
) -> None:
    night.patience = QUICK
    night.seed()
    old = night.there()
    (wheel,) = night.make()
    # The first is the keeper's.
    night.server.faults.add(*(Fault(STORAGE_BUSY, "POST", nth=nth, role="storage") for nth in range(2, 8)))
    run = night.run()
    assert "The old file was put back" in run.row(wheel.name)["reason"]
    assert night.there() == old


def test_a_stage_that_the_server_keeps_but_never_told_of_may_cost_a_file_which_is_on_disk(night: Night) -> None:
    night.patience = QUICK
    night.server.behavior = Behavior(staged_conflict=True)
    night.seed()
    (wheel,) = night.make()
    night.server.faults.add(Fault(ResetAfter(), "POST", f"/stage/*/{wheel.name}", nth=2))
    run = night.run()
    reason = run.row(wheel.name)["reason"]
    assert "THE OLD FILE MAY BE GONE" in reason
    assert "its bytes are in " in reason
    assert "unfinished upload" in reason


def test_one_files_failure_doesnt_stop_the_others(night: Night) -> None:
    night.patience = QUICK
    night.make(count=5)
    first, second, *others = names(night.dist)
    night.server.faults.add(
        Fault(INTERNAL_ERROR, "POST", f"/commit/*/{first}", nth=EVERY),
        Fault(error(403, "Forbidden"), "POST", f"/stage/*/{second}", nth=EVERY),
    )
    run = night.run()
    assert run.code == 1
    assert run.names("failed") == [first, second]
    assert run.names("uploaded") == others
    assert f"error: Not published: {first}: " in run.log
    assert "What failed, and why" in run.summary
    assert "doesn't let this in" in run.row(second)["reason"]


def test_a_service_that_refuses_files_in_between_isnt_down(night: Night) -> None:
    night.patience = QUICK
    night.make(count=6)
    *files, last = names(night.dist)
    for number, name in enumerate(files):
        effect = error(403, "Forbidden") if number % 2 else INTERNAL_ERROR
        night.server.faults.add(Fault(effect, "POST", f"/stage/*/{name}", nth=EVERY))
    assert night.run(parallel="1").names("uploaded") == [last]


def test_a_server_that_asks_to_be_left_alone_for_an_hour_is(night: Night) -> None:
    night.make()
    night.server.faults.add(Fault(error(429, "Too many requests", {"Retry-After": "3600"}), "POST", "/stage/*"))
    run = night.run()
    assert run.code == 1
    assert len([entry for entry in run.writes if "/stage/" in entry]) == 1


def test_a_wheel_that_vanishes_during_its_replacement_costs_nothing(night: Night) -> None:
    night.seed()
    old = night.there()
    (wheel,) = night.make()
    night.server.faults.add(Fault(After(wheel.unlink), "DELETE"))
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert "The old file was put back" in run.row(wheel.name)["reason"]
    assert night.there() == old
