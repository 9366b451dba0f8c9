"""pip and uv install from a directory channel, over a static server and from its files."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from directory_sites import publish, silence
from nightly.directory.writing import WritableDirectoryChannel
from sample_wheels import make_wheel

Installer = Callable[..., list[str]]

JSON = "application/vnd.pypi.simple.v1+json"

WHEELS = [
    ("demo-pkg", "1.0.dev1+g1a2b"),
    ("Under_Score.Dots", "2!1.0"),
    ("needs-demo", "0.1"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel with a wheel that has a dependency, and others of odd names and versions."""
    folder = tmp_path_factory.mktemp("a site")
    requires = {"needs-demo": ["demo_pkg"]}
    wheels = [make_wheel(folder / "dist", name, version, requires=requires.get(name, ())) for name, version in WHEELS]
    # METADATA's next line after the summary.
    future = make_wheel(folder / "dist", "needs-demo", "9.0", summary="x\nRequires-Python: >=99,<100,!=99.1.*")
    publish(WritableDirectoryChannel(folder / "site", silence), *wheels, future)
    for month in (1, 2):
        clock = functools.partial(datetime, 2026, month, 15, tzinfo=timezone.utc)
        channel = WritableDirectoryChannel(folder / "site", silence, clock=clock)
        publish(channel, make_wheel(folder / "dist", "aging", f"{month}.0"))
    return folder / "site"


class StaticHandler(http.server.SimpleHTTPRequestHandler):
    """A static server's, which writes down what it was asked for."""

    requested: list[str]
    index = "index.html"

    def do_GET(self) -> None:
        self.requested.append(self.path)
        self.path += self.index if self.path.endswith("/") else ""
        super().do_GET()

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        return JSON if str(path).endswith(".json") else super().guess_type(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """The requests that matter are written down."""


@contextlib.contextmanager
def serving(site: Path, index_page: str, requests: list[str]) -> Iterator[str]:
    """The URL of the site's index on a server that answers with this page for a directory."""

    class Handler(StaticHandler):
        requested = requests
        index = index_page

    handler = functools.partial(Handler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()
        thread.join()


@pytest.fixture
def requested() -> list[str]:
    """The paths that the static server was asked for."""
    return []


@pytest.fixture
def html_url(site: Path, requested: list[str]) -> Iterator[str]:
    with serving(site, "index.html", requested) as url:
        yield url


@pytest.fixture
def json_url(site: Path, requested: list[str]) -> Iterator[str]:
    with serving(site, "index.json", requested) as url:
        yield url


@pytest.fixture
def file_url(site: Path) -> str:
    return WritableDirectoryChannel(site).index_url


@pytest.fixture(params=["html_url", "json_url", "file_url"])
def index_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def pip(index: str, target: Path, *requirements: str) -> list[str]:
    return [
        *(sys.executable, "-I", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"),
        *("--index-url", index, "--target", str(target), *requirements),
    ]


def uv(index: str, target: Path, *requirements: str) -> list[str]:
    return [
        *(sys.executable, "-m", "uv", "pip", "install", "--no-config", "--no-cache", "--python", sys.executable),
        *("--default-index", index, "--target", str(target), "--prerelease", "allow", *requirements),
    ]


def run(command: list[str]) -> None:
    """Run an installer without what the machine's configuration would add."""
    configured = ("PIP_", "UV_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(configured)}
    done = subprocess.run(
        command, env={**environ, "PIP_CONFIG_FILE": os.devnull}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def installed(target: Path) -> set[str]:
    return {path.name.removesuffix(".dist-info") for path in target.glob("*.dist-info")}


@pytest.mark.parametrize("installer", [pip, uv])
def test_installers_find_local_versions_epochs_and_names_of_any_spelling(
    index_url: str, tmp_path: Path, installer: Installer
) -> None:
    run(installer(index_url, tmp_path, "Demo.Pkg==1.0.dev1+g1a2b", "under-score_dots==2!1.0"))
    assert installed(tmp_path) == {"demo_pkg-1.0.dev1+g1a2b", "under_score_dots-2!1.0"}


@pytest.mark.parametrize("installer", [pip, uv])
def test_installers_obey_requires_python_and_find_dependencies(
    index_url: str, tmp_path: Path, installer: Installer
) -> None:
    run(installer(index_url, tmp_path, "needs-demo", "demo-pkg>=0.dev0"))
    assert installed(tmp_path) == {"demo_pkg-1.0.dev1+g1a2b", "needs_demo-0.1"}


def test_pip_reads_the_metadata_beside_a_wheel(html_url: str, requested: list[str], tmp_path: Path) -> None:
    run(pip(html_url, tmp_path, "demo-pkg==1.0.dev1+g1a2b"))
    page, metadata, wheel = requested
    assert page == "/simple/demo-pkg/"
    assert wheel.endswith("/demo_pkg-1.0.dev1%2Bg1a2b-py3-none-any.whl")
    assert metadata == wheel + ".metadata"


def test_uv_goes_by_the_upload_times_of_the_json_page(json_url: str, tmp_path: Path) -> None:
    run([*uv(json_url, tmp_path, "aging"), "--exclude-newer", "2026-02-01T00:00:00Z"])
    assert installed(tmp_path) == {"aging-1.0"}
