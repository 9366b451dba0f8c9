"""A call of anaconda.org's API: who calls, what they may do, and what is unsettled of how it behaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from anaconda_model import Lag, Package, Refused, StoredFile, Token, not_found
from anaconda_records import Style
from anaconda_state import State
from anaconda_storage import Storage
from exchanges import Answer, Json, Request


@dataclass(frozen=True)
class Behavior:
    """What isn't known of anaconda.org, or changes: by default what was recorded, else what is hardest on a client.

    `authentication` is how it answers about a token: with scopes and expiry, "bare" without, or with that status.
    `staged_conflict`: a second stage of a name that is staged, but not committed, is answered 409. `quota` is in bytes
    for each organisation. `headers` are added to every answer but storage's.
    """

    style: Style = field(default_factory=Style)
    authentication: Literal["full", "bare", 401, 404] = "full"
    staged_conflict: bool = False
    quota: int = 40 << 30
    lag: Lag = field(default_factory=Lag)
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Call:
    """A request to an endpoint, and all that the endpoint works on."""

    state: State
    storage: Storage
    storage_url: str
    behavior: Behavior
    token: Token | None
    body: dict[str, Json]

    @property
    def style(self) -> Style:
        return self.behavior.style

    def needs(self, scope: str) -> Token:
        """The token, which covers the scope."""
        if self.token is None:
            raise Refused(401, "User is not authorized to perform this operation")
        _check_scope(self.token, scope)
        return self.token

    def writable(self, owner: str, name: str) -> Package:
        """A package that may be written to. That it isn't there, and that there's no right to it, look the same."""
        token = self.needs("api:write")
        package = self.state.package(owner, name)
        if not (token.owner or token.login in (owner, *package.collaborators)):
            raise not_found(name)
        return package


def identify(state: State, request: Request) -> Token | None:
    """Whose request it is, None without a token. A bad token is refused even where none is needed."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    kind, _, secret = header.partition(" ")
    token = state.tokens.get(secret)
    if kind != "token" or token is None:
        raise Refused(401, "Invalid authentication token")
    if token.expired:
        raise Refused(401, "Authentication token has expired")
    # Which scope it takes to ask about the token itself isn't known.
    if request.method in ("GET", "HEAD") and request.plain_path not in ("/", "/authentication"):
        _check_scope(token, "api:read")
    return token


def _check_scope(token: Token, scope: str) -> None:
    if not token.covers(scope):
        message = "Authentication token does not have the sufficient scope to perform this action expected: "
        raise Refused(401, message + scope)


def redirect(call: Call, file: StoredFile) -> Answer:
    """To where storage has the file's bytes, or has lost them."""
    package = call.state.package(file.owner, file.package)
    location = call.storage_url + call.storage.signed_path(f"{package.id}/{file.id}")
    return Answer(302, headers={"Location": location})
