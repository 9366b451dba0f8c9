"""What a user has to act on, as Markdown. Pure."""

from __future__ import annotations

from nightly import markdown
from nightly.errors import UserError


def explained(error: UserError, so_far: str = "") -> str:
    """What happened, what it means, what to do, how far it got, and where to read more."""
    said = [markdown.text(part) for part in (error.means, error.do, so_far) if part]
    more = [f"More: {error.more}"] if error.more else []
    return "\n\n".join([markdown.fenced(error.what), *said, *more])
