"""The stand-in of anaconda.org as a process of its own, so that it shares no interpreter with who asks it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.processes import bare_environ
from nightly.errors import UserError

PROGRAM = Path(__file__).resolve().parent.parent / "tests" / "anaconda_server.py"

_AT_ONCE = 5_000
"""Records in one request: the stand-in reads no larger JSON than 4 MB."""


@dataclass(frozen=True)
class StandIn:
    """Where it is, and a token of the organization's owner."""

    api_url: str
    index_url: str
    control_url: str
    organization: str
    token: str

    def empty(self) -> None:
        """Forget all packages and requests."""
        self._control("POST", "/empty")

    def seed(self, records: Sequence[Sequence[str]]) -> None:
        """Have files without bytes: of each its package, version, name and upload time, as the API writes it."""
        for start in range(0, len(records), _AT_ONCE):
            self._control("POST", "/seed", records[start : start + _AT_ONCE])

    def forget_requests(self) -> None:
        self._control("POST", "/reset")

    def requests(self) -> int:
        """How many there were since they were forgotten, to any of its hosts."""
        return int(str(self._control("GET", "/requests")["count"]))

    def require(self, wheels: Path) -> None:
        """Nothing is fast that wasn't done.

        Raises:
            UserError: the organization's files aren't exactly the wheels of this directory.
        """
        wanted = {path.name: _md5(path) for path in wheels.glob("*.whl")}
        names = {path.name.split("-")[0].replace("_", "-") for path in wheels.glob("*.whl")}
        there = {name: md5 for project in names for name, md5 in self._files(project).items()}
        if there != wanted:
            raise UserError(f"An upload ended well, but {len(wanted)} files aren't what the server has: {there}.")

    def _files(self, project: str) -> dict[str, str]:
        package = _ask(self.api_url, "GET", f"/package/{self.organization}/{project}", self.token)
        files = package["files"]
        if not isinstance(files, list):
            raise TypeError(files)
        return {file["basename"]: file["md5"] for file in files}

    def _control(self, method: str, path: str, body: object = None) -> dict[str, object]:
        return _ask(self.control_url, method, path, body=body)


@contextmanager
def stand_in(python: Path, directory: Path, delay: float) -> Iterator[StandIn]:
    """Run it, with `delay` seconds before each answer, and everything that it takes in `directory`."""
    directory.mkdir()
    command = (str(python), str(PROGRAM), "--delay", str(delay), "--directory", str(directory))
    with subprocess.Popen(
        command, env=bare_environ(directory), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError(process)
        about = json.loads(process.stdout.readline())
        try:
            yield StandIn(**{name: about[name] for name in StandIn.__dataclass_fields__})
        finally:
            process.stdin.close()


def _ask(url: str, method: str, path: str, token: str = "", body: object = None) -> dict[str, object]:
    connection = HTTPConnection(urlsplit(url).netloc)
    headers = {"Authorization": f"token {token}"} if token else {}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, content, headers | ({"Content-Type": "application/json"} if content else {}))
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return dict(answer)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.md5(usedforsecurity=False)
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
