"""Real index servers on loopback: pypiserver and devpi-server, each a process with its files in a directory."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from nightly.cache import cache_dir
from nightly.venvs import ensure_venv

LOCK = Path(__file__).parent / "tools" / "index-servers.txt"
PASSWORD = "correct-horse-battery"
_PATIENCE = 120
"""Seconds for a server to start, on a busy machine."""

_CHEAP = ("--argon2-memory-cost", "8", "--argon2-time-cost", "1", "--argon2-parallelism", "1")
"""What a secret is hashed with. It takes seconds and half a GB otherwise."""


@dataclass(frozen=True)
class IndexServer:
    """Where files are uploaded to by whom, and where they're read."""

    upload_url: str
    index_url: str
    user: str = "someone"

    @property
    def environ(self) -> dict[str, str]:
        """What twine is told by variables."""
        return {"TWINE_USERNAME": self.user, "TWINE_PASSWORD": PASSWORD}


@contextmanager
def pypiserver(directory: Path) -> Iterator[IndexServer]:
    """pypiserver, to which anybody may upload what isn't there yet. It tells md5 hashes, in HTML."""
    packages = directory / "packages"
    packages.mkdir(parents=True)
    port = _free_port()
    arguments = ("run", "-i", "127.0.0.1", "-p", str(port), "-a", ".", "-P", ".", "--disable-fallback", str(packages))
    with _running([str(_program("pypi-server")), *arguments], port, directory) as url:
        yield IndexServer(f"{url}/", f"{url}/simple/")


@contextmanager
def devpi(directory: Path) -> Iterator[IndexServer]:
    """devpi-server with one user and one index, which keeps what it has got. It tells sha256 hashes, in JSON too."""
    data, port = str(directory / "data"), _free_port()
    directory.mkdir(parents=True)
    init = [str(_program("devpi-init")), "--serverdir", data, "--no-root-pypi", "--root-passwd", PASSWORD]
    subprocess.run(init, check=True, capture_output=True, env=_environ(directory))
    server = ["--serverdir", data, "--host", "127.0.0.1", "--port", str(port), "--threads", "4", *_CHEAP]
    with _running([str(_program("devpi-server")), *server], port, directory) as url:
        _ask(url, "PUT", "/someone", {"password": PASSWORD})
        login = _ask(url, "POST", "/+login", {"user": "someone", "password": PASSWORD})
        secret = base64.b64encode(f"someone:{login['password']}".encode()).decode()
        _ask(url, "PUT", "/someone/staging", {"bases": [], "volatile": False}, {"X-Devpi-Auth": secret})
        yield IndexServer(f"{url}/someone/staging/", f"{url}/someone/staging/+simple/")


@cache
def _bin() -> Path:
    return ensure_venv(LOCK, cache=cache_dir(os.environ, sys.platform)).parent


def _program(name: str) -> Path:
    return _bin() / (f"{name}.exe" if sys.platform == "win32" else name)


def _environ(home: Path) -> dict[str, str]:
    """The environment without what is meant for this project's commands and for Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "PYTHON", "DEVPI"))}
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "PYTHONUTF8": "1", "PYTHONWARNINGS": "ignore"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str], port: int, directory: Path) -> Iterator[str]:
    log = directory / "log.txt"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=_environ(directory), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _await(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server didn't start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _ask(url: str, method: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        content = json.loads(answer.read())
    finally:
        connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {content}")
    result: dict[str, str] = content["result"]
    return result
