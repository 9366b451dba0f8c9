"""Requests to the stand-in of anaconda.org, as a client of few words makes them."""

from __future__ import annotations

import requests

from anaconda_server import AnacondaServer
from exchanges import Json

ORG = "nightly-wheels"
DEMO = "demo_pkg-1.0.dev1-py3-none-any.whl"
FILE = f"{ORG}/demo-pkg/1.0.dev1/{DEMO}"


def ask(
    server: AnacondaServer, method: str, path: str, body: Json = None, token: str | None = None
) -> requests.Response:
    """Ask the API, by default as the owner, or with an empty token without one."""
    secret = server.token if token is None else token
    headers = {"Authorization": f"token {secret}"} if secret else {}
    return requests.request(
        method, server.api_url + path, json=body, headers=headers, allow_redirects=False, timeout=30
    )


def create(server: AnacondaServer, name: str = "demo-pkg", version: str = "1.0.dev1") -> None:
    ask(server, "POST", f"/package/{ORG}/{name}", {"public": True, "public_attrs": {}}).raise_for_status()
    ask(server, "POST", f"/release/{ORG}/{name}/{version}", {}).raise_for_status()


def stage(
    server: AnacondaServer, place: str, labels: tuple[str, ...] = ("main",), token: str | None = None
) -> dict[str, Json]:
    answer = ask(server, "POST", f"/stage/{ORG}/{place}", {"channels": list(labels)}, token)
    answer.raise_for_status()
    staged: dict[str, Json] = answer.json()
    return staged


def send(staged: dict[str, Json], content: bytes, **more: str) -> requests.Response:
    assert isinstance(staged["form_data"], dict)
    fields = [(name, (None, str(value))) for name, value in {**staged["form_data"], **more}.items()]
    return requests.post(str(staged["post_url"]), files=[*fields, ("file", ("f.whl", content))], timeout=30)


def commit(server: AnacondaServer, place: str, staged: dict[str, Json]) -> requests.Response:
    return ask(server, "POST", f"/commit/{ORG}/{place}", {"dist_id": staged["dist_id"]})


def publish(
    server: AnacondaServer, place: str, content: bytes, labels: tuple[str, ...] = ("main",)
) -> requests.Response:
    staged = stage(server, place, labels)
    send(staged, content).raise_for_status()
    return commit(server, place, staged)
