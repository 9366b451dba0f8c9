"""Where a token may be seen: in one variable, and by the host that it is for."""

from __future__ import annotations

import traceback

import pytest

from anaconda_model import Token
from exchanges import Answer, Body, Exchange, Request, RequestLog, json_answer
from faults import EVERY, EXPIRED, INTERNAL_ERROR, Effect, Fault, Status, error
from loopback import LoopbackServer
from nightly import http, upload_options
from nightly.anaconda.api import AnacondaWriter
from nightly.anaconda.channel import WritableAnacondaChannel
from nightly.errors import UserError
from upload_process import BY_LAUNCHER, DIRECTLY, Job
from uploading import QUICK, Night

SECRET = "tk-7f3a9c41-5e0d-48b2-unique"
NETRC = "machine 127.0.0.1 login somebody password netrc-secret\n"


class Recorder:
    """A host that keeps all it is sent, and takes nothing."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def serve(self, exchange: Exchange) -> None:
        exchange.send(exchange.take_effect())

    def answer(self, _: Request, body: Body) -> Answer:
        content = b"".join(iter(body.read, b"")) if body.left else b""
        self.bodies.append(content)
        return Answer(503)


@pytest.fixture(name="night")
def night_fixture(night: Night) -> Night:
    """A night with a token that is nowhere else, a file to replace, a new one, and a netrc file in the way."""
    night.server.add_token(SECRET, Token("owner"))
    night.environ["INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN"] = SECRET
    night.seed()
    night.make(count=2)
    return night


QUOTED = error(403, f"no such token: {SECRET}")

ENDS: dict[str, tuple[Fault, ...]] = {
    "well": (),
    "refused at first": (Fault(EXPIRED, "GET", "/user/*"),),
    "refused at a stage": (Fault(EXPIRED, "POST", "/stage/*"),),
    "sent elsewhere": (Fault(Status(302, headers={"Location": "http://127.0.0.1:9/"}), "POST", "/commit/*"),),
    "told the token": (Fault(QUOTED, "POST", "/stage/*"),),
}


@pytest.mark.parametrize("how", [DIRECTLY, BY_LAUNCHER], ids=["directly", "by the launcher"])
@pytest.mark.parametrize("faults", [ENDS["well"], ENDS["told the token"]], ids=["well", "told the token"])
def test_nobody_on_the_machine_sees_the_token(night: Night, faults: tuple[Fault, ...], how: tuple[str, ...]) -> None:
    night.server.faults.add(*faults)
    job = Job(night, how)
    (job.root / "netrc").write_text(NETRC)
    ended = job.run()
    assert ended.code == bool(faults), ended.output
    assert ended.seen.arguments
    assert SECRET not in repr(ended.seen)
    assert [line for line in ended.output.splitlines() if SECRET in line] == [f"::add-mask::{SECRET}"]
    left = job.left_behind()
    assert {path.name for path in left} >= {"outputs", "summary", "report.json"}
    assert not [path for path, content in left.items() if SECRET.encode() in content]


@pytest.mark.parametrize("faults", ENDS.values(), ids=ENDS)
def test_only_the_api_is_sent_the_token(
    night: Night, faults: tuple[Fault, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = night.root / "netrc"
    netrc.write_text(NETRC)
    monkeypatch.setenv("NETRC", str(netrc))
    night.server.faults.add(*faults)
    night.run()
    sent = {(request.role, request.headers.get("authorization")) for request in night.server.requests}
    assert sent <= {("api", f"token {SECRET}"), ("storage", None), ("index", None)}
    assert not [request for request in night.server.requests if SECRET in request.path]


def test_the_storage_host_is_sent_no_secret_of_any_kind(night: Night) -> None:
    site = Recorder()
    storage = LoopbackServer(site, "storage", RequestLog())
    told = json_answer({"post_url": storage.url, "form_data": {"key": "x"}, "dist_id": "1"})
    night.server.faults.add(Fault(Status(200, told.body), "POST", "/stage/*", nth=EVERY))
    night.patience = QUICK
    night.run()
    sent = [(request.authorized, SECRET in str(request.headers)) for request in storage.log.all()]
    storage.close()
    assert set(sent) == {(False, False)}
    assert any(b"PK" in body for body in site.bodies)
    assert not [body for body in site.bodies if SECRET.encode() in body]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/user/*"), ("GET", "/package/*"), ("POST", "/stage/*"), ("POST", "/commit/*"), ("DELETE", "*")],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_isnt_followed_with_the_token(night: Night, method: str, path: str, status: int) -> None:
    elsewhere = Status(status, headers={"Location": f"{night.server.index_url}/elsewhere"})
    night.server.faults.add(Fault(elsewhere, method, path, nth=EVERY, role="api"))
    run = night.run()
    assert "/elsewhere" not in str(run.asked("index"))
    assert run.code == 1
    assert "the server sends us to 127.0.0.1" in run.log


def test_a_download_is_followed_without_the_token_even_to_the_api_itself(night: Night) -> None:
    again = Status(302, headers={"Location": f"{night.server.api_url}/download/x/y/z/elsewhere"})
    night.server.faults.add(Fault(again, "GET", "/download/nightly-wheels/*", nth=EVERY))
    run = night.run()
    followed = [request for request in run.requests if request.path.endswith("/elsewhere")]
    assert followed
    assert not [request for request in followed if request.authorized]


@pytest.mark.parametrize("effect", [INTERNAL_ERROR, QUOTED], ids=["500", "quoted"])
def test_no_exception_holds_the_token(night: Night, effect: Effect) -> None:
    night.patience = QUICK
    night.server.faults.add(Fault(effect, "GET", "/user/*", nth=EVERY))
    run = night.run()
    assert run.error
    told = "".join(traceback.format_exception(run.error))
    assert "nightly.http" in told
    assert SECRET not in told


def test_no_repr_holds_the_token(night: Night) -> None:
    options = upload_options.Options.parse([], night.inputs())
    assert options.channel.token
    assert options.channel.token.secret == SECRET
    client = http.Http(QUICK)
    writer = AnacondaWriter(client, night.server.api_url, "org", options.channel.token, 1)
    objects = (
        options,
        options.channel,
        options.channel.token,
        client,
        writer,
        WritableAnacondaChannel(writer, "", ()),
    )
    assert not [thing for thing in objects if SECRET in f"{thing!r}{thing!s}"]


def test_a_token_cant_be_given_as_an_argument(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        upload_options.Options.parse(["--anaconda-nightly-upload-token", "x"], night.inputs())
    assert ended.value.code == 2
    assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1", "ftp://127.0.0.1"]
)
def test_the_token_isnt_sent_over_http_but_to_this_machine(night: Night, url: str) -> None:
    with pytest.raises(UserError, match="anaconda_api_url") as refused:
        upload_options.Options.parse([], night.inputs(anaconda_api_url=url))
    assert refused.value.exit_code == 2
    assert SECRET not in str(refused.value)
