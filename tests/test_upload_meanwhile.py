"""What other jobs do meanwhile, to the same project, is no trouble to an upload."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from anaconda_calls import Behavior
from faults import (
    Fault,
)
from uploading import QUICK, After, Night

ORG = "nightly-wheels"


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
