"""The log that our plugin writes, read as data of foreign code: cut, huge or hostile, it never stops us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightly.downstream.isolating.experiment import Verdict
from nightly.downstream.running.result import Failure, WarningCount


@dataclass(frozen=True)
class ReportLog:
    """What all pytest sessions of one command did, by node id.

    A test that failed in any session is FAILED, one that was skipped everywhere is UNKNOWN, for it didn't run; an
    expected failure is PASSED. A file that couldn't be collected is FAILED under its own id, and so is what failed
    before any file under SESSION; selected ones that could be are PASSED. `running` is the test that ran when a
    session broke off, "" where that isn't known. `is_finished` says that there were sessions and all came to their
    end, with the highest `exit_status` of pytest, None where one broke off. `prefixes` are the tested environments,
    `python` the version of the first. `passed` counts tests.
    """

    outcomes: Mapping[str, Verdict] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    warnings: tuple[WarningCount, ...] = ()
    running: str = ""
    is_finished: bool = False
    exit_status: int | None = None
    prefixes: tuple[str, ...] = ()
    passed: int = 0
    python: str = ""


SESSION = "(collection)"
"""The name of what fails before pytest comes to a file: a conftest.py that can't be imported, for one."""


def read_report(path: Path) -> ReportLog:
    """Read a log. One that is missing or empty says nothing of any test."""
    raise NotImplementedError
