"""A stand-in of GitHub's REST API on 127.0.0.1, and of the storage behind it, each at a port of its own.

In a test: `with GitHubServer() as server`. As a process of its own: `python tests/github_server.py --help`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType

import github_endpoints
from exchanges import Answer, Body, Exchange, Json, Request, RequestLog, json_answer
from faults import Faults
from github_model import Event, Refused, Repository, State, Token
from loopback import LoopbackServer

REPOSITORY = "nightly/channel"
TOKEN = "ghs_11111111"
_DOCS = "https://docs.github.com/rest"
_AN_HOUR = 3600


class GitHubServer(AbstractContextManager["GitHubServer"]):
    """GitHub with empty repositories, and the token of a job that may write issues and workflows.

    `limit` is how many requests a token may make, and starts anew with `forget_requests`. It and `faults` may be
    changed at any time; `state` has what is stored, `requests` what was asked for, `repository` is the first one.
    """

    def __init__(self, repositories: Sequence[str] = (REPOSITORY,), limit: int = 5000) -> None:
        self.token = TOKEN
        self.limit = limit
        self.faults = Faults()
        self.state = State()
        self.state.tokens[TOKEN] = Token()
        for name in repositories:
            self.state.add_repository(name)
        self.repository: Repository = self.state.repositories[repositories[0].casefold()]
        self._log = RequestLog()
        self._servers = {role: LoopbackServer(self, role, self._log) for role in ("api", "storage")}
        self.api_url, self.storage_url = (server.url for server in self._servers.values())

    @property
    def requests(self) -> list[Request]:
        """What was asked for, in the order of arrival, since the start or the last `forget_requests`."""
        return self._log.all()

    @property
    def events(self) -> list[Event]:
        """What happened in the first repository."""
        return self.repository.events

    def forget_requests(self) -> None:
        self._log.clear()

    def add_token(self, secret: str, token: Token) -> None:
        self.state.tokens[secret] = token

    def serve(self, exchange: Exchange) -> None:
        """Let the request end as the script of faults has it."""
        self.faults.effect_on(exchange.request).play(exchange)

    def answer(self, request: Request, _: Body) -> Answer:
        """Do what was asked for."""
        if request.role == "storage":
            return self._stored(request)
        used = sum(each.role == "api" for each in self.requests)
        headers = self._limits(used)
        try:
            self._check_limit(used)
            with self.state.lock:
                answer = github_endpoints.answer(
                    self.state, request, self._identify(request), self.api_url, self.storage_url
                )
        except Refused as refused:
            answer = _error(refused)
        return replace(answer, headers={**headers, **answer.headers})

    def _check_limit(self, used: int) -> None:
        if used > self.limit:
            raise Refused(403, "API rate limit exceeded for installation ID 1.")

    def _limits(self, used: int) -> dict[str, str]:
        return {
            "x-github-api-version-selected": "2022-11-28",
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-used": str(min(used, self.limit)),
            "x-ratelimit-remaining": str(max(0, self.limit - used)),
            "x-ratelimit-reset": str(int(time.time()) + _AN_HOUR),
            "x-ratelimit-resource": "core",
        }

    def _identify(self, request: Request) -> Token | None:
        """Whose request it is, None without a token. A bad token is refused even where none is needed."""
        header = request.headers.get("authorization")
        if header is None:
            return None
        kind, _, secret = header.partition(" ")
        if kind.casefold() not in ("bearer", "token") or secret not in self.state.tokens:
            raise Refused(401, "Bad credentials")
        return self.state.tokens[secret]

    def _stored(self, request: Request) -> Answer:
        """An artifact's ZIP file. Who brings a token is refused, as by the real storage."""
        if request.authorized or "sig=" not in request.path:
            page = b"<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>"
            return Answer(403, page, "application/xml")
        number = int(request.plain_path.rpartition("/")[2].removesuffix(".zip"))
        every = (each for repository in self.state.repositories.values() for each in repository.artifacts)
        return next((Answer(200, each.content, "application/zip") for each in every if each.id == number), Answer(404))

    def close(self) -> None:
        """Stop. Raises what went wrong in the stand-in itself, if anything did."""
        for server in self._servers.values():
            server.close()
        for failure in (failure for server in self._servers.values() for failure in server.failures):
            raise RuntimeError("the stand-in of GitHub failed") from failure

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _error(refused: Refused) -> Answer:
    """An error as GitHub words it."""
    content: dict[str, Json] = {"message": refused.message, "documentation_url": _DOCS, "status": str(refused.status)}
    if refused.errors:
        content["errors"] = refused.errors
    if "Location" in refused.headers:
        content["url"] = refused.headers["Location"]
    return replace(json_answer(content, refused.status), headers=refused.headers)


def main() -> None:
    """Serve until standard input ends. Prints one line of JSON: the API's URL, a repository, and a job's token."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--repository", default=REPOSITORY)
    with GitHubServer((parser.parse_args().repository,)) as server:
        about = {"api_url": server.api_url, "repository": server.repository.name, "token": server.token}
        print(json.dumps(about), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
