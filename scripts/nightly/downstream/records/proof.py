"""What is installed, held against what was planned. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ProofState(str, Enum):
    """`NIGHTLY` is the planned file itself; `NOT_NEEDED` isn't installed in any environment."""

    NIGHTLY = "nightly"
    NOT_NIGHTLY = "not-nightly"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True)
class Proved:
    """One dependency of the plan as it was found. `reason` says why it isn't the nightly, or how it was proved.

    `version` is the installed one, `planned` the plan's, None where it had none. `commit` is that of the installed
    files (7 to 40 hexadecimal digits), `source_url` the project's repository, both None where they aren't known.
    `url`, `sha256` and `uploaded_at` are those of a proved nightly, None otherwise. `requires` is what its metadata
    requires of other packages of the plan, `environment` where it was found. `is_moved` says that the channel has had
    another file under the planned URL since the plan was made.
    """

    name: str
    state: ProofState
    reason: str
    version: str | None = None
    planned: str | None = None
    stable: str | None = None
    url: str | None = None
    sha256: str | None = None
    uploaded_at: datetime | None = None
    commit: str | None = None
    source_url: str | None = None
    requires: tuple[str, ...] = ()
    environment: str = ""
    is_moved: bool = False


@dataclass(frozen=True)
class Proof:
    """All dependencies of the plan, and the environments (paths) that were looked into."""

    environments: tuple[str, ...]
    packages: tuple[Proved, ...]

    @property
    def nightlies(self) -> tuple[Proved, ...]:
        return tuple(package for package in self.packages if package.state is ProofState.NIGHTLY)

    @property
    def needed(self) -> tuple[Proved, ...]:
        return tuple(package for package in self.packages if package.state is not ProofState.NOT_NEEDED)

    @property
    def holds(self) -> bool:
        """Whether at least one planned nightly was really there: without it, a run proves nothing."""
        return bool(self.nightlies)
