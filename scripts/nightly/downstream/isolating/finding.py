"""What the experiments of one cell prove. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Proves(str, Enum):
    """What is proved of some tests.

    `CULPRIT`: they pass as soon as that one is back at stable, and it is the only such one. `INTERACTION`: they fail
    only while all of these are nightlies. `SEVERAL`: each one breaks them alone. `OWN`: they fail without any nightly.
    `FLAKY`: they passed and failed under the same conditions. `NOTHING`: the runs don't tell.
    """

    CULPRIT = "culprit"
    INTERACTION = "interaction"
    SEVERAL = "several"
    OWN = "own"
    FLAKY = "flaky"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Finding:
    """What is proved of the `tests` of a cell (its index): of whom (`projects`), and in a sentence how (`because`)."""

    cell: int
    proves: Proves
    tests: tuple[str, ...]
    projects: tuple[str, ...] = ()
    because: str = ""
