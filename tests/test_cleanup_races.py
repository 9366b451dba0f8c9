"""A cleanup that is killed, stopped, or not alone on its channel."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from anaconda_calls import Behavior
from anaconda_records import Style
from anaconda_server import AnacondaServer
from cleaning import AnacondaSite, Cleaning, DirectorySite
from cleanup_process import finish, start
from exchanges import Exchange
from faults import Effect, Fault, Hang, HangAfter
from upload_process import Seen
from uploading import After

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def server_of(cleaning: Cleaning) -> AnacondaServer:
    assert isinstance(cleaning.site, AnacondaSite)
    return cleaning.site.server


@dataclass(frozen=True)
class Then:
    """The request takes effect, and before its answer is sent this happens."""

    act: Callable[[], object]

    def play(self, exchange: Exchange) -> None:
        answer = exchange.take_effect()
        self.act()
        exchange.send(answer)


@dataclass(frozen=True)
class Reached:
    """The same as another effect, and it's known that the request has come."""

    event: threading.Event
    effect: Effect

    def play(self, exchange: Exchange) -> None:
        if isinstance(self.effect, HangAfter):
            exchange.take_effect()
        self.event.set()
        exchange.hang()


@pytest.mark.parametrize("moment", ["/package/*", "/dist/*"], ids=["the list", "the look"])
def test_an_upload_that_replaces_a_planned_file_meanwhile_is_left_alone(online: Cleaning, moment: str) -> None:
    server_of(online).behavior = Behavior(style=Style(ids=True))
    names = online.nights(4)
    online.plan()
    replace = Then(lambda: online.add("1.0.dev0", 0.01, payload=b"newer"))
    server_of(online).faults.add(Fault(replace, "GET", moment))
    run = online.apply()
    assert run.code == 0, run.log
    assert run.names("changed") == [names[0]]
    assert online.site.names() == [names[0], *names[2:]]


@pytest.mark.parametrize("hang", [Hang(), HangAfter()], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_apply_that_is_killed_at_a_deletion_is_finished_by_the_next(
    online: Cleaning, number: int, hang: Effect
) -> None:
    names = online.nights(5)
    assert online.plan().code == 0
    reached = threading.Event()
    server_of(online).faults.add(Fault(Reached(reached, hang), "DELETE", nth=number))
    process = start(online, "apply", str(online.plan_file))
    assert reached.wait(60)
    process.kill()
    finish(process)
    done = number - 1 + isinstance(hang, HangAfter)
    assert online.site.names() == names[done:]
    assert online.result["stopped"] == "The run hasn't ended, or was killed."
    run = online.apply()
    assert run.code == 0, run.log
    assert run.names("deleted") == names[done:3]
    assert online.site.names() == names[3:]


def test_an_apply_that_is_killed_at_any_of_its_changes_is_finished_by_the_next(tmp_path: Path) -> None:
    step, killed = 0, True
    while killed:
        step += 5
        cleaning = Cleaning(DirectorySite(tmp_path / f"{step}" / "site"), tmp_path / f"{step}")
        names = [*cleaning.nights(3, name="alpha"), *cleaning.nights(3, name="beta")]
        assert cleaning.plan().code == 0
        code, _ = finish(start(cleaning, "apply", str(cleaning.plan_file), step=step))
        killed = code != 0
        assert {*names[1:3], *names[4:6]} <= set(cleaning.site.names()) <= set(names)
        run = cleaning.apply()
        assert run.code == 0, run.log
        assert cleaning.site.names() == [*names[1:3], *names[4:6]]
    assert step > 20


@on_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_apply_that_is_stopped_says_what_it_has_done(online: Cleaning, number: int) -> None:
    names = online.nights(6)
    online.plan()
    processes: list[psutil.Process] = []
    server_of(online).faults.add(Fault(After(lambda: processes[0].send_signal(number)), "DELETE", nth=2))
    process = start(online, "apply", str(online.plan_file))
    processes.append(psutil.Process(process.pid))
    code, output = finish(process)
    assert code == 1
    ends = {row["filename"]: row["end"] for row in online.result["files"]}
    assert ends[names[0]] == "deleted"
    assert ends[names[3]] == "failed"
    assert online.result["stopped"] == "It was stopped from outside."
    assert set(online.site.names()) >= set(names[2:])
    assert "stopped from outside" in output
    assert "stopped from outside" in (online.root / "runner" / "summary").read_text(encoding="utf-8")


def test_the_token_is_nowhere_but_in_its_requests(online: Cleaning) -> None:
    online.nights(6)
    server, seen = server_of(online), Seen()
    process = start(online, "plan-and-apply")
    while process.poll() is None:
        seen.look_at(psutil.Process(process.pid), child=False)
        time.sleep(0.01)
    code, output = finish(process)
    assert code == 0, output
    assert any("plan-and-apply" in arguments for arguments in seen.arguments)
    assert server.token not in str(seen.arguments)
    assert [line for line in output.splitlines() if server.token in line] == [f"::add-mask::{server.token}"]
    files = [path for path in (online.root / "runner").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == ["outputs", "plan.json", "result.json", "summary"]
    assert not [path for path in files if server.token.encode() in path.read_bytes()]
    assert all(request.authorized and server.token not in request.path for request in server.requests)
