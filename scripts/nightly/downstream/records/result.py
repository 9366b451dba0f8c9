"""How one cell of the matrix ended: a Python on a system, with all nightlies that are to be had there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof


class End(str, Enum):
    """How a cell, or an experiment, ended. `FAILED` says that tests ran and failed, twice."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_INSTALL = "cannot-install"
    CHANNEL_MOVED = "channel-moved"
    CHANNEL_DOWN = "channel-down"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    NO_NIGHTLY = "no-nightly"


WHOLE_COMMAND = ""
"""The name of the one test there is where tests can't be told apart."""


@dataclass(frozen=True)
class Cell:
    """One of the matrix: `index` counts from 0, `python` and `os` are as setup-python and runs-on get them."""

    index: int
    python: str
    os: str

    @property
    def name(self) -> str:
        return f"{self.os}, Python {self.python}"


@dataclass(frozen=True)
class Matrix:
    """The cells that the workflow starts, as GitHub gets them."""

    include: tuple[Cell, ...]


@dataclass(frozen=True)
class Failure:
    """A test that failed twice: its node id, or WHOLE_COMMAND. `message` is the last line, `traceback` may be "".

    Of failures with one message only the first has its traceback. `is_collection` tells a file that can't be
    collected from a test.
    """

    test: str
    message: str
    traceback: str = ""
    is_collection: bool = False


@dataclass(frozen=True)
class WarningCount:
    """A warning that tests raised, `count` times: `project` is who raised it, "" where that isn't known."""

    project: str
    category: str
    message: str
    count: int
    where: str = ""


@dataclass(frozen=True)
class Known:
    """An entry of the file of known failures, and the failing `tests` of this cell that it covers.

    `is_expired` ones cover nothing. `passed` are tests that the entry expects to fail, and that passed.
    """

    pattern: str
    issue: str
    expires: str
    is_expired: bool
    tests: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellResult:
    """How a cell ended, in its `attempt` of the run (from 1).

    `failures` are those that nothing excuses, `flaky` tests failed once and passed once, `known` is what the file of
    known failures says. `passed` counts tests. `by_test` tells whether tests could be told apart. `stopped_in` is the
    test that ran at a crash or a time-out, "" where that isn't known. `problem` says in a line or two what went wrong
    but for tests (which package can't be installed, which signal), and `log_tail` is the end of what was said.
    """

    cell: Cell
    attempt: int
    end: End
    problem: str = ""
    plan: Plan | None = None
    proof: Proof | None = None
    failures: tuple[Failure, ...] = ()
    flaky: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()
    passed: int = 0
    by_test: bool = False
    stopped_in: str = ""
    warnings: tuple[WarningCount, ...] = ()
    log_tail: str = ""
    seconds: float = 0.0
    python: str = ""
    platform: str = ""

    @property
    def is_red(self) -> bool:
        return self.end is not End.PASSED
