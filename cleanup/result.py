"""How carrying a plan out has ended: for machines. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from forecast import total_size
from nightly.channel import Deletion, End, RemoteFile
from plan import Plan
from retention import Verdict


@dataclass(frozen=True)
class Missing:
    """A file that was to stay, and isn't there or can't be seen to be; `filename` is empty for all of the project's."""

    project: str
    filename: str
    reason: str


@dataclass(frozen=True)
class Result:
    """Every planned deletion's end, why nothing more was tried (if so), and what is missing that was to stay."""

    plan: Plan
    deletions: tuple[Deletion, ...] = ()
    stopped: str = ""
    missing: tuple[Missing, ...] = ()

    def of(self, end: End) -> tuple[Deletion, ...]:
        return tuple(each for each in self.deletions if each.end is end)

    @property
    def freed_bytes(self) -> int:
        """What this run has deleted takes; in a directory, its bytes go after the grace."""
        return total_size(each.file for each in self.of(End.DELETED))

    @property
    def is_good(self) -> bool:
        return not (self.of(End.FAILED) or self.missing or self.stopped)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the action that tell of files."""
        ends = (End.DELETED, End.CHANGED, End.FAILED)
        lists = {end.value: _names(each.file for each in self.of(end)) for end in ends}
        held = _names(each.file for each in self.plan.of(Verdict.HOLD))
        return {**lists, "held": held, "freed_bytes": str(self.freed_bytes), "digest": self.plan.digest}

    @property
    def json(self) -> str:
        """A row for every planned deletion; sizes in bytes."""
        content = {
            "channel": self.plan.channel,
            "digest": self.plan.digest,
            "freed_bytes": self.freed_bytes,
            "stopped": self.stopped,
            "missing": [
                {"project": each.project, "filename": each.filename, "reason": each.reason} for each in self.missing
            ],
            "files": [_row(each) for each in self.deletions],
        }
        return json.dumps(content, indent=2) + "\n"


def _row(deletion: Deletion) -> dict[str, str | int | None]:
    file = deletion.file
    return {
        "project": file.project,
        "version": file.version,
        "filename": file.filename,
        "size": file.size,
        "end": deletion.end.value,
        "reason": deletion.reason,
    }


def _names(files: Iterable[RemoteFile]) -> str:
    return json.dumps([file.filename for file in files])
