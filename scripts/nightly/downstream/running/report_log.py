"""The log that our plugin writes, read as data of foreign code: cut, huge or hostile, it never stops us."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightly.downstream.records.experiment import Verdict
from nightly.downstream.records.result import Failure, WarningCount
from nightly.downstream.running.longrepr import message_of, shortened, text_of
from nightly.downstream.running.warning_sources import Census

SESSION = "(collection)"
"""The name of what fails before pytest comes to a file: a conftest.py that can't be imported, for one."""

LONGEST_LINE = 16 * 1024 * 1024
"""In bytes. What is longer is no report."""

MOST_FAILURES = 20_000
LONGEST_FAILURES = 8_000_000
"""How many failures are told, and in how many characters: whoever reports reads those of all cells."""

Line = Mapping[str, object]


@dataclass(frozen=True)
class ReportLog:
    """What all pytest sessions of one command did, by node id.

    A test that failed in any session is FAILED, one that was skipped everywhere is UNKNOWN, for it didn't run; an
    expected failure is PASSED. A file that couldn't be collected is FAILED under its own id, and so is what failed
    before any file under SESSION; selected ones that could be are PASSED. `running` is the test that ran when a
    session broke off, "" where that isn't known. `is_finished` says that there were sessions and all came to their
    end, with the highest `exit_status` of pytest, None where one broke off. `prefixes` are the tested environments,
    `python` the version of the first. `passed` counts tests, and `untold` what failed besides the `failures`.
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
    untold: int = 0

    @property
    def is_cut_off(self) -> bool:
        """Whether a session has begun that didn't come to its end."""
        return bool(self.outcomes or self.running or self.prefixes) and not self.is_finished


def read_report(path: Path) -> ReportLog:
    """Read a log. One that is missing or empty says nothing of any test."""
    reader = _Reader()
    readers = reader.readers()
    for line in _lines(path):
        if read := readers.get(_text(line, "$report_type")):
            read(line)
    return reader.result()


def _lines(path: Path) -> Iterator[Line]:
    """The lines that are JSON objects, one after the other: a log may be larger than memory."""
    try:
        with path.open("rb") as file:
            while text := file.readline(LONGEST_LINE):
                if (line := _parsed(text)) is not None:
                    yield line
    except FileNotFoundError:
        return


def _parsed(text: bytes) -> Line | None:
    try:
        line = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


@dataclass
class _Session:
    """One run of pytest, as far as the log goes: which tests are `running`, the one that started last at the end."""

    running: dict[str, None] = field(default_factory=dict)
    exit_status: int | None = None


@dataclass
class _Reader:
    """What is known after the lines so far."""

    sessions: list[_Session] = field(default_factory=list)
    current: dict[str, _Session] = field(default_factory=dict)
    outcomes: dict[str, Verdict] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    room: int = LONGEST_FAILURES
    messages: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    prefixes: dict[str, None] = field(default_factory=dict)
    python: str = ""
    census: Census = field(default_factory=Census)
    projects: dict[str, str] = field(default_factory=dict)

    def readers(self) -> Mapping[str, Callable[[Line], None]]:
        """What to do with each kind of line; others mean nothing here."""
        return {
            "SessionStart": self._start,
            "NightlySession": self._session,
            "NightlyStart": self._test_start,
            "NightlyCollected": self._collected,
            "NightlyProjects": self._projects,
            "CollectReport": self._collect_report,
            "TestReport": self._test_report,
            "WarningMessage": self.census.add,
            "SessionFinish": self._finish,
        }

    def result(self) -> ReportLog:
        broken_off = [session for session in self.sessions if session.exit_status is None]
        statuses = [session.exit_status for session in self.sessions if session.exit_status is not None]
        running = [test for session in broken_off for test in session.running]
        return ReportLog(
            outcomes=self.outcomes,
            failures=tuple(self.failures.values()),
            warnings=self.census.result(self.projects),
            running=running[-1] if running else "",
            is_finished=bool(self.sessions) and not broken_off,
            exit_status=None if broken_off else max(statuses, default=None),
            prefixes=tuple(self.prefixes),
            passed=sum(self.outcomes[test] is Verdict.PASSED for test in self.called),
            python=self.python,
            untold=sum(verdict is Verdict.FAILED for verdict in self.outcomes.values()) - len(self.failures),
        )

    def _of(self, line: Line) -> _Session:
        return self.current.get(_text(line, "nightly_session")) or self._begin(line)

    def _begin(self, line: Line) -> _Session:
        session = _Session()
        self.sessions.append(session)
        self.current[_text(line, "nightly_session")] = session
        return session

    def _start(self, line: Line) -> None:
        self._begin(line)

    def _session(self, line: Line) -> None:
        if prefix := _text(line, "prefix"):
            self.prefixes[prefix] = None
        self.python = self.python or _text(line, "python")

    def _test_start(self, line: Line) -> None:
        if test := _text(line, "nodeid"):
            running = self._of(line).running
            running.pop(test, None)
            running[test] = None

    def _collected(self, line: Line) -> None:
        if test := _text(line, "nodeid"):
            self._note(test, Verdict.PASSED)

    def _projects(self, line: Line) -> None:
        projects = line.get("projects")
        for module, project in projects.items() if isinstance(projects, dict) else ():
            if isinstance(project, str):
                self.projects[module] = project

    def _collect_report(self, line: Line) -> None:
        if line.get("outcome") == "failed":
            self._fail(_text(line, "nodeid") or SESSION, line.get("longrepr"), is_collection=True)

    def _test_report(self, line: Line) -> None:
        test = _text(line, "nodeid")
        if not test:
            return
        if line.get("when") == "teardown":
            self._of(line).running.pop(test, None)
        if line.get("outcome") == "failed":
            self._fail(test, line.get("longrepr"), is_collection=False)
        elif line.get("outcome") == "skipped":
            self._note(test, Verdict.PASSED if "wasxfail" in line else Verdict.UNKNOWN)
        elif line.get("outcome") == "passed" and line.get("when") == "call":
            self.called.add(test)
            self._note(test, Verdict.PASSED)

    def _finish(self, line: Line) -> None:
        status = line.get("exitstatus")
        if type(status) is int:
            self._of(line).exit_status = status

    def _fail(self, test: str, longrepr: object, *, is_collection: bool) -> None:
        self._note(test, Verdict.FAILED)
        if test in self.failures or len(self.failures) >= MOST_FAILURES or self.room < len(test):
            return
        message = message_of(longrepr)
        traceback = "" if message in self.messages else shortened(text_of(longrepr))
        self.messages.add(message)
        self.failures[test] = Failure(test, message, traceback, is_collection)
        self.room -= len(test) + len(message) + len(traceback)

    def _note(self, test: str, verdict: Verdict) -> None:
        """A failure outweighs all else, and a skip nothing."""
        before = self.outcomes.get(test)
        if before is None or verdict is Verdict.FAILED or before is Verdict.UNKNOWN:
            self.outcomes[test] = verdict


def _text(line: Line, name: str) -> str:
    value = line.get(name)
    return value if isinstance(value, str) else ""
