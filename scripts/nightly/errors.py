"""The one exception that means: the user must act."""

import json
import re

README = "https://github.com/org/upload-nightly-action#"
"""With a heading's anchor behind it: where to read more."""

_PARTS = ("title", "what", "means", "do", "more")
_LONGEST_PART = 2000


class UserError(Exception):
    """Something only the user can mend, said so that they can.

    `what` happened, what it usually `means`, what to `do` now, and where to read `more` (a URL or a README anchor).
    `exit_code` is 1 when something failed, 2 when an input was wrong and nothing was touched, and 3 when a safety
    limit stopped a destructive run.
    """

    def __init__(
        self, what: str, *, title: str = "", means: str = "", do: str = "", more: str = "", exit_code: int = 1
    ) -> None:
        super().__init__(what)
        self.title = title
        self.what = what
        self.means = means
        self.do = do
        self.more = more
        self.exit_code = exit_code

    def __str__(self) -> str:
        parts = (self.what, self.means, self.do, self.more and f"More: {self.more}")
        return "\n".join(part for part in parts if part)


def bad_input(name: str, value: str, allowed: str) -> UserError:
    """Refuse the input `name`, saying what is allowed."""
    return UserError(
        f"The input {name!r} can't be {value!r}.", title="Bad input", do=f"Allowed: {allowed}.", exit_code=2
    )


def handed_over(error: UserError) -> str:
    """The error as text for another process, with no part longer than 2000 characters."""
    parts = {name: getattr(error, name)[:_LONGEST_PART] for name in _PARTS}
    return json.dumps(parts, ensure_ascii=False)


def taken_over(text: str) -> UserError | None:
    """The error that another process has handed over, or None where it didn't."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, dict) or not all(isinstance(parts.get(name), str) for name in _PARTS):
        return None
    title, what, means, do, more = (parts[name][:_LONGEST_PART] for name in _PARTS)
    is_link = re.fullmatch(r"https://[\w./#?=&%-]+", more)
    return UserError(what, title=title, means=means, do=do, more=more if is_link else "")
