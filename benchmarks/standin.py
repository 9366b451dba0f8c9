"""The stand-in of anaconda.org, and whether it has what was uploaded to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving import ask, serving
from nightly.errors import UserError

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

    def requests_to_api(self) -> int:
        """How many of them were to the API, which this action asks. Installers ask the index and storage."""
        asked = self._control("GET", "/requests")["requests"]
        if not isinstance(asked, list):
            raise TypeError(asked)
        return sum(role == "api" for role, *_ in asked)

    def _files(self, project: str) -> dict[str, str]:
        package = ask(self.api_url, "GET", f"/package/{self.organization}/{project}", self.token)
        files = package["files"]
        if not isinstance(files, list):
            raise TypeError(files)
        return {file["basename"]: file["md5"] for file in files}

    def _control(self, method: str, path: str, body: object = None) -> dict[str, object]:
        return ask(self.control_url, method, path, body=body)


@contextmanager
def stand_in(python: Path, directory: Path, delay: float) -> Iterator[StandIn]:
    """Run it, with `delay` seconds before each answer, and everything that it takes in `directory`."""
    directory.mkdir()
    arguments = ("--delay", str(delay), "--directory", str(directory))
    with serving(python, "anaconda_server.py", directory, *arguments) as about:
        yield StandIn(**{name: about[name] for name in StandIn.__dataclass_fields__})


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.md5(usedforsecurity=False)
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
