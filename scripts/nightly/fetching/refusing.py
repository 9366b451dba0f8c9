"""What to say of an index that can't be read. Pure."""

from __future__ import annotations

from nightly.auth import without_passwords
from nightly.errors import UserError
from nightly.fetching.files import Unreachable
from nightly.http_errors import HttpError, Unavailable


def not_to_be_trusted(name: str, error: Exception) -> UserError:
    """It lists a file under a name, or at an address, that no index has a reason for."""
    return UserError(
        f"{name} lists something that can't be meant: {error}.",
        title="Nothing fetched",
        means="Such a name or address would make a fetch write or read where it must not.",
        do="Ask whoever keeps the index. Nothing of it was written here.",
    )


def no_page(url: str, error: Exception) -> UserError:
    """What is there isn't a page of an index."""
    return UserError(
        f"{url} can't be read as an index's page: {error}.",
        title="No index",
        means="Usually the URL is that of a website, or of an error page, and not of a simple index.",
        do="Give the URL that pip takes as --index-url; mostly it ends in /simple.",
    )


def not_answering(name: str, error: HttpError) -> UserError:
    """The index doesn't answer, or refuses to."""
    what = f"{name} can't be read: {without_passwords(str(error))}."
    if isinstance(error, Unavailable):
        return Unreachable(
            what,
            title="No answer",
            means="Usually the server has trouble, or can't be reached from here (by a proxy: HTTPS_PROXY).",
            do="Run this again later. What is fetched already isn't fetched again.",
        )
    if error.status in (401, 403):
        return UserError(
            what,
            title="Not allowed",
            means="The index is for those who have a name and a password.",
            do="Put them into the index's URL where pip or uv is set up (a configuration file or a variable, as "
            "everyone can read a command line), or into ~/.netrc.",
        )
    return UserError(what, title="No index", do="Give another index by --index.")
