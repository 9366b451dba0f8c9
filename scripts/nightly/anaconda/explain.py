"""What an error of the API usually means, and what to do. Pure.

The texts looked for are recorded answers of anaconda.org; an unknown one is passed on as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nightly.http import HttpError, Unavailable

TOKEN_PAGE = "https://anaconda.org/YOUR-USER-NAME/settings/access"  # noqa: S105 - a page, not a secret
STATUS_PAGE = "https://anaconda.statuspage.io"
README = "https://github.com/org/upload-nightly-action#"
SCOPES = ("api:read", "api:write", "pypi:upload")


@dataclass(frozen=True)
class Explanation:
    """What happened, what it usually means, what to do, and where to read more."""

    what: str
    means: str = ""
    do: str = ""
    more: str = ""

    def __str__(self) -> str:
        more = f"More: {self.more}" if self.more else ""
        return " ".join(part for part in (_sentence(self.what), self.means, self.do, more) if part)


def explain(error: HttpError) -> Explanation:
    """Say what an error means for the one who publishes."""
    if isinstance(error, Unavailable) and error.status not in (404, 409):
        return _unavailable(error)
    for status, pattern, means, do, anchor in _REFUSALS:
        if error.status == status and (match := re.search(pattern, error.reason)):
            more = "" if not anchor else anchor if "://" in anchor else README + anchor
            return Explanation(str(error), means.format(*match.groups()), do.format(*match.groups()), more)
    return Explanation(str(error), do="This answer isn't one that is known; please report it with the line above.")


def _unavailable(error: Unavailable) -> Explanation:
    return Explanation(
        str(error),
        "The service was busy, broken or out of reach for as long as we were patient.",
        "Run this job again later: what is on the channel already won't be sent again.",
        STATUS_PAGE,
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."


_NEW_TOKEN = f"Make a new one at {TOKEN_PAGE} with the scopes {', '.join(SCOPES)}, and put it into the repository's secret."

# (status, what the reason holds, what it usually means, what to do, README's anchor or a URL)
_REFUSALS = (
    (401, r"expired", "The token's time is over: they live for a year unless told otherwise.", _NEW_TOKEN, "token"),
    (
        401,
        r"sufficient scope.*expected:? ?([\w:]+)",
        "The token lacks the scope {0}.",
        _NEW_TOKEN,
        "token",
    ),
    (
        401,
        r"not enough permissions to create .*/([^\"]+?)>?\" package",
        "The project {0} isn't on the channel under this spelling, and the token's owner may not create it there.",
        "If it's new, ask the channel's admins to create it and to give you access. If it was there before, its last file"
        " was deleted, and with it the access: ask them as well.",
        "access",
    ),
    (
        401,
        r"",
        "The token isn't one that this server knows: it was revoked, cut off when it was pasted, or is of another server.",
        _NEW_TOKEN,
        "token",
    ),
    (
        402,
        r"",
        "The channel's storage is full.",
        "Ask the channel's admins to make room: old wheels have to go before new ones can come.",
        "storage-is-full",
    ),
    (
        403,
        r"",
        "The server, or a proxy before it, doesn't let this in.",
        "Ask the channel's admins whether the token's owner still has access to the project.",
        "access",
    ),
    (
        404,
        r"Invalid dist_id",
        "The server gave the announced file up before it was complete: most often another job has deleted the release's"
        " last file meanwhile.",
        "Let one job at a time publish a project (`concurrency:` in the workflow).",
        "several-platforms",
    ),
    (
        404,
        r"",
        "Either there is no such project on the channel, or the token's owner has no right to it: the server gives the"
        " same answer for both.",
        "Compare the spelling with the channel's page; if it's right, ask the channel's admins for access to the project.",
        "access",
    ),
    (
        409,
        r"",
        "The server has a file of this name, or an unfinished upload of one, that it doesn't list.",
        "Run this job again in an hour: unfinished uploads are given up by the server.",
        "",
    ),
)
