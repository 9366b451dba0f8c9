"""Whom the stand-in of anaconda.org refuses, and in which words: the recorded ones, where there are any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import pytest

from anaconda_asking import DEMO, FILE, ORG, ask, create, stage
from anaconda_model import UPLOAD_SCOPES, Token
from anaconda_server import AnacondaServer
from exchanges import Json
from sample_wheels import make_wheel

CREATE = 'User "<User: _login=dev>" has not enough permissions to create "<User: _login=nightly-wheels>/other" package'
SCOPE = "Authentication token does not have the sufficient scope to perform this action expected: "


def expired(server: AnacondaServer) -> None:
    server.add_token("tk", Token("dev", expires=datetime.now(timezone.utc) - timedelta(seconds=1)))


def scoped(*scopes: str) -> Callable[[AnacondaServer], None]:
    return lambda server: server.add_token("tk", Token("dev", scopes=frozenset(scopes)))


def collaborator(server: AnacondaServer) -> None:
    server.add_token("tk", Token("dev", packages=frozenset({"demo-pkg"})))


def stranger(server: AnacondaServer) -> None:
    server.add_token("tk", Token("dev", packages=frozenset()))


def no_quota(server: AnacondaServer) -> None:
    owner(server)
    server.behavior = replace(server.behavior, quota=1)


def owner(server: AnacondaServer) -> None:
    server.add_token("tk", Token("dev"))


def nobody(_: AnacondaServer) -> None:
    """The token doesn't exist."""


@dataclass(frozen=True)
class Refusal:
    """Who asks what, and is refused how."""

    who: Callable[[AnacondaServer], None]
    method: str
    path: str
    status: int
    message: str
    body: Json = field(default_factory=dict)


def gone(name: str) -> str:
    return f'"{name}" could not be found'


STAGE, COMMIT, DIST = f"/stage/{FILE}", f"/commit/{FILE}", f"/dist/{FILE}"
PACKAGE, OTHER = f"/package/{ORG}/demo-pkg", f"/package/{ORG}/other"
RELEASE = f"/stage/{ORG}/demo-pkg/3.3rc0.dev0/a.whl"
EXISTS = f"file {DEMO} already exists for package demo-pkg version 1.0.dev1"
NOTHING_STAGED = "Invalid dist_id ObjectId('666666666666666666666666') does not exist"
QUOTA = (
    "Storage requirements exceeded (1 bytes). Payment is required to add a file. "
    "Please go to https://anaconda.org/binstar.settings/billing to update your plan"
)
REFUSALS = {
    "an expired token": Refusal(expired, "GET", "/user", 401, "Authentication token has expired"),
    "a token that isn't one": Refusal(nobody, "GET", PACKAGE, 401, "Invalid authentication token"),
    "no scope to read": Refusal(scoped("api:write"), "GET", PACKAGE, 401, f"{SCOPE}api:read"),
    "no scope to write": Refusal(scoped("pypi:upload"), "POST", STAGE, 401, f"{SCOPE}api:write"),
    "no scope to upload": Refusal(scoped("api:write"), "POST", STAGE, 401, f"{SCOPE}pypi:upload"),
    "no right to create": Refusal(collaborator, "POST", OTHER, 401, CREATE, {"public": True}),
    "no right to upload": Refusal(stranger, "POST", STAGE, 404, gone("demo-pkg")),
    "no right to delete": Refusal(stranger, "DELETE", DIST, 404, gone("demo-pkg")),
    "no such package": Refusal(owner, "GET", f"/package/{ORG}/numpy", 404, gone("numpy")),
    "another spelling": Refusal(owner, "GET", f"/package/{ORG}/demo_pkg", 404, gone("demo_pkg")),
    "another case": Refusal(owner, "GET", f"/package/{ORG}/Demo-pkg", 404, gone("Demo-pkg")),
    "no such organisation": Refusal(owner, "GET", "/packages/nobody", 404, gone("nobody")),
    "no such user": Refusal(owner, "GET", "/user/nobody", 404, gone("nobody")),
    "no such release": Refusal(owner, "POST", RELEASE, 404, "release version='3.3rc0.dev0' does not exist"),
    "no such file": Refusal(owner, "GET", f"/dist/{ORG}/demo-pkg/1.0.dev1/a.whl", 404, gone("a.whl")),
    "a file that exists": Refusal(owner, "POST", STAGE, 409, EXISTS),
    "nothing staged": Refusal(owner, "POST", COMMIT, 404, NOTHING_STAGED, {"dist_id": "6" * 24}),
    "a private package": Refusal(owner, "POST", OTHER, 400, "You can not create a private package.", {"public": False}),
    "too much stored": Refusal(no_quota, "POST", f"/stage/{ORG}/demo-pkg/1.0.dev1/a.whl", 402, QUOTA),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_has_its_words(anaconda: AnacondaServer, tmp_path: Path, refusal: Refusal) -> None:
    before = anaconda.seed(make_wheel(tmp_path))
    refusal.who(anaconda)
    answer = ask(anaconda, refusal.method, refusal.path, refusal.body, "tk")
    assert (answer.status_code, answer.json()) == (refusal.status, {"error": refusal.message})
    assert anaconda.state.files(ORG, "demo-pkg") == [before]


def test_a_method_that_is_not_allowed_is_refused_without_json(anaconda: AnacondaServer) -> None:
    answer = ask(anaconda, "PUT", f"/commit/{FILE}", {})
    assert (answer.status_code, answer.text) == (405, "Method Not Allowed")


def test_who_has_no_token_may_read_but_not_write(anaconda: AnacondaServer, tmp_path: Path) -> None:
    anaconda.seed(make_wheel(tmp_path))
    assert ask(anaconda, "GET", f"/package/{ORG}/demo-pkg", token="").status_code == 200
    assert ask(anaconda, "DELETE", f"/dist/{FILE}", token="").status_code == 401


def test_the_three_scopes_are_enough_to_upload(anaconda: AnacondaServer) -> None:
    scoped(*UPLOAD_SCOPES)(anaconda)
    create(anaconda)
    assert stage(anaconda, f"demo-pkg/1.0.dev1/{DEMO}", token="tk")["dist_id"]


@pytest.mark.parametrize(
    ("mode", "status", "keys"),
    [
        ("full", 200, {"application", "id", "scopes", "expires"}),
        ("bare", 200, {"application", "id"}),
        (401, 401, {"error"}),
        (404, 404, {"error"}),
    ],
)
def test_what_is_told_of_a_token_can_be_set(
    anaconda: AnacondaServer, mode: Literal["full", "bare", 401, 404], status: int, keys: set[str]
) -> None:
    anaconda.behavior = replace(anaconda.behavior, authentication=mode)
    answer = ask(anaconda, "GET", "/authentication")
    assert answer.status_code == status
    assert set(answer.json()) == keys


def test_a_tokens_expiry_and_scopes_are_told(anaconda: AnacondaServer) -> None:
    expires = datetime(2099, 1, 1, tzinfo=timezone.utc)
    anaconda.add_token("tk", Token("dev", frozenset({"api:write"}), expires))
    about = ask(anaconda, "GET", "/authentication", token="tk").json()
    assert about["scopes"] == ["api:write"]
    assert datetime.fromisoformat(about["expires"]) == expires
