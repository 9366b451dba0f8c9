"""What an error of the API usually means, and what to do. Pure.

The texts looked for are recorded answers of anaconda.org; an unknown one is passed on as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightly.errors import README
from nightly.http_errors import HttpError, Unavailable

TOKEN_PAGE = "https://anaconda.org/YOUR-USER-NAME/settings/access"  # noqa: S105 - a page, not a secret
STATUS_PAGE = "https://anaconda.statuspage.io"
SCOPES = ("api:read", "api:write", "pypi:upload")


@dataclass(frozen=True)
class Explanation:
    """What happened, what it usually means, what to do, and where to read more. `title` says it in a few words."""

    what: str
    means: str = ""
    do: str = ""
    more: str = ""
    title: str = "The channel can't be used"

    def __str__(self) -> str:
        more = f"({self.more})" if self.more else ""
        return " ".join(part for part in (_sentence(self.what), self.means, self.do, more) if part)


def explain(error: HttpError) -> Explanation:
    """Say what an error means for the one who publishes."""
    if isinstance(error, Unavailable) and error.status not in (404, 409):
        return _unavailable(error)
    for known in _REFUSALS:
        if error.status == known.status and (match := re.search(known.pattern, error.reason)):
            means = known.means.format(*match.groups())
            return Explanation(str(error), means, known.do, README + known.anchor, known.title)
    return Explanation(str(error), do="This answer isn't one that is known; please report it with the line above.")


def _unavailable(error: Unavailable) -> Explanation:
    return Explanation(
        str(error),
        "The service was busy, broken or out of reach for as long as we were patient.",
        "Run this job again later: what is done already won't be done again.",
        STATUS_PAGE,
        "The channel is out of reach",
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."


@dataclass(frozen=True)
class _Refusal:
    """A refusal that is known: its status, what its reason holds, and what to say of it; groups fill the `{}`."""

    status: int
    pattern: str
    means: str
    do: str
    anchor: str
    title: str = Explanation.title


_NEW_TOKEN = f"Make a new one at {TOKEN_PAGE} with the scopes {', '.join(SCOPES)}, and set the secret to it."

# The first that fits is taken.
_REFUSALS = (
    _Refusal(
        status=401,
        pattern=r"expired",
        means="The token's time is over: they live for a year unless told otherwise.",
        do=_NEW_TOKEN,
        anchor="token",
        title="The token has expired",
    ),
    _Refusal(
        status=401,
        pattern=r"sufficient scope.*expected:? ?([\w:]+)",
        means="The token lacks the scope {0}.",
        do=_NEW_TOKEN,
        anchor="token",
        title="The token lacks a scope",
    ),
    _Refusal(
        status=401,
        pattern=r"not enough permissions to create .*/([^\"]+?)>?\" package",
        means="The channel has no project of the spelling {0}, and the token's owner may not create it.",
        do="If it's new, ask the channel's admins to create it and to give you access. If it was there before, its "
        "last file was deleted, and with it the access: ask them as well.",
        anchor="access",
    ),
    _Refusal(
        status=401,
        pattern=r"",
        means="The server doesn't know the token: it was revoked, pasted in part, or is another server's.",
        do=_NEW_TOKEN,
        anchor="token",
        title="The token isn't known",
    ),
    _Refusal(
        status=402,
        pattern=r"",
        means="The channel's storage is full.",
        do="Ask the channel's admins to make room: old wheels have to go before new ones can come.",
        anchor="storage-is-full",
        title="The channel's storage is full",
    ),
    _Refusal(
        status=403,
        pattern=r"",
        means="The server, or a proxy before it, doesn't let this in.",
        do="Ask the channel's admins whether the token's owner still has access to the project.",
        anchor="access",
    ),
    _Refusal(
        status=404,
        pattern=r"Invalid dist_id",
        means="The server gave the announced file up before it was complete: most often another job has deleted the "
        "release's last file meanwhile.",
        do="Let one job at a time publish a project (`concurrency:` in the workflow).",
        anchor="several-platforms",
    ),
    _Refusal(
        status=404,
        pattern=r"",
        means="Either there is no such project on the channel, or the token's owner has no right to it: the server "
        "gives the same answer for both.",
        do="Compare the spelling with the channel's page; if it's right, ask the channel's admins for access to the "
        "project.",
        anchor="access",
    ),
    _Refusal(
        status=409,
        pattern=r"",
        means="The server has a file of this name, or an unfinished upload of one, that it doesn't list.",
        do="Run this job again in an hour: the server gives unfinished uploads up.",
        anchor="troubleshooting",
    ),
)
