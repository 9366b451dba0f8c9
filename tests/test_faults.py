"""A server that misbehaves by script does so exactly when it was told to, and otherwise not."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
import requests

from anaconda_server import AnacondaServer
from faults import (
    BAD_GATEWAY,
    EVERY,
    EXPIRED,
    INCIDENT,
    INTERNAL_ERROR,
    INVALID_DIGEST,
    ORIGIN_TIMEOUT,
    STORAGE_BUSY,
    TOO_MANY,
    TOO_MANY_WAIT_1,
    Effect,
    Fault,
    HalfJson,
    Hang,
    HangAfter,
    ResetAfter,
    ResetBefore,
    Status,
    StatusAfter,
    Truncate,
)

PACKAGE = "/package/nightly-wheels/demo"


def create(server: AnacondaServer, *, timeout: float = 30) -> requests.Response:
    return requests.post(
        server.api_url + PACKAGE,
        json={"public": True},
        headers={"Authorization": f"token {server.token}"},
        timeout=timeout,
    )


def created(server: AnacondaServer) -> bool:
    return "demo" in server.state.owners["nightly-wheels"]


@pytest.mark.parametrize(
    ("status", "code", "kind", "text"),
    [
        (INTERNAL_ERROR, 500, "application/json", "Internal server error"),
        (BAD_GATEWAY, 502, "text/html; charset=UTF-8", "<html>"),
        (ORIGIN_TIMEOUT, 524, "text/html; charset=UTF-8", "<html>"),
        (TOO_MANY, 429, "application/json", "Too many requests"),
        (EXPIRED, 401, "application/json", "Authentication token has expired"),
        (INCIDENT, 405, "text/plain", "Method Not Allowed"),
        (STORAGE_BUSY, 503, "application/xml", "<Code>SlowDown</Code>"),
        (INVALID_DIGEST, 400, "application/xml", "<Code>InvalidDigest</Code>"),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_a_wrong_answer_takes_no_effect(
    anaconda: AnacondaServer, status: Status, code: int, kind: str, text: str
) -> None:
    anaconda.faults.add(Fault(status))
    answer = create(anaconda)
    assert (answer.status_code, answer.headers["Content-Type"]) == (code, kind)
    assert text in answer.text
    assert not created(anaconda)


def test_too_many_may_say_how_long_to_wait(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(TOO_MANY_WAIT_1), Fault(TOO_MANY, nth=2))
    assert [create(anaconda).headers.get("Retry-After") for _ in range(2)] == ["1", None]


def test_a_wrong_answer_may_come_after_the_effect(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(StatusAfter(ORIGIN_TIMEOUT)))
    assert create(anaconda).status_code == 524
    assert created(anaconda)


@pytest.mark.parametrize(
    ("effect", "effective"), [(ResetBefore(), False), (ResetAfter(), True)], ids=["before", "after"]
)
def test_a_connection_is_reset(anaconda: AnacondaServer, effect: Effect, *, effective: bool) -> None:
    anaconda.faults.add(Fault(effect))
    with pytest.raises(requests.ConnectionError, match=r"(?i)reset"):
        create(anaconda)
    assert created(anaconda) == effective
    assert [request.status for request in anaconda.requests] == [None]


def test_a_request_hangs_until_the_client_goes(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(Hang()))
    with pytest.raises(requests.ReadTimeout):
        create(anaconda, timeout=0.2)
    assert not created(anaconda)


def test_a_request_may_hang_after_it_took_effect(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(HangAfter()))
    with pytest.raises(requests.ReadTimeout):
        create(anaconda, timeout=0.2)
    while not created(anaconda):
        time.sleep(0.01)


def test_a_request_hangs_until_the_server_closes(tmp_path: Path) -> None:
    with AnacondaServer(tmp_path) as server:
        server.faults.add(Fault(Hang()))
        port = int(server.api_url.rpartition(":")[2])
        waiting = socket.create_connection(("127.0.0.1", port))
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not server.requests:
            time.sleep(0.01)
    with waiting:
        assert waiting.recv(100) == b""


def test_an_answer_is_cut_short_after_the_effect(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(Truncate()))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        create(anaconda)
    assert created(anaconda)


def test_half_of_the_json_may_seem_all_of_it(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(HalfJson()))
    answer = create(anaconda)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert created(anaconda)


@pytest.mark.parametrize(
    ("nth", "statuses"), [(1, [500, 200, 409]), (2, [200, 500, 409]), (EVERY, [500, 500, 500])], ids=str
)
def test_a_fault_strikes_the_nth_request_or_every_one(
    anaconda: AnacondaServer, nth: int | None, statuses: list[int]
) -> None:
    anaconda.faults.add(Fault(INTERNAL_ERROR, "POST", "/package/*", nth))
    assert [create(anaconda).status_code for _ in statuses] == statuses


@pytest.mark.parametrize(
    "fault",
    [
        Fault(INTERNAL_ERROR, "PUT"),
        Fault(INTERNAL_ERROR, path="/stage/*"),
        Fault(INTERNAL_ERROR, path="/package"),
        Fault(INTERNAL_ERROR, role="storage"),
    ],
    ids=["method", "path", "whole path", "role"],
)
def test_a_fault_strikes_only_what_matches(anaconda: AnacondaServer, fault: Fault) -> None:
    anaconda.faults.add(fault)
    assert create(anaconda).status_code == 200


@pytest.mark.parametrize(
    "path", ["/package/nightly-wheels/a+b", "/package/nightly-wheels/a%2Bb"], ids=["raw", "quoted"]
)
def test_a_fault_matches_a_path_as_sent_or_unquoted(anaconda: AnacondaServer, path: str) -> None:
    anaconda.faults.add(Fault(INTERNAL_ERROR, path=path))
    assert requests.get(anaconda.api_url + "/package/nightly-wheels/a%2Bb", timeout=30).status_code == 500


def test_faults_can_be_called_off(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(INTERNAL_ERROR, nth=EVERY))
    anaconda.faults.clear()
    assert create(anaconda).status_code == 200


def test_the_connection_is_kept_after_a_wrong_answer(anaconda: AnacondaServer) -> None:
    anaconda.faults.add(Fault(INTERNAL_ERROR))
    with requests.Session() as session:
        for status in (500, 200):
            assert session.get(anaconda.api_url, timeout=30).status_code == status
        pools = session.get_adapter(anaconda.api_url).poolmanager.pools  # type: ignore[attr-defined]  # urllib3's
        (pool,) = (pools[key] for key in pools.keys())  # noqa: SIM118  # not a dict
        assert pool.num_connections == 1
