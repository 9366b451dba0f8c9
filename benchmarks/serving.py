"""Stand-ins of servers as processes of their own, so that they share no interpreter with who asks them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.processes import bare_environ

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Index:
    """A stand-in of the public index."""

    index_url: str
    control_url: str

    def forget_requests(self) -> None:
        ask(self.control_url, "POST", "/reset")

    def requests(self) -> int:
        """How many there were since they were forgotten."""
        return int(str(ask(self.control_url, "GET", "/requests")["count"]))


@contextmanager
def index(python: Path, wheels: Path, home: Path, delay: float) -> Iterator[Index]:
    """Have the wheels of a directory on an index, with `delay` seconds before each answer."""
    with serving(python, "registry.py", home, "--directory", str(wheels), "--delay", str(delay)) as about:
        yield Index(**about)


@contextmanager
def serving(python: Path, program: str, home: Path, *arguments: str) -> Iterator[Mapping[str, str]]:
    """Run a program of the tests until this ends. What it says of itself is its first line, as JSON."""
    command = (str(python), str(_ROOT / "tests" / program), *arguments)
    environ = bare_environ(home) | {"PYTHONPATH": str(_ROOT / "scripts")}
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError(process)
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def ask(url: str, method: str, path: str, token: str = "", body: object = None) -> dict[str, object]:
    """Ask for JSON."""
    connection = HTTPConnection(urlsplit(url).netloc)
    headers = {"Authorization": f"token {token}"} if token else {}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, content, headers | ({"Content-Type": "application/json"} if content else {}))
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return dict(answer)
