"""A pytest plugin that lets a session end well where all that failed in it is known, by expressions in a file.

So the command goes on to what comes after pytest. As `nightly_report`, it runs in the environment of somebody else's
tests, and must not break them.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.reports import CollectReport, TestReport

VARIABLE = "NIGHTLY_REPORT_KNOWN"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The variable is gone while tests run, as a test may itself run pytest."""
    if path := os.environ.pop(VARIABLE, ""):
        with suppress(Exception):
            config.pluginmanager.register(Known(path), "nightly_known_made")


class Known:
    """Counts failures that are known."""

    def __init__(self, path: str) -> None:
        self.path = path
        lines = Path(path).read_text(encoding="ascii").splitlines()
        self.expressions = [json.loads(line) for line in lines if line]
        self.counted = 0

    def pytest_runtest_logreport(self, report: TestReport) -> None:
        self.count(report)

    def pytest_collectreport(self, report: CollectReport) -> None:
        self.count(report)

    def count(self, report: TestReport | CollectReport) -> None:
        """Count as pytest itself counts what failed."""
        if report.failed and not hasattr(report, "wasxfail"):
            self.counted += any(re.fullmatch(each, report.nodeid, re.DOTALL) for each in self.expressions)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Others count among what failed what is no test, such as too little coverage: that isn't known."""
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and self.counted == session.testsfailed:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_unconfigure(self) -> None:
        os.environ[VARIABLE] = self.path
