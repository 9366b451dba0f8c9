"""Fetching from channels, directories, and whatever index pip or uv is set up with."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from directory_sites import publish, silence
from fetching_site import SLOW, WHEEL, Site, run_fetch, served, there
from nightly.directory.writing import WritableDirectoryChannel
from nightly.fetching.addresses import parse_index
from nightly.fetching.configured import configured_index
from nightly.fetching.simple_index import SimpleIndex
from nightly.http import Http
from sample_wheels import make_wheel

TAGS = ("cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64", "py3-none-any")


@pytest.fixture(scope="module", name="wheels")
def wheels_fixture(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A version's wheels, and one of another version."""
    folder = tmp_path_factory.mktemp("wheels")
    return [
        *(make_wheel(folder, version="1.0.dev2", tag=tag) for tag in TAGS),
        make_wheel(folder, version="1.0.dev1"),
    ]


@pytest.fixture(scope="module", name="channel")
def channel_fixture(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Path:
    """A directory channel that has them."""
    root = tmp_path_factory.mktemp("channel")
    publish(WritableDirectoryChannel(root, silence), *wheels)
    return root


def wanted(wheels: list[Path]) -> dict[str, bytes]:
    return {wheel.name: wheel.read_bytes() for wheel in wheels[:3]}


@contextmanager
def static(root: Path) -> Iterator[str]:
    """A directory, served as it is."""
    handler = functools.partial(_Quiet, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Nobody reads it."""


def test_a_directory_channel_is_fetched_from_as_a_channel(tmp_path: Path, channel: Path, wheels: list[Path]) -> None:
    run = run_fetch(["Demo.Pkg", "1.0.dev2", "--channel", str(channel), "--wheelhouse", str(tmp_path / "w")], tmp_path)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == wanted(wheels)
    assert "no hash" not in run.log


@pytest.mark.parametrize("form", ["a path", "a file URL", "a static host"])
def test_a_directory_channel_is_fetched_from_as_an_index(
    form: str, tmp_path: Path, channel: Path, wheels: list[Path]
) -> None:
    with static(channel) as url:
        index = {"a path": str(channel / "simple"), "a file URL": (channel / "simple").as_uri()}.get(
            form, f"{url}/simple/"
        )
        run = run_fetch(["demo-pkg", "1.0.dev2", "--index", index, "--wheelhouse", str(tmp_path / "w")], tmp_path)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == wanted(wheels)
    assert "no hash" not in run.log


@pytest.mark.parametrize("served", [False, True], ids=["here", "over http"])
def test_a_folder_of_wheels_is_fetched_from(served: bool, tmp_path: Path, wheels: list[Path]) -> None:  # noqa: FBT001
    folder = wheels[0].parent
    with static(folder) as url:
        index = url if served else str(folder)
        run = run_fetch(["demo-pkg", "1.0.dev2", "--index", index, "--wheelhouse", str(tmp_path / "w")], tmp_path)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == wanted(wheels)


def test_files_that_the_directory_has_lost_are_1(tmp_path: Path, wheels: list[Path]) -> None:
    publish(WritableDirectoryChannel(tmp_path / "c", silence), *wheels)
    next((tmp_path / "c").rglob("*win_amd64.whl")).unlink()
    argv = ["demo-pkg", "1.0.dev2", "--channel", str(tmp_path / "c"), "--wheelhouse", str(tmp_path / "w")]
    run = run_fetch(argv, tmp_path)
    assert run.code == 1
    assert len(there(tmp_path / "w")) == 2


def on_anaconda(server: AnacondaServer, tmp_path: Path, *argv: str) -> list[str]:
    where = ["--channel", "anaconda", "--organization", server.organization, "--wheelhouse", str(tmp_path / "w")]
    urls = ["--anaconda-api-url", server.api_url, "--anaconda-index-url", server.index_url]
    return ["demo-pkg", "1.0.dev2", *where, *urls, *argv]


def test_a_channel_on_anaconda_is_fetched_from_with_its_hashes(
    anaconda: AnacondaServer, tmp_path: Path, wheels: list[Path]
) -> None:
    for wheel in wheels:
        anaconda.seed(wheel)
    run = run_fetch(on_anaconda(anaconda, tmp_path), tmp_path)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == wanted(wheels)
    assert "no hash" not in run.log
    assert not any(request.authorized for request in anaconda.requests)
    anaconda.forget_requests()
    assert "3 of them kept" in run_fetch(on_anaconda(anaconda, tmp_path), tmp_path).log
    assert len(anaconda.requests) == 1


def test_of_a_channel_on_anaconda_one_label_is_fetched(
    anaconda: AnacondaServer, tmp_path: Path, wheels: list[Path]
) -> None:
    anaconda.seed(wheels[0])
    anaconda.seed(wheels[1], labels=("staging",))
    assert run_fetch(on_anaconda(anaconda, tmp_path, "--label", "staging"), tmp_path).code == 0
    assert set(there(tmp_path / "w")) == {wheels[1].name}


def test_the_index_of_anaconda_is_fetched_from_like_any_other(
    anaconda: AnacondaServer, tmp_path: Path, wheels: list[Path]
) -> None:
    for wheel in wheels:
        anaconda.seed(wheel)
    argv = ["demo-pkg", "1.0.dev2", "--index", anaconda.simple_index(), "--wheelhouse", str(tmp_path / "w")]
    run = run_fetch(argv, tmp_path)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == wanted(wheels)


def test_what_isnt_on_a_channel_is_2(anaconda: AnacondaServer, tmp_path: Path) -> None:
    run = run_fetch(on_anaconda(anaconda, tmp_path), tmp_path, SLOW)
    assert run.code == 2
    assert "no files of a project demo-pkg" in run.log


@pytest.mark.parametrize(
    ("environ", "index"),
    [
        ({"PIP_INDEX_URL": "https://pip.example.org/simple"}, "https://pip.example.org/simple"),
        ({"UV_DEFAULT_INDEX": "https://uv.example.org/simple"}, "https://uv.example.org/simple"),
        ({"UV_DEFAULT_INDEX": "mine=https://uv.example.org/s?a=b"}, "https://uv.example.org/s?a=b"),
        ({"UV_INDEX_URL": "https://old.example.org/simple"}, "https://old.example.org/simple"),
        ({"UV_INDEX_URL": "https://b.example.org", "PIP_INDEX_URL": "https://a.example.org"}, "https://a.example.org"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_the_index_is_that_of_a_variable(environ: dict[str, str], index: str) -> None:
    assert configured_index(environ) == index


def test_the_index_is_that_of_pips_file_and_else_pips_own(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://me:hunter2@example.org/simple\n", encoding="utf-8")
    assert configured_index({"PIP_CONFIG_FILE": str(file)}) == "https://me:hunter2@example.org/simple"
    assert "hunter2" not in SimpleIndex(parse_index("https://me:hunter2@example.org/simple"), Http(SLOW)).name


def test_without_an_index_pips_own_is_used() -> None:
    assert configured_index({"PIP_CONFIG_FILE": os.devnull}).startswith("https://")


def test_the_configured_index_is_fetched_from_with_its_password_for_nobody_else(tmp_path: Path) -> None:
    with served(Site("html", {WHEEL: b"wheel"}, password="hunter2"), tmp_path) as fetching:
        index = fetching.index.replace("//", "//me:hunter2@")
        argv = ["demo-pkg", "1.0", "--wheelhouse", str(tmp_path / "w")]
        run = run_fetch(argv, tmp_path, SLOW, PIP_INDEX_URL=index)
    assert run.code == 0, run.log
    assert there(tmp_path / "w") == {WHEEL: b"wheel"}
    assert "hunter2" not in run.log + run.summary


def test_a_netrc_file_is_asked_for_the_index_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with served(Site(files={WHEEL: b"wheel"}, password="hunter2"), tmp_path) as fetching:
        assert fetching.run().code == 0
