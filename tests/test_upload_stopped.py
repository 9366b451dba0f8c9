"""An upload that is stopped: by a person, by a job that's cancelled, by a machine that goes."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from faults import Fault
from promises import check_the_rerun
from upload_process import Job
from uploading import After, Night, names

on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signal that another process could send to this one alone"
)


def stop_at(night: Night, method: str, path: str, number: int) -> subprocess.Popen[str]:
    """Start a job, and send it the signal when it makes this request, which is then served."""
    started: list[subprocess.Popen[str]] = []
    night.server.faults.add(Fault(After(lambda: started[0].send_signal(number)), method, path))
    started.append(Job(night).start(parallel="1"))
    return started[0]


@on_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "*cp310*"), ("POST", "/commit/*cp310*")], ids=["deletion", "commit"]
)
def test_a_file_that_is_being_replaced_is_finished_and_no_other_is_begun(
    night: Night, method: str, path: str, number: int
) -> None:
    night.seed(count=2)
    old = night.there()
    night.make(count=2)
    first, second = names(night.dist)
    with stop_at(night, method, path, number) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "::error title=Stopped::" in output
    assert "a rerun sends the others" in output
    assert night.there() == {first: (night.dist / first).read_bytes(), second: old[second]}
    night.server.faults.clear()
    check_the_rerun(night, night.tonight())


@on_posix
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/user/*"), ("GET", "/download/*"), ("POST", "/stage/*keeper*"), ("POST", "/stage/*cp310*")],
)
def test_what_is_stopped_before_the_first_deletion_loses_nothing(night: Night, method: str, path: str) -> None:
    night.seed(count=2)
    night.make(count=2)
    before = set(night.there())
    with stop_at(night, method, path, signal.SIGTERM) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert set(night.there()) == before


@on_posix
@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "*cp310*"), ("POST", "/stage/*cp310*"), ("POST", "/commit/*cp310*"), ("DELETE", "*keeper*")],
)
def test_a_rerun_mends_what_a_killed_run_has_left(night: Night, method: str, path: str) -> None:
    night.seed()
    night.as_collaborator()
    night.make()
    with stop_at(night, method, path, signal.SIGKILL) as process:
        process.communicate(timeout=60)
    night.server.faults.clear()
    check_the_rerun(night, night.tonight())
