"""The stand-in of anaconda.org as a server: what it records, bears and admits."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

import anaconda_server
from anaconda_asking import ORG, create, publish
from anaconda_server import AnacondaServer


def test_requests_are_recorded(anaconda: AnacondaServer) -> None:
    create(anaconda)
    (first, _) = anaconda.requests
    assert (first.role, first.method, first.path, first.status) == ("api", "POST", f"/package/{ORG}/demo-pkg", 200)
    assert first.body == {"public": True, "public_attrs": {}}
    assert first.authorized
    assert first.headers["user-agent"].startswith("python-requests")
    anaconda.forget_requests()
    assert anaconda.requests == []


def test_many_at_once_lose_nothing(anaconda: AnacondaServer) -> None:
    create(anaconda)
    places = [f"demo-pkg/1.0.dev1/demo_pkg-1.0.dev1-{build}-py3-none-any.whl" for build in range(24)]
    threads = [threading.Thread(target=publish, args=(anaconda, place, place.encode())) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = {file.read_bytes().decode() for file in anaconda.state.files(ORG, "demo-pkg")}
    assert held == set(places)


def test_a_bug_of_the_stand_in_is_not_lost(tmp_path: Path) -> None:
    server = AnacondaServer(tmp_path)
    with pytest.raises(requests.ConnectionError):
        requests.post(
            server.api_url + "/package/a/b", data="{", headers={"Content-Type": "application/json"}, timeout=30
        )
    with pytest.raises(RuntimeError):
        server.close()


def test_as_a_process_it_counts_requests_and_can_be_emptied(tmp_path: Path) -> None:
    command = [sys.executable, anaconda_server.__file__, "--organization", ORG, "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        about = json.loads(process.stdout.readline())
        token = {"Authorization": f"token {about['token']}"}
        package = f"{about['api_url']}/package/{ORG}/demo"
        assert requests.post(package, json={"public": True}, headers=token, timeout=30).status_code == 200
        asked = requests.get(about["control_url"] + "/requests", timeout=30).json()
        assert asked == {"count": 1, "requests": [["api", "POST", f"/package/{ORG}/demo", 200]]}
        assert requests.post(about["control_url"] + "/reset", timeout=30).json()["count"] == 1
        assert requests.get(package, timeout=30).status_code == 200
        assert requests.post(about["control_url"] + "/empty", timeout=30).json()["count"] == 1
        assert requests.get(package, timeout=30).status_code == 404
        process.stdin.close()
        assert process.wait(30) == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", about["index_url"])


def test_records_are_seeded_without_bytes(anaconda: AnacondaServer) -> None:
    name = "demo_pkg-1.0.dev1-py3-none-any.whl"
    anaconda.seed_records([["demo-pkg", "1.0.dev1", name, "2026-01-02 03:04:05+00:00"]])
    record = requests.get(f"{anaconda.api_url}/package/{ORG}/demo-pkg", timeout=30).json()
    (file,) = record["files"]
    assert (file["basename"], file["upload_time"]) == (name, "2026-01-02 03:04:05+00:00")
    assert [release["version"] for release in record["releases"]] == ["1.0.dev1"]
