"""Looking at a source until all is there that is expected, as indexes lag behind what was published."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from nightly.errors import UserError
from nightly.fetching.choosing import Choice, Wanted, choose, nothing_found
from nightly.fetching.expected import Expected
from nightly.fetching.files import IndexFile, Source, Unreachable
from nightly.fetching.table import some


@dataclass(frozen=True)
class Look:
    """What a source has of what is wanted, what is expected and `missing`, and what is there but not named."""

    files: tuple[IndexFile, ...]
    missing: tuple[str, ...]
    choice: Choice
    unnamed: tuple[str, ...]


@dataclass(frozen=True)
class Rhythm:
    """For how long to look in all, and how long to wait between two looks. In seconds."""

    whole: float
    pause: float


class Waiting:
    """Looks again and again, from now on until patience has ended."""

    def __init__(
        self, source: Source, wanted: Wanted, expected: Expected, rhythm: Rhythm, tell: Callable[[str], None]
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._expected = expected
        self._rhythm = rhythm
        self._tell = tell
        self._deadline = time.monotonic() + rhythm.whole
        self._told = ""

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def until_there(self) -> Look:
        """Look until nothing is missing.

        Raises:
            UserError: nothing is found, or something is missing in the end, or the source can't be read.
        """
        while True:
            try:
                look, reason = self._look()
            except Unreachable as error:
                look, reason = None, error
            if look and not look.missing:
                return look
            if self.is_over:
                raise reason
            self.pause(reason.what)

    def pause(self, reason: str) -> None:
        """Wait a moment before another look, and say why where that's new."""
        if reason != self._told:
            self._tell(f"Waiting up to {max(0.0, self._deadline - time.monotonic()) / 60:.1f} more minutes: {reason}")
            self._told = reason
        time.sleep(self._rhythm.pause)

    def _look(self) -> tuple[Look, UserError]:
        """What there is, and what to say if it's not enough."""
        listed = self._source.files(self._wanted.project)
        choice = choose(listed, self._wanted)
        files = self._expected.take(choice.files)
        missing = self._expected.missing(choice.files)
        unnamed = sorted({file.filename for file in choice.files} - {file.filename for file in files})
        look = Look(files, missing, choice, tuple(unnamed))
        if not choice.files:
            return look, nothing_found(listed, self._wanted, self._source.name)
        return look, _incomplete(look, self._source.name, self._rhythm.whole)


def _incomplete(look: Look, source: str, patience: float) -> UserError:
    waited = f" after {patience / 60:.0f} minutes" if patience >= 60 else ""
    return UserError(
        f"{source} hasn't all that is expected{waited}. Missing: {some(look.missing)}.",
        title="Incomplete",
        means="Usually a job that builds or publishes failed, or is still at work, or the index is behind. "
        + (
            f"Yanked files don't count: {some([file.filename for file in look.choice.yanked])}."
            if look.choice.yanked
            else ""
        ),
        do="Look at the run that publishes, then run this again. Nothing was fetched.",
    )
