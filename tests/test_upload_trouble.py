"""What the upload command makes of a service that is down, behind or half dead, and of what else happens meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from anaconda_calls import Behavior
from anaconda_model import Lag
from exchanges import Answer, Exchange
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
    Status,
    error,
)
from uploading import IMPATIENT, QUICK, After, Night, names

ORG = "nightly-wheels"


@dataclass(frozen=True)
class CutShort:
    """An effect: half of this is answered, then the connection is closed."""

    told: Status

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(Answer(self.told.status, self.told.body, self.told.content_type))


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


def test_an_upload_that_is_under_way_elsewhere_is_named(night: Night) -> None:
    night.patience = QUICK
    night.server.behavior = Behavior(staged_conflict=True)
    night.seed(version="1.0.dev1", tag="py3-none-any")
    (wheel,) = night.make()
    night.server.state.stage(ORG, "demo-pkg", "1.0.dev1", wheel.name, {})
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert "unfinished upload" in run.row(wheel.name)["reason"]


def test_an_upload_that_ends_elsewhere_with_these_bytes_is_as_good(night: Night) -> None:
    night.server.behavior = Behavior(staged_conflict=True)
    night.seed(version="1.0.dev1", tag="py3-none-any")
    (wheel,) = night.make()
    night.server.state.stage(ORG, "demo-pkg", "1.0.dev1", wheel.name, {})
    night.server.faults.add(Fault(After(lambda: night.server.seed(wheel)), "POST", "/stage/*", nth=2))
    run = night.run()
    assert run.names("uploaded") == [wheel.name], run.log


def test_a_wheel_that_vanishes_during_its_replacement_costs_nothing(night: Night) -> None:
    night.seed()
    old = night.there()
    (wheel,) = night.make()
    night.server.faults.add(Fault(After(wheel.unlink), "DELETE"))
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert "The old file was put back" in run.row(wheel.name)["reason"]
    assert night.there() == old


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


@pytest.mark.parametrize("path", ["/package/*", "/release/*", "/stage/*", "/commit/*"])
def test_another_job_that_is_faster_by_one_request_is_no_trouble(night: Night, path: str) -> None:
    (theirs,) = Night(night.server, night.root / "theirs").make(tag="py3-none-any")
    (wheel,) = night.make()
    night.server.faults.add(Fault(After(lambda: night.server.seed(theirs)), "POST", path))
    run = night.run()
    assert run.code == 0, run.log
    assert set(night.there()) == {wheel.name, theirs.name}


@pytest.mark.parametrize("path", ["/package/*", "/release/*", "/stage/*", "/commit/*"])
def test_the_same_wheel_of_another_job_that_is_faster_is_as_good(night: Night, path: str) -> None:
    (wheel,) = night.make()
    night.server.faults.add(Fault(After(lambda: night.server.seed(wheel)), "POST", path))
    assert night.run().names("uploaded") == [wheel.name]


@pytest.mark.parametrize("path", ["/package/*", "/release/*", "/stage/*", "/commit/*"])
def test_another_wheel_of_a_faster_job_under_the_same_name_is_left_alone(night: Night, path: str) -> None:
    (theirs,) = Night(night.server, night.root / "theirs").make(b"another")
    (wheel,) = night.make()
    night.server.faults.add(Fault(After(lambda: night.server.seed(theirs)), "POST", path))
    run = night.run()
    assert "Another run has put other bytes there" in run.row(wheel.name)["reason"]
    assert night.there() == {wheel.name: theirs.read_bytes()}


@pytest.mark.parametrize("attempt", range(5))
def test_two_jobs_that_replace_the_same_files_at_once_leave_the_bytes_of_one(night: Night, attempt: int) -> None:
    night.seed(count=4)
    jobs = [Night(night.server, night.root / f"{name} {attempt}", night.patience) for name in ("one", "two")]
    for job in jobs:
        job.make(job.root.name.encode(), count=4)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(Night.run, jobs))
    one, two = (job.tonight() for job in jobs)
    there = night.there()
    assert len(there) == 4
    assert all(content in (one[name], two[name]) for name, content in there.items())
    for run, mine in zip(runs, (one, two), strict=True):
        assert not {name for name in run.names("failed") if there[name] == mine[name]}


@pytest.mark.parametrize("path", ["/dist/*win*", "/stage/*win*", "/commit/*win*"])
def test_a_package_that_someone_deletes_meanwhile_is_made_again(night: Night, path: str) -> None:
    night.seed()
    (wheel,) = night.make()

    def delete() -> None:
        night.server.state.forget_packages()

    night.server.faults.add(Fault(After(delete), path=path, nth=1))
    run = night.run()
    assert run.code == 0, run.log
    assert night.there() == {wheel.name: wheel.read_bytes()}


@pytest.mark.parametrize("seeded", [0, 2], ids=["new", "the package's only files"])
def test_two_jobs_that_publish_one_project_at_once_both_end_well(night: Night, seeded: int) -> None:
    night.seed(count=seeded)
    if seeded:
        night.as_collaborator()
    jobs = [Night(night.server, night.root / f"job {minor}", night.patience, night.environ) for minor in (10, 11)]
    for minor, job in zip((10, 11), jobs, strict=True):
        job.make(tag=f"cp3{minor}-cp3{minor}-win_amd64")
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(Night.run, jobs))
    assert [run.code for run in runs] == [0, 0], "\n".join(run.log for run in runs)
    assert night.there() == jobs[0].tonight() | jobs[1].tonight()


def test_two_jobs_that_publish_the_same_wheels_at_once_both_end_well(night: Night) -> None:
    jobs = [Night(night.server, night.root / name, night.patience) for name in ("one", "two")]
    for job in jobs:
        job.make(count=6)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(Night.run, jobs))
    assert [run.code for run in runs] == [0, 0], "\n".join(run.log for run in runs)
    assert night.there() == jobs[0].tonight()
