"""What a run leaves behind: rows for machines, a table for people. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from packaging.version import Version

from nightly.channel import Outcome, State

_OUTPUTS = (State.UPLOADED, State.REPLACED, State.SKIPPED, State.FAILED)


@dataclass(frozen=True)
class Report:
    """How a run ended: every wheel's outcome, and where it all is."""

    channel: str
    index_url: str
    outcomes: tuple[Outcome, ...]

    def of(self, state: State) -> tuple[Outcome, ...]:
        """The outcomes that are so, by file name."""
        return tuple(sorted((each for each in self.outcomes if each.state is state), key=_filename))

    @property
    def versions(self) -> dict[str, list[str]]:
        """Each project's versions, the lowest first."""
        found: dict[str, set[str]] = {}
        for outcome in self.outcomes:
            found.setdefault(outcome.wheel.name, set()).add(outcome.wheel.version)
        return {name: sorted(found[name], key=Version) for name in sorted(found)}

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the action, but for the report's path."""
        lists = {state.value: json.dumps([_filename(each) for each in self.of(state)]) for state in _OUTPUTS}
        return {**lists, "versions": json.dumps(self.versions), "index_url": self.index_url}

    @property
    def json(self) -> str:
        """A row per file; sizes in bytes, times in seconds."""
        rows = [_row(outcome) for outcome in sorted(self.outcomes, key=_filename)]
        return json.dumps({"channel": self.channel, "index_url": self.index_url, "files": rows}, indent=2) + "\n"


def _filename(outcome: Outcome) -> str:
    return outcome.wheel.filename


def _row(outcome: Outcome) -> dict[str, str | int | float]:
    wheel = outcome.wheel
    return {
        "filename": wheel.filename,
        "project": wheel.name,
        "version": wheel.version,
        "sha256": wheel.sha256,
        "size": wheel.size,
        "state": outcome.state.value,
        "reason": outcome.reason or outcome.warning,
        "seconds": round(outcome.seconds, 3),
        "url": outcome.url,
    }
