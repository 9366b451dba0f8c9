"""The one exception that means: the user must act."""

README = "https://github.com/org/upload-nightly-action#"
"""With a heading's anchor behind it: where to read more."""


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
