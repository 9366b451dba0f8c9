"""What an error of GitHub's usually means, and what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nightly.errors import UserError
from nightly.github.refusals import MissingPermission, RateLimited
from nightly.http_errors import HttpError, Unavailable

STATUS_PAGE = "https://www.githubstatus.com"
_PERMISSIONS = (
    "https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/control-permissions-with-jobs"
)


@dataclass(frozen=True)
class _Meaning:
    means: str
    do: str


_MOVED = _Meaning(
    "The repository was renamed, or the issue was moved to another one.",
    "Use the new name. A token isn't sent after a redirect.",
)
_REFUSALS = {
    301: _MOVED,
    307: _MOVED,
    308: _MOVED,
    401: _Meaning(
        "The token is wrong, or its time is over. A job's own token ends with the job.",
        "In a workflow, pass ${{ github.token }}; elsewhere, make a new token and set the secret to it.",
    ),
    404: _Meaning(
        "There is none of that name, or the token may not see it: GitHub answers the same.",
        "Check the name, and that the token is for this repository and has the permissions for it.",
    ),
    410: _Meaning(
        "The repository has its issues turned off, or what was asked for was deleted or has expired.",
        "Turn the issues on (Settings, General, Features), or name another repository.",
    ),
    422: _Meaning("GitHub found something wrong with what was sent.", "Please report it with the line above."),
}
_FORBIDDEN = _Meaning(
    "The repository may be archived, the issue locked, or the token kept out by the organization.",
    "Check these; for an organization with single sign-on, authorize the token for it.",
)
_UNKNOWN = _Meaning("", "This answer isn't one that is known; please report it with the line above.")


def explain(error: HttpError) -> UserError:
    """Say what an error means for whoever runs the job."""
    if isinstance(error, MissingPermission):
        return _missing(error)
    if isinstance(error, Unavailable):
        return _unavailable(error)
    known = _FORBIDDEN if error.status == 403 else _REFUSALS.get(error.status or 0, _UNKNOWN)
    return UserError(str(error), title="GitHub refused", means=known.means, do=known.do)


def _missing(error: MissingPermission) -> UserError:
    # Sets of permissions are set off by semicolons, and any of them will do: the first is the usual one.
    lines = [part.strip().replace("=", ": ") for part in error.permission.partition(";")[0].split(",") if part.strip()]
    wanted = " and ".join(f"`{line}`" for line in lines) or "what this request takes"
    return UserError(
        str(error),
        title="A permission is missing",
        means="The token is good, but it may not do this.",
        do=f"Add {wanted} to the job's `permissions:`, and to its caller's where the workflow is called; "
        "for an App's or a person's token, grant the same there.",
        more=_PERMISSIONS,
    )


def _unavailable(error: Unavailable) -> UserError:
    if isinstance(error, RateLimited):
        means = f"Too many requests were made with this token. GitHub asks to wait {error.retry_after or 0:.0f} s."
    else:
        means = "GitHub was busy, broken or out of reach for as long as we were patient."
    return UserError(
        str(error),
        title="GitHub is unavailable",
        means=means,
        do="Run this job again later: it goes on where it stopped.",
        more=STATUS_PAGE,
    )
