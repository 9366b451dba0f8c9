"""Transfers that break off, go on, never end, or bring too much; and who is asked for what."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from exchanges import Exchange
from faults import EVERY, Effect, Fault, Hang, Status, Truncate
from fetching_site import (
    HALF_THEN_SILENCE,
    JSON,
    QUICK,
    WHEEL,
    Fetching,
    Site,
    parts,
    served,
)
from nightly.fetching.parts import FOLDER
from raw_server import answering

CONTENT = bytes(range(256)) * 800
HALF = len(CONTENT) // 2
SCRIPTS = Path(__file__).parent.parent / "scripts"


def site(form: str = "html", **features: object) -> Site:
    """An index with one wheel. Its HTML tells no size, so that a server is believed that promises more than comes."""
    return Site(form, {WHEEL: CONTENT}, **features)  # type: ignore[arg-type]  # of the test's choice


def leave(fetching: Fetching, content: bytes) -> None:
    """Let an earlier run have left this of the wheel."""
    folder = fetching.wheelhouse / FOLDER
    folder.mkdir(parents=True)
    (folder / f"{WHEEL}.part").write_bytes(content)


def ranges(fetching: Fetching) -> list[str | None]:
    """What was asked for of the wheel, request by request."""
    return [request.headers.get("range") for request in fetching.downloads()]


def break_off(fetching: Fetching, effect: Effect = Truncate()) -> None:  # noqa: B008  # frozen
    fetching.site.faults.add(Fault(effect, path="/files/*"))


@pytest.mark.parametrize("etags", [True, False], ids=["with ETags", "without"])
def test_what_broke_off_is_gone_on_with(etags: bool, tmp_path: Path) -> None:  # noqa: FBT001
    with served(site(etags=etags), tmp_path) as fetching:
        break_off(fetching)
        assert fetching.run().code == 0
    assert fetching.there() == {WHEEL: CONTENT}
    assert ranges(fetching) == [None, f"bytes={HALF}-"]
    assert ("if-range" in fetching.downloads()[1].headers) == etags


def test_without_a_hash_it_is_gone_on_with_by_the_etag_alone(tmp_path: Path) -> None:
    with served(site(form="plain"), tmp_path) as fetching:
        break_off(fetching)
        assert fetching.run().code == 0
        assert ranges(fetching) == [None, f"bytes={HALF}-"]
    assert fetching.there() == {WHEEL: CONTENT}


def test_without_a_hash_and_an_etag_it_begins_anew(tmp_path: Path) -> None:
    with served(site(form="plain", etags=False), tmp_path) as fetching:
        break_off(fetching)
        assert fetching.run().code == 0
        assert ranges(fetching) == [None, None]
    assert fetching.there() == {WHEEL: CONTENT}


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(tmp_path: Path) -> None:
    with served(site(ranges=False), tmp_path) as fetching:
        break_off(fetching)
        assert fetching.run().code == 0
        assert ranges(fetching) == [None, f"bytes={HALF}-"]
    assert fetching.there() == {WHEEL: CONTENT}


@pytest.mark.parametrize(
    ("form", "left", "asked"),
    [
        ("html", CONTENT[:1000], ["bytes=1000-"]),
        ("html", CONTENT, []),
        ("html", b"x" * 1000, ["bytes=1000-", None]),
        ("html", b"x" * len(CONTENT), [f"bytes={len(CONTENT)}-", None]),
        ("json", CONTENT + b"x", [None]),
        ("html", CONTENT + b"x", [f"bytes={len(CONTENT) + 1}-", None]),
        ("html", b"", [None]),
    ],
    ids=["its beginning", "all", "other bytes", "as many others", "too many", "too many of no told size", "nothing"],
)
def test_what_an_earlier_run_has_left_is_used_if_it_is_the_files(
    form: str, left: bytes, asked: list[str | None], tmp_path: Path
) -> None:
    with served(site(form), tmp_path) as fetching:
        leave(fetching, left)
        assert fetching.run().code == 0
    assert ranges(fetching) == asked
    assert fetching.there() == {WHEEL: CONTENT}
    assert parts(fetching.wheelhouse) == {}


def test_what_an_earlier_run_has_left_is_not_believed_where_there_is_no_hash(tmp_path: Path) -> None:
    with served(site(form="plain"), tmp_path) as fetching:
        leave(fetching, b"x" * 1000)
        assert fetching.run().code == 0
    assert ranges(fetching) == [None]
    assert fetching.there() == {WHEEL: CONTENT}


def test_a_file_that_changes_while_it_is_fetched_is_never_put_together_of_both(tmp_path: Path) -> None:
    with served(site(form="plain"), tmp_path) as fetching:
        fetching.site.faults.add(Fault(_ThenOther(fetching.site), path="/files/*"))
        assert fetching.run().code == 0
    assert fetching.there() == {WHEEL: CONTENT[::-1]}


class _ThenOther:
    """Break off, and have other bytes from then on."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(exchange.take_effect())
        self._site.files[WHEEL] = CONTENT[::-1]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}"},
        {"Content-Range": "nonsense"},
        {},
    ],
    ids=["of another place", "nonsense", "without a range"],
)
def test_a_part_that_was_not_asked_for_is_not_taken(headers: dict[str, str], tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        leave(fetching, CONTENT[:1000])
        break_off(fetching, Status(206, CONTENT[7:], headers))
        assert fetching.run().code == 0
    assert fetching.there() == {WHEEL: CONTENT}


def test_a_part_though_all_was_asked_for_is_not_taken(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(Status(206, CONTENT[:9]), path="/files/*", nth=EVERY))
        assert fetching.run().code == 1
    assert fetching.there() == {}


@pytest.mark.parametrize(
    ("effect", "came"),
    [(Hang(), {}), (HALF_THEN_SILENCE, {f"{WHEEL}.part": CONTENT[: HALF + HALF // 2]})],
    ids=["at once", "twice in the middle"],
)
def test_a_server_that_goes_silent_is_given_up_and_what_came_stays_for_the_next_run(
    effect: Effect, came: dict[str, bytes], tmp_path: Path
) -> None:
    with served(site(), tmp_path, QUICK) as fetching:
        fetching.site.faults.add(Fault(effect, path="/files/*", nth=EVERY))
        run = fetching.run()
    assert run.code == 1
    assert "no answer in time" in run.log
    assert fetching.there() == {}
    assert parts(fetching.wheelhouse) == came


def drip(connection: socket.socket, done: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 204800\r\n\r\n")
    while not done.wait(0.02):
        connection.sendall(b"x")


def flood(connection: socket.socket, _done: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def promise_3_gb(connection: socket.socket, _done: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n" + b"x" * 4096)


def endless(connection: socket.socket, _done: threading.Event) -> None:
    """Without a length, a hash and chunks, an end may be anything."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096)


def log_in(connection: socket.socket, _done: threading.Event) -> None:
    """What the network of a hotel says to whatever is asked for."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n<!DOCTYPE html>Welcome!")


def nothing(connection: socket.socket, _done: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


UNTOLD: dict[str, object] = {"hashes": {}, "size": None}


@pytest.mark.parametrize(
    ("say", "told", "reason"),
    [
        (drip, {}, "no answer in time"),
        (flood, {}, f"more than the {len(CONTENT)} bytes come"),
        (promise_3_gb, {}, f"its size is 3000000000 bytes, where {len(CONTENT)} was told"),
        (endless, UNTOLD, "nothing tells when the file is whole"),
        (log_in, UNTOLD, "it is an HTML or XML page"),
        (nothing, UNTOLD, "it is empty"),
    ],
    ids=[
        "drips",
        "is flooded",
        "is promised to be much larger",
        "has no end that can be told",
        "is a page",
        "is empty",
    ],
)
def test_a_file_that_is_not_the_promised_one_is_given_up_early(
    say: Callable[[socket.socket, threading.Event], None], told: dict[str, object], reason: str, tmp_path: Path
) -> None:
    with answering(say) as url, served(site("json", told={WHEEL: {"url": url, **told}}), tmp_path, QUICK) as fetching:
        run = fetching.run()
    assert run.code == 1
    assert reason in run.log
    assert fetching.there() == {}
    assert sum(map(len, parts(fetching.wheelhouse).values())) <= len(CONTENT)


def test_a_page_without_an_end_is_given_up(tmp_path: Path) -> None:
    page = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 99999\r\n\r\n"

    def say(connection: socket.socket, done: threading.Event) -> None:
        connection.sendall(page.encode())
        while not done.wait(0.02):
            connection.sendall(b" ")

    with answering(say) as url, served(site(), tmp_path, QUICK) as fetching:
        run = fetching.run(index=f"{url}simple")
    assert run.code == 1
    assert "no answer in time" in run.log


def redirect(address: str) -> Effect:
    return Status(302, headers={"Location": address})


def test_redirects_are_followed_and_the_password_goes_to_its_own_host_alone(tmp_path: Path) -> None:
    with served(site(password="hunter2"), tmp_path) as fetching, served(site(), tmp_path) as storage:
        fetching.site.faults.add(Fault(redirect(f"{storage.url}/files/{WHEEL}"), path="/files/*", nth=EVERY))
        run = fetching.run(index=fetching.index.replace("//", "//me:hunter2@"))
        assert run.code == 0, run.log
        assert all(request.authorized for request in fetching.site.log.all())
        assert [request.authorized for request in storage.site.log.all()] == [False]
    assert fetching.there() == {WHEEL: CONTENT}
    assert "hunter2" not in run.log + run.summary


def test_links_are_relative_to_where_the_page_was_found(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching, served(site(), tmp_path / "other") as other:
        fetching.site.faults.add(Fault(redirect(f"{other.url}/simple/demo-pkg/"), path="/simple/*"))
        assert fetching.run().code == 0
        assert fetching.downloads() == []
        assert len(other.downloads()) == 1


@pytest.mark.parametrize("path", ["/simple/*", "/files/*"])
@pytest.mark.parametrize("address", ["http://example.org/x", "file:///etc/passwd", "ftp://127.0.0.1/", "", "http://["])
def test_a_redirect_to_where_nobody_may_lead_is_refused(path: str, address: str, tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(redirect(address), path=path, nth=EVERY))
        assert fetching.run().code == 1
    assert fetching.there() == {}


def test_redirects_in_a_circle_have_an_end(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(redirect(f"{fetching.url}/files/{WHEEL}"), path="/files/*", nth=EVERY))
        assert fetching.run().code == 1
        assert len(fetching.downloads()) <= 6


def test_an_index_for_those_with_a_password_says_what_to_do(tmp_path: Path) -> None:
    with served(site(password="hunter2"), tmp_path) as fetching:
        run = fetching.run()
    assert run.code == 1
    assert "name and a password" in run.log


def test_a_file_that_is_as_compressed_as_it_is_said_to_be_is_taken_as_it_comes(tmp_path: Path) -> None:
    """Some servers say Content-Encoding: gzip of what ends in .gz, and mean the file itself."""
    with served(site(), tmp_path) as fetching:
        break_off(fetching, Status(200, CONTENT, {"Content-Encoding": "gzip"}))
        assert fetching.run().code == 0
    assert fetching.there() == {WHEEL: CONTENT}


START = "import fetch, sys; sys.exit(fetch.main(sys.argv[1:]))"


def start(fetching: Fetching) -> subprocess.Popen[str]:
    where = ["--index", fetching.index, "--wheelhouse", str(fetching.wheelhouse)]
    command = [sys.executable, "-c", START, "demo-pkg", "1.0", *where]
    return subprocess.Popen(command, cwd=SCRIPTS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_run_that_is_killed_in_the_middle_is_gone_on_with_by_the_next(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(HALF_THEN_SILENCE, path="/files/*"))
        with start(fetching) as process:
            wait_until(lambda: parts(fetching.wheelhouse).get(f"{WHEEL}.part"))
            process.kill()
            process.communicate()
        assert fetching.there() == {}
        left = len(parts(fetching.wheelhouse)[f"{WHEEL}.part"])
        assert fetching.run().code == 0
    assert ranges(fetching) == [None, f"bytes={left}-"]
    assert fetching.there() == {WHEEL: CONTENT}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that could be caught")
def test_a_run_that_is_ended_says_so(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(_Trickle(), path="/files/*"))
        with start(fetching) as process:
            wait_until(lambda: parts(fetching.wheelhouse))
            process.terminate()
            output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "A rerun goes on where it stopped" in output
    assert fetching.there() == {}


class _Trickle:
    """The file comes piece by piece, so that who is asked to stop can."""

    def play(self, exchange: Exchange) -> None:
        exchange.cut_short(exchange.take_effect())


def test_two_fetches_at_once_fetch_each_file_once_and_both_have_all(tmp_path: Path) -> None:
    files = {f"demo_pkg-1.0-cp3{minor}-cp3{minor}-win32.whl": CONTENT + bytes([minor]) for minor in range(10, 15)}
    with served(Site(files=files), tmp_path) as fetching:
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda _: fetching.run("--wait-minutes", "1"), range(2)))
        assert [run.code for run in runs] == [0, 0]
        assert len(fetching.downloads()) == len(files)
    assert fetching.there() == files


def test_files_come_at_once_and_no_more_than_asked_for(tmp_path: Path) -> None:
    files = {f"demo_pkg-1.0-cp3{minor}-cp3{minor}-win32.whl": CONTENT for minor in range(10, 20)}
    meter = _Meter()
    with served(Site(files=files), tmp_path) as fetching:
        fetching.site.faults.add(Fault(meter, path="/files/*", nth=EVERY))
        assert fetching.run("--parallel", "3").code == 0
    assert meter.most == 3


class _Meter:
    """Counts who is served at the same time: each waits for a third, or until all others are done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(3)
        self._now = 0
        self.most = 0

    def play(self, exchange: Exchange) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(0.1 if self.most == 3 else 30)
        exchange.send(exchange.take_effect())
        with self._lock:
            self._now -= 1


def test_a_page_that_is_no_page_of_an_index_is_an_error_that_says_so(tmp_path: Path) -> None:
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(Status(200, b"%PDF-1.7", content_type="application/pdf"), path="/simple/*"))
        run = fetching.run()
    assert run.code == 1
    assert "application/pdf" in run.log


def test_a_page_of_another_version_of_the_api_is_not_guessed_at(tmp_path: Path) -> None:
    page = json.dumps({"meta": {"api-version": "2.0"}, "files": []}).encode()
    with served(site(), tmp_path) as fetching:
        fetching.site.faults.add(Fault(Status(200, page, content_type=JSON), path="/simple/*", nth=EVERY))
        run = fetching.run()
    assert run.code == 1
    assert "'2.0'" in run.log
