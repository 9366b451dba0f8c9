"""What a run will do with each wheel. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from packaging.utils import NormalizedName

from nightly.channel import Listing, Outcome, RemoteFile, State, Upload
from nightly.errors import UserError
from nightly.wheels import Wheel


class Action(str, Enum):
    """What is done with a wheel."""

    UPLOAD = "upload"
    REPLACE = "replace"
    LABEL = "add label"
    SKIP = "skip"
    KEEP = "keep what is there"


@dataclass(frozen=True)
class Step:
    """What is done with one wheel, and the file of its name that is there already."""

    wheel: Wheel
    action: Action
    there: RemoteFile | None = None

    @property
    def upload(self) -> Upload:
        return Upload(self.wheel, self.there)

    @property
    def skipped(self) -> Outcome:
        """How it ends where there is nothing to do."""
        has = "another build of this name, which stays" if self.action is Action.KEEP else "these bytes already"
        return self._outcome(State.SKIPPED, f"the channel has {has}")

    @property
    def writes(self) -> bool:
        """Whether there is anything to do."""
        return self.action not in (Action.SKIP, Action.KEEP)

    @property
    def pretended(self) -> Outcome:
        """How it ends in a dry run."""
        return self._outcome(State.PLANNED, f"would {self.action.value}") if self.writes else self.skipped

    def _outcome(self, state: State, reason: str) -> Outcome:
        return Outcome(self.wheel, state, reason, url=self.there.url if self.there else "")


def make_plan(
    wheels: Iterable[Wheel], listings: Mapping[NormalizedName, Listing], labels: Iterable[str]
) -> tuple[Step, ...]:
    """Decide for every wheel. Same bytes are skipped; bytes that the channel tells no hash of count as others."""
    files = {(project, file.filename): file for project, listing in listings.items() for file in listing.files}
    wanted = frozenset(labels)
    return tuple(_step(wheel, files.get((wheel.project, wheel.filename)), wanted) for wheel in wheels)


def keep_existing(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Replace nothing: what is there stays, whatever bytes it has."""
    return tuple(replace(step, action=Action.KEEP) if step.action is Action.REPLACE else step for step in steps)


def check_existing(steps: Sequence[Step]) -> None:
    """Refuse to replace anything.

    Raises:
        UserError: naming every file that is there with other bytes.
    """
    existing = [step.wheel.filename for step in steps if step.action is Action.REPLACE]
    if existing:
        raise UserError(
            f"{len(existing)} file(s) are on the channel with other bytes: {', '.join(existing)}.",
            title="Already on the channel",
            means="The version wasn't raised since the last upload, or another job has built the same version.",
            do="Raise the version, or set on_existing to replace or keep.",
            exit_code=2,
        )


def _step(wheel: Wheel, there: RemoteFile | None, labels: frozenset[str]) -> Step:
    if there is None:
        return Step(wheel, Action.UPLOAD)
    if not there.holds(wheel):
        return Step(wheel, Action.REPLACE, there)
    return Step(wheel, Action.SKIP if labels <= there.labels else Action.LABEL, there)
