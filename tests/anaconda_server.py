"""A stand-in of anaconda.org on 127.0.0.1: the API, the index, and the storage behind them, each at a port of its own.

In a test: `with AnacondaServer(tmp_path) as server`. As a process of its own: `python tests/anaconda_server.py --help`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

import anaconda_api
import anaconda_index
from anaconda_calls import Behavior, Call, identify
from anaconda_model import Lag, Refused, StoredFile, Token
from anaconda_seeds import plant, plant_record
from anaconda_state import State
from anaconda_storage import Storage
from exchanges import Answer, Body, Exchange, Request, RequestLog, json_answer
from faults import Faults
from loopback import LoopbackServer

ORGANIZATION = "nightly-wheels"
TOKEN = "tk-11111111-owner"


class AnacondaServer(AbstractContextManager["AnacondaServer"]):
    """anaconda.org, with organisations that exist and nothing in them.

    `directory` is where bytes are kept. `organization` is the first one's name, `token` a token of an owner's with the
    three scopes that uploading takes. `delay` is in seconds for every answer. `behavior`, `delay` and `faults` may be
    changed at any time; `state` has what is stored, `requests` what was asked for, at any of the three hosts.
    """

    def __init__(
        self,
        directory: Path,
        organizations: Sequence[str] = (ORGANIZATION,),
        behavior: Behavior = Behavior(),  # noqa: B008  # frozen
        delay: float = 0.0,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.organization = organizations[0]
        self.token = TOKEN
        self.behavior = behavior
        self.delay = delay
        self.faults = Faults()
        self.state = State(directory, tuple(organizations))
        self.state.tokens[TOKEN] = Token("channel-owner")
        self._storage = Storage(directory)
        self._log = RequestLog()
        self._servers = {role: LoopbackServer(self, role, self._log) for role in ("api", "index", "storage")}
        self.api_url, self.index_url, self.storage_url = (server.url for server in self._servers.values())

    @property
    def requests(self) -> list[Request]:
        """What was asked for, in the order of arrival, since the start or the last `forget_requests`."""
        return self._log.all()

    def forget_requests(self) -> None:
        self._log.clear()

    def simple_index(self, label: str = "main") -> str:
        """The URL that an installer is given."""
        middle = "" if label == "main" else f"/label/{label}"
        return f"{self.index_url}/{self.organization}{middle}/simple"

    def add_token(self, secret: str, token: Token) -> None:
        """Let a token exist. A collaborator gets their packages if these are there, else when they are seeded."""
        with self.state.lock:
            self.state.tokens[secret] = token
            for package in (package for packages in self.state.owners.values() for package in packages.values()):
                package.collaborators |= self._collaborators(package.name)

    def seed(
        self,
        wheel: Path,
        labels: Sequence[str] = ("main",),
        uploaded_at: datetime | None = None,
        organization: str = "",
        lag: Lag | None = None,
    ) -> StoredFile:
        """Have a wheel, as if it had been uploaded (now, if not said when); the index may lag."""
        owner = organization or self.organization
        with self.state.lock:
            file = plant(self.state, owner, wheel, labels, uploaded_at, lag)
            self.state.package(owner, file.package).collaborators |= self._collaborators(file.package)
            return file

    def seed_records(self, records: Iterable[Sequence[str]]) -> None:
        """Have many files without bytes: of each its package, version, name, and the time the API answers for it."""
        with self.state.lock:
            for package, version, basename, upload_time in records:
                plant_record(self.state, self.organization, package, version, basename, upload_time)

    def _collaborators(self, name: str) -> set[str]:
        return {token.login for token in self.state.tokens.values() if token.packages and name in token.packages}

    def serve(self, exchange: Exchange) -> None:
        """Let the request end as the script of faults has it."""
        time.sleep(self.delay)
        self.faults.effect_on(exchange.request).play(exchange)

    def answer(self, request: Request, body: Body) -> Answer:
        """Do what was asked for."""
        if request.role == "storage":
            return self._storage.answer(request, body)
        endpoint = self._index if request.role == "index" else self._api
        try:
            with self.state.lock:
                answer = endpoint(request)
        except Refused as refused:
            answer = json_answer({"error": refused.message}, refused.status)
        headers = {"x-binstar-api-version": "0.2.1", **dict(self.behavior.headers), **answer.headers}
        return replace(answer, headers=headers)

    def _api(self, request: Request) -> Answer:
        return anaconda_api.answer(self._call(request, identify(self.state, request)), request)

    def _index(self, request: Request) -> Answer:
        return anaconda_index.answer(self._call(request, None), request)

    def _call(self, request: Request, token: Token | None) -> Call:
        content = request.body if isinstance(request.body, dict) else {}
        return Call(self.state, self._storage, self.storage_url, self.behavior, token, content)

    def close(self) -> None:
        """Stop. Raises what went wrong in the stand-in itself, if anything did."""
        for server in self._servers.values():
            server.close()
        for failure in (failure for server in self._servers.values() for failure in server.failures):
            raise RuntimeError("the stand-in of anaconda.org failed") from failure

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Control:
    """What whoever started the stand-in as a process asks it: the requests so far, and to start again."""

    def __init__(self, server: AnacondaServer) -> None:
        self._server = server

    def serve(self, exchange: Exchange) -> None:
        exchange.send(exchange.take_effect())

    def answer(self, request: Request, _: Body) -> Answer:
        requests = self._server.requests
        if (request.method, request.path) == ("POST", "/reset"):
            self._server.forget_requests()
        if (request.method, request.path) == ("POST", "/empty"):
            self._server.forget_requests()
            self._server.state.forget_packages()
        if (request.method, request.path) == ("POST", "/seed") and isinstance(request.body, list):
            self._server.seed_records([[str(part) for part in each] for each in request.body if isinstance(each, list)])
        return json_answer(
            {
                "count": len(requests),
                "requests": [[asked.role, asked.method, asked.path, asked.status] for asked in requests],
            }
        )


def main() -> None:
    """Serve until standard input ends. Prints one line of JSON: the URLs, an organisation, and an owner's token.

    At `control_url`, GET /requests answers the requests so far; POST /reset does so too and forgets them;
    POST /empty also forgets all packages; POST /seed takes a JSON list of lists, as `seed_records` has it.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--organization", default=ORGANIZATION)
    parser.add_argument("--directory", type=Path, help="for the bytes; a temporary one if it isn't given")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.directory or Path(temporary)
        with AnacondaServer(directory, (arguments.organization,), delay=arguments.delay) as server:
            control = LoopbackServer(_Control(server), "control", RequestLog())
            print(json.dumps(_about(server) | {"control_url": control.url}), flush=True)
            sys.stdin.read()
            control.close()


def _about(server: AnacondaServer) -> dict[str, str]:
    names = ("api_url", "index_url", "storage_url", "organization", "token")
    return {name: getattr(server, name) for name in names}


if __name__ == "__main__":
    main()
