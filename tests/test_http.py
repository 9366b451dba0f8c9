"""What an answer means, how long it is waited for, and what is said of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests
import responses

from nightly.answers import Client
from nightly.auth import Anonymous, Token, is_safe_for_secrets
from nightly.http import Http
from nightly.http_errors import HttpError, Refused, Unavailable
from nightly.patience import Patience
from nightly.plain_http import PlainHttp
from raw_server import answering

URL = "https://api.example.org/thing"
QUICK = Patience(connect=2, silence=0.3, answer=0.6)
HEADER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


each_client = pytest.mark.parametrize("client", [Http, PlainHttp])


def ask(url: str = URL, client: Callable[[Patience], Client] = Http) -> object:
    return client(QUICK).ask("GET", url, auth=Anonymous()).json


def error_of(url: str = URL, client: Callable[[Patience], Client] = Http) -> HttpError:
    with pytest.raises(HttpError) as caught:
        ask(url, client)
    return caught.value


def drip(head: str) -> Callable[[socket.socket, threading.Event], None]:
    """Say the head, and then a space now and then, for ever."""

    def say(connection: socket.socket, done: threading.Event) -> None:
        connection.sendall(head.encode())
        while not done.wait(0.02):
            connection.sendall(b"1\r\n \r\n" if "chunked" in head else b" ")

    return say


@pytest.mark.parametrize(
    "head",
    [f"{HEADER}Content-Length: 1000000\r\n\r\n", f"{HEADER}\r\n", f"{HEADER}Transfer-Encoding: chunked\r\n\r\n"],
    ids=["with a length", "until it closes", "in chunks"],
)
@each_client
def test_an_answer_that_drips_has_an_end(client: Callable[[Patience], Client], head: str) -> None:
    with answering(drip(head)) as url:
        error = error_of(url, client)
    assert isinstance(error, Unavailable)
    assert error.reason == "no answer in time"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (f"{HEADER}Content-Length: 99\r\n\r\n{{}}", "broke off"),
        (f"{HEADER}Transfer-Encoding: chunked\r\n\r\n4\r\n{{", "broke off"),
        ("", "closed without an answer"),
        ("nonsense\r\n\r\n", "closed without an answer"),
    ],
    ids=["less than its length", "half a chunk", "nothing", "no HTTP"],
)
@each_client
def test_half_an_answer_is_none(client: Callable[[Patience], Client], said: str, reason: str) -> None:
    with answering(lambda connection, _: connection.sendall(said.encode())) as url:
        error = error_of(url, client)
    assert isinstance(error, Unavailable)
    assert reason in error.reason


def test_what_is_no_gzip_though_it_says_so_is_no_answer() -> None:
    said = f"{HEADER}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{{}}"
    with answering(lambda connection, _: connection.sendall(said.encode())) as url:
        assert "broke off" in error_of(url).reason


@each_client
def test_a_server_that_says_nothing_is_waited_for_as_long_as_patience_says(
    client: Callable[[Patience], Client],
) -> None:
    with answering(lambda _, done: (done.wait(), None)[1]) as url:
        assert error_of(url, client).reason == "no answer in time"


@each_client
def test_nobody_at_the_address_is_no_answer(client: Callable[[Patience], Client]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = error_of(f"http://127.0.0.1:{port}/thing?signature=s", client)
    assert isinstance(error, Unavailable)
    assert "signature" not in str(error)


@responses.activate
def test_an_empty_answer_is_a_good_one_without_json() -> None:
    responses.get(URL, status=201, body=b" ")
    assert ask() is None


@responses.activate
@pytest.mark.parametrize(
    "body", [b"<html>", b'{"a": 1', b"\xff", b"[" * 100_000], ids=["page", "half", "bytes", "deep"]
)
def test_what_isnt_json_is_no_answer(body: bytes) -> None:
    responses.get(URL, body=body)
    error = error_of()
    assert isinstance(error, Unavailable)
    assert error.status is None
    assert len(str(error)) < 300


@responses.activate
@pytest.mark.parametrize("status", [405, 408, 425, 429, 500, 502, 503, 504, 520, 522, 524])
def test_what_may_go_through_later_is_unavailable(status: int) -> None:
    responses.get(URL, status=status, body=b"<html>")
    assert isinstance(error_of(), Unavailable)


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 422])
def test_what_will_be_refused_again_is_refused(status: int) -> None:
    responses.get(URL, status=status, json={"error": "Because."})
    error = error_of()
    assert isinstance(error, Refused)
    assert str(error) == f"HTTP {status}: Because. (GET {URL})"


@responses.activate
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "Because."}', "Because."),
        (b'{"error": {"code": 7}}', "Bad Request"),
        (b'["error"]', "Bad Request"),
        (b"<html><h1>Sorry</h1></html>", "Bad Request"),
        (b"<Error><Code>NoSuchKey</Code><Message>m</Message></Error>", "NoSuchKey"),
        (b"", "Bad Request"),
        (b"[" * 100_000, "Bad Request"),
        (b'{"error": "' + b"x" * 9999 + b'"}', "x" * 300),
    ],
    ids=["json", "odd json", "a list", "html", "xml", "nothing", "deep", "long"],
)
def test_the_reason_is_what_the_server_says_of_its_error(body: bytes, reason: str) -> None:
    responses.get(URL, status=400, body=body)
    assert error_of().reason == reason


@responses.activate
@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("0", 0, 0),
        ("-5", 0, 0),
        (format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True), 1, 3600),
        (format_datetime(datetime.now(timezone.utc) - timedelta(hours=1), usegmt=True), 0, 0),
        ("nan", 0, 0),
    ],
    ids=["seconds", "half a second", "at once", "before", "date", "past date", "no number"],
)
def test_how_long_the_server_asks_to_be_left_alone(header: str, low: float, high: float) -> None:
    responses.get(URL, status=429, headers={"Retry-After": header})
    error = error_of()
    assert isinstance(error, Unavailable)
    assert error.retry_after is not None
    assert low <= error.retry_after <= high


@responses.activate
@pytest.mark.parametrize("header", ["", "soon", "Mon, 99 Foo 2026", "Thu, 01 Jan 2026 00:00:00 -0000"])
def test_what_says_nothing_of_when_to_come_back(header: str) -> None:
    responses.get(URL, status=503, headers={"Retry-After": header})
    error = error_of()
    assert isinstance(error, Unavailable)
    assert error.retry_after is None


@responses.activate
@pytest.mark.parametrize("location", ["https://other.example.org/x?token=s", "http://[", "", "//"])
def test_a_redirect_is_refused_and_not_followed(location: str) -> None:
    responses.get(URL, status=302, headers={"Location": location})
    with pytest.raises(HttpError):
        Http(QUICK).ask("GET", URL, auth=Token("tk-1"))
    assert len(responses.calls) == 1


@responses.activate
def test_a_certificate_that_isnt_trusted_isnt_asked_again() -> None:
    failure = requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    responses.get(URL, body=failure)
    error = error_of()
    assert isinstance(error, Refused)
    assert "REQUESTS_CA_BUNDLE" in error.reason


@responses.activate
@pytest.mark.parametrize(
    "failure",
    [
        requests.exceptions.SSLError("EOF occurred in violation of protocol"),
        requests.exceptions.ConnectTimeout("url=/thing?signature=s"),
        requests.exceptions.ReadTimeout("url=/thing?signature=s"),
        requests.exceptions.ProxyError("http://user:password@proxy"),
        requests.exceptions.ConnectionError("x" * 9999),
        requests.exceptions.ContentDecodingError("x"),
        requests.exceptions.RetryError("x"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_failure_is_said_without_the_exceptions_own_text(failure: requests.RequestException) -> None:
    responses.get(URL, body=failure)
    error = error_of()
    assert isinstance(error, Unavailable)
    assert len(str(error)) < 200
    assert "signature" not in str(error)
    assert "password" not in str(error)


@responses.activate
def test_an_error_names_the_request_without_its_query() -> None:
    responses.get(f"{URL}?signature=s", status=404)
    assert error_of(f"{URL}?signature=s#part").request == f"GET {URL}"


@pytest.mark.parametrize("url", ["http://[", "nowhere", "http://", "http://127.0.0.1:port/"])
@each_client
def test_what_is_no_address_is_no_answer(client: Callable[[Patience], Client], url: str) -> None:
    assert isinstance(error_of(url, client), Unavailable)


SAID: dict[str, tuple[str, type[HttpError], str]] = {
    "not found": ('404 Not Found\r\nContent-Length: 18\r\n\r\n{"error": "None."}', Refused, "HTTP 404: None. (GET "),
    "broken": ("503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", Unavailable, "HTTP 503: Busy (GET "),
    "elsewhere": (
        "302 Found\r\nLocation: http://127.0.0.1:9/x\r\nContent-Length: 0\r\n\r\n",
        Refused,
        "127.0.0.1:9;",
    ),
    "the token": ('403 No\r\nContent-Length: 25\r\n\r\n{"error": "What, tk-11?"}', Refused, "What, ***?"),
    "a page": ("200 OK\r\nContent-Length: 6\r\n\r\n<html>", Unavailable, "isn't JSON"),
}


@pytest.mark.parametrize(("said", "kind", "gist"), SAID.values(), ids=SAID)
@each_client
def test_what_a_server_says_means_the_same_to_every_client(
    client: Callable[[Patience], Client], said: str, kind: type[HttpError], gist: str
) -> None:
    answer = f"HTTP/1.1 {said}".encode()
    with answering(lambda connection, _: connection.sendall(answer)) as url, pytest.raises(kind) as caught:
        client(QUICK).ask("GET", url, auth=Token("tk-11"))
    assert gist in str(caught.value)
    assert getattr(caught.value, "retry_after", None) == (7 if "Busy" in said else None)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.example.org", True),
        ("http://127.0.0.1:8080", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:80", True),
        ("http://localhost:80", True),
        ("http://api.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost.example.org", False),
        ("http://0.0.0.0", False),
        ("http://192.168.0.1", False),
        ("http://api.example.org@127.0.0.1", True),
        ("http://localhost@api", False),
        ("HTTP://api.example.org", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_a_secret_may_go_over_https_or_to_this_machine(url: str, safe: bool) -> None:  # noqa: FBT001 - a table
    assert is_safe_for_secrets(url) == safe
