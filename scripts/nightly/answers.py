"""Answers of servers that speak JSON, whichever client has asked for them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from nightly.auth import Auth
from nightly.http_errors import Explain, Reply, Unavailable, refusal
from nightly.json_types import Json
from nightly.patience import Patience


@dataclass(frozen=True)
class Answer:
    """A good answer: its JSON (None for an empty body) and its headers, whose names are in lower case."""

    json: Json
    headers: Mapping[str, str]


class Client(ABC):
    """Asks an API that speaks JSON. No redirect is followed, so a token can't travel along one."""

    patience: Patience

    def ask(
        self,
        method: str,
        url: str,
        *,
        auth: Auth,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
    ) -> Answer:
        """Ask once. What a bad status means is for `explain` to say (else `refusal`).

        Raises:
            Unavailable, Refused: as their names say; a redirect is refused.
        """
        data = None if body is None else json.dumps(body).encode()
        return _read(self.exchange(method, url, auth, data, headers), request_name(method, url), explain or refusal)

    @abstractmethod
    def exchange(
        self, method: str, url: str, auth: Auth, data: bytes | None, headers: Mapping[str, str] | None
    ) -> Reply:
        """Send a request, and read the whole reply, whatever its status.

        Raises:
            Unavailable, Refused: there's no reply, or only a part of one.
        """


def check_status(reply: Reply, request: str, explain: Explain) -> None:
    if not 200 <= reply.status < 300:
        raise explain(reply, request)


def request_name(method: str, url: str) -> str:
    """What errors call a request: its URL goes without the query, which may hold a signature."""
    return f"{method} {url.partition('?')[0].partition('#')[0]}"


def without_secret(content: bytes, sent: Mapping[str, str]) -> bytes:
    """What a server says, but for the token among the headers that were sent: it may quote that in an error."""
    secret = str(sent.get("Authorization", "")).partition(" ")[2].encode()
    return content.replace(secret, b"***") if secret else content


def _read(reply: Reply, request: str, explain: Explain) -> Answer:
    check_status(reply, request, explain)
    return Answer(_parse(reply.content, request), reply.headers)


def _parse(content: bytes, request: str) -> Json:
    if not content.strip():
        return None
    try:
        parsed: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unavailable(request, f"the answer isn't JSON but begins with {content[:60]!r}") from error
    return parsed
