"""What the server's answers say of a token and an organization. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from nightly.anaconda.explain import SCOPES, TOKEN_PAGE
from nightly.anaconda.records import parse_time
from nightly.errors import README, UserError
from nightly.json_types import Json

_SOON = timedelta(days=30)
_HEADERS = {
    "conda-token-warning": "The server says of the token",
    "x-anaconda-lockdown": "The server is locked down",
    "x-anaconda-read-only": "The server is read-only now",
}


def missing_scopes(authentication: Json) -> tuple[str, ...]:
    """The scopes that a token lacks for publishing; none where the server doesn't tell its scopes."""
    scopes = authentication.get("scopes") if isinstance(authentication, dict) else None
    if not isinstance(scopes, list):
        return ()
    has = {str(scope) for scope in scopes}
    return tuple(scope for scope in SCOPES if not has & {scope, scope.partition(":")[0], "all"})


def is_of_another_scope(reason: str) -> bool:
    """Whether a refusal asks for a scope that publishing doesn't need."""
    match = re.search(r"sufficient scope.*expected:? ?([\w:]+)", reason)
    return match is not None and match[1] not in SCOPES


def check_scopes(authentication: Json) -> None:
    """Refuse a token that can't publish.

    Raises:
        UserError: naming the scopes that it lacks.
    """
    if missing := missing_scopes(authentication):
        raise UserError(
            f"The token lacks the scope{'s' * (len(missing) > 1)} {', '.join(missing)}.",
            title="Token without the right scopes",
            means="An upload needs to read the channel, to write to it, and to upload Python packages.",
            do=f"Make a token with the scopes {', '.join(SCOPES)} at {TOKEN_PAGE}.",
            more=f"{README}token",
        )


def expiry_warning(authentication: Json, now: datetime) -> str | None:
    """What to tell of a token whose end is near: 30 days are time for a holiday and a reminder."""
    expires = authentication.get("expires") if isinstance(authentication, dict) else None
    end = parse_time(expires.replace("T", " ")) if isinstance(expires, str) else None
    if end is None or end - now > _SOON:
        return None
    days = max(0, (end - now).days)
    return (
        f"The token expires on {end:%Y-%m-%d}, in {days} day{'s' * (days != 1)}; from then on every upload fails. "
        f"Make a new one at {TOKEN_PAGE} and put it into the repository's secret."
    )


def header_warnings(headers: Mapping[str, str]) -> Iterator[str]:
    """What the server says in the headers that it has for warnings."""
    for name, meaning in _HEADERS.items():
        if value := headers.get(name):
            yield f"{meaning}: {value[:300]}"
