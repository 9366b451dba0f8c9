"""Carrying a plan out: nothing goes but what it names, and of that only what would go by a fresh look too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from aftermath import missing
from fresh import dropped, in_order, kept_names
from inventory import read_projects
from nightly.channel import Deletion, End, RemoteFile, WritableChannel
from nightly.errors import UserError
from nightly.patience import Patience
from plan import Plan
from result import Result
from retention import decide
from rules import Policy

_FAILURES_IN_A_ROW = 5

Tell = Callable[[Deletion], None]
"""Told of each deletion as it ends."""


class Application:
    """One carrying out of a plan."""

    def __init__(self, channel: WritableChannel, plan: Plan, patience: Patience, tell: Tell) -> None:
        self.channel = channel
        self.plan = plan
        self.patience = patience
        self.tell = tell
        self._stopped = ""

    def run(self, policy: Policy, now: datetime) -> Result:
        """Look again, delete what still is to go by the plan's policy, and look whether all else is there.

        What fails is in the result.
        """
        look = read_projects(self.channel, sorted({file.project for file in self.plan.going}), self.patience)
        fresh = decide(look.files, policy, now, self.plan.labels)
        changed = dropped(self.plan.going, fresh, look.unread)
        going = in_order((file for file in self.plan.going if file not in changed), fresh)
        deletions = (*self._told(changed.values()), *self._delete(going))
        return Result(
            self.plan, deletions, self._stopped, missing(self.channel, kept_names(fresh, going), self.patience)
        )

    def _delete(self, going: Sequence[RemoteFile]) -> Sequence[Deletion]:
        """Delete until there's no right to it, no lock or no service any more, and tell what became of the rest."""
        ended: list[Deletion] = []
        try:
            for deletion in self.channel.delete(going):
                ended += self._told([deletion])
                if _have_failed(ended[-_FAILURES_IN_A_ROW:]):
                    self._stopped = f"{_FAILURES_IN_A_ROW} deletions in a row have failed."
                    break
        except UserError as error:
            self._stopped = error.what
        except KeyboardInterrupt:
            self._stopped = "It was stopped from outside."
        reason = f"It wasn't deleted, as far as is known, for the run was over: {self._stopped}"
        return [*ended, *self._told(Deletion(file, End.FAILED, reason) for file in going[len(ended) :])]

    def _told(self, deletions: Iterable[Deletion]) -> Sequence[Deletion]:
        told = list(deletions)
        for each in told:
            self.tell(each)
        return told


def _have_failed(last: Sequence[Deletion]) -> bool:
    return len(last) == _FAILURES_IN_A_ROW and all(each.end is End.FAILED for each in last)
