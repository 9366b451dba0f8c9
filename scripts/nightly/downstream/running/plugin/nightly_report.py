"""A pytest plugin that logs what each test did.

It runs in the environment of somebody else's tests: with pytest 6 or later, on Python 3.8 or later, and with nothing
else installed. So it imports nothing of ours, and whatever goes wrong in it becomes a line of its log.

The log has the lines of pytest-reportlog, and some of its own ("Nightly..."). It is opened to append and written a
line at a time, so it holds even after a crash; the field `nightly_session` tells sessions apart that share it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from traceback import format_exception
from warnings import WarningMessage

import pytest
from _pytest.reports import CollectReport, TestReport

VARIABLE = "NIGHTLY_REPORT_LOG"
RECORDER = "nightly_report_recorder"
LONGEST_SECTION = 10_000


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Be there when the first conftest.py is loaded, for its import breaks most often.

    The variable is gone while tests run, as a test may itself run pytest. So it is in workers of pytest-xdist: all
    that they do is known to their controller.
    """
    path = os.environ.pop(VARIABLE, "")
    outcome = yield  # the style of wrappers that every pytest since 6 knows
    if path:
        recorder = Recorder(early_config, path)
        with recorder.noting():
            recorder.begin(outcome)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let no failure keep another test from running (-x): one that is known or flaky would hide all that come later.

    Only in a session that is logged and in its workers: a test may itself run pytest.
    """
    if config.pluginmanager.has_plugin(RECORDER) or RECORDER in getattr(config, "workerinput", {}):
        config.option.continue_on_collection_errors = True
        config.option.maxfail = 0


class Recorder:
    """Writes the log of a session. If it can't be opened there is none, and tests run as ever."""

    def __init__(self, config: pytest.Config, path: str) -> None:
        self.config = config
        self.path = path
        self.session = f"{os.getpid()}-{time.time_ns()}"
        self.has_warnings = False
        self.file: FileIO | None = None
        with suppress(OSError):
            self.file = FileIO(path, "a")
            self.file.write(b"\n")  # the end of a line that a killed session left

    def write(self, kind: str, **fields: object) -> None:
        fields.update({"$report_type": kind, "nightly_session": self.session})
        if self.file is not None:
            self.file.write(json.dumps(fields, skipkeys=True, default=_said).encode() + b"\n")

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Whatever goes wrong inside is noted, and never reaches the tests."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # never reaches the tests, whatever it is
            with suppress(Exception):
                self.write("NightlyNote", message=_said(error))

    def begin(self, loaded: object) -> None:
        """Go on to the tests, or end where a conftest.py can't be loaded."""
        error = (getattr(loaded, "excinfo", None) or (None, None))[1]
        if error is None:
            self.config.pluginmanager.register(self, RECORDER)
            return
        if type(error).__name__ == "ConftestImportFailure":
            self.write_start()
            self.write("CollectReport", nodeid="", outcome="failed", longrepr=_traceback(error))
            self.write("SessionFinish", exitstatus=4)
        self.end()

    def end(self) -> None:
        os.environ[VARIABLE] = self.path
        if self.file is not None:
            self.file.close()

    def write_start(self) -> None:
        self.write("SessionStart", pytest_version=pytest.__version__)
        python = {"prefix": sys.prefix, "executable": sys.executable, "python": platform.python_version()}
        self.write("NightlySession", **python)

    def write_report(self, report: TestReport | CollectReport) -> None:
        kind = "CollectReport" if isinstance(report, CollectReport) else "TestReport"
        fields = {"nodeid": report.nodeid, "when": report.when, "outcome": report.outcome}
        try:
            whole = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
            self.write(kind, **_shortened(dict(whole, **fields)))
        except Exception:  # noqa: BLE001  # a report that another plugin filled with what has no form in JSON
            self.write(kind, **fields, longrepr=_said(report.longrepr))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        node.workerinput[RECORDER] = self.session  # type: ignore[attr-defined]  # xdist's

    def pytest_sessionstart(self) -> None:
        with self.noting():
            self.write_start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        with self.noting():
            self.write("NightlyStart", nodeid=nodeid)

    def pytest_runtest_logreport(self, report: TestReport) -> None:
        with self.noting():
            self.write_report(report)

    def pytest_collectreport(self, report: CollectReport) -> None:
        with self.noting():
            self.write_report(report)

    def pytest_warning_recorded(self, warning_message: WarningMessage, when: str, nodeid: str) -> None:
        with self.noting():
            self.has_warnings = True
            category = warning_message.category
            told = {"category": category.__name__, "category_module": category.__module__, "when": when}
            place = {"filename": warning_message.filename, "lineno": warning_message.lineno, "nodeid": nodeid}
            self.write("WarningMessage", message=_said(warning_message.message), **told, **place)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        with self.noting():
            if self.has_warnings:
                self.write("NightlyProjects", projects=_projects())
        with self.noting():
            self.write("SessionFinish", exitstatus=int(session.exitstatus))

    def pytest_unconfigure(self) -> None:
        with self.noting():
            self.end()


def _said(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # somebody's own __str__
        return f"<{type(value).__name__}>"


def _traceback(error: BaseException) -> str:
    """Of what a conftest.py raised: pytest 6 and 7 keep it as `excinfo`, later ones as `cause`."""
    cause = getattr(error, "cause", None) or getattr(error, "excinfo", (None, error))[1]
    return "".join(format_exception(type(cause), cause, cause.__traceback__))


def _shortened(fields: dict[str, object]) -> dict[str, object]:
    """Captured output matters where something failed, and its end most."""
    if fields["outcome"] != "failed":
        left_out = ("sections", "keywords", "user_properties", "result")
        return {name: value for name, value in fields.items() if name not in left_out}
    sections = fields.get("sections", [])
    return dict(fields, sections=[(name, text[-LONGEST_SECTION:]) for name, text in sections])  # type: ignore[attr-defined]  # of every report


def _projects() -> dict[str, str]:
    """The projects of top-level modules. Python 3.10 is the first that knows them."""
    from importlib import metadata  # noqa: PLC0415  # only where there are warnings

    known: dict[str, list[str]] = getattr(metadata, "packages_distributions", dict)()
    return {module: names[0] for module, names in known.items() if names}
