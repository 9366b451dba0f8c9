"""Answers of servers that speak JSON, whichever client has asked for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from nightly.auth import Auth
from nightly.http_errors import Explain, Reply, Unavailable
from nightly.json_types import Json
from nightly.patience import Patience


@dataclass(frozen=True)
class Answer:
    """A good answer: its JSON (None for an empty body) and its headers, whose names are in lower case."""

    json: Json
    headers: Mapping[str, str]


class Client(Protocol):
    """What asks an API that speaks JSON, and follows no redirect, so that a token can't travel along one."""

    @property
    def patience(self) -> Patience: ...

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
        """Ask once. What a bad status means is for `explain` to say.

        Raises:
            Unavailable, Refused: as their names say; a redirect is refused.
        """


def read_answer(reply: Reply, request: str, explain: Explain) -> Answer:
    """Believe a reply if its status is good and its content is whole.

    Raises:
        Unavailable, Refused: as `explain` has it, or as it's no JSON.
    """
    check_status(reply, request, explain)
    return Answer(_parse(reply.content, request), reply.headers)


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


def _parse(content: bytes, request: str) -> Json:
    if not content.strip():
        return None
    try:
        parsed: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unavailable(request, f"the answer isn't JSON but begins with {content[:60]!r}") from error
    return parsed
