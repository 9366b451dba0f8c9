"""A pytest plugin that runs only the tests that a file names, a node id as JSON on each line.

A node id among the arguments of pytest would only add tests, and 3,000 don't fit there. What isn't selected is
deselected once all else had its say, so the tests run under the same conditions as before. As `nightly_report`, it
runs in the environment of somebody else's tests, and must not break them.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol, cast

import pytest
from _pytest.reports import CollectReport

VARIABLE = "NIGHTLY_REPORT_SELECTION"

SESSION = "(collection)"
"""Selects what comes before any file: whether conftest.py files can be loaded, and files found."""

NO_TESTS_COLLECTED = 5
"""pytest's exit status."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Select as the variable says, or in a worker of pytest-xdist as its controller does.

    The variable is gone while tests run, as a test may itself run pytest.
    """
    try:
        selection = _selection(config)
        if selection is not None:
            config.pluginmanager.register(selection, "nightly_selection_made")
    except Exception as error:  # noqa: BLE001  # whatever it is, the tests run, and what they show is still true
        with suppress(Exception):
            _recorder(config).write("NightlyNote", message=str(error))


class _Recorder(Protocol):
    """What the plugin that writes the log registers."""

    def write(self, kind: str, **fields: object) -> None: ...


def _recorder(config: pytest.Config) -> _Recorder:
    return cast("_Recorder", config.pluginmanager.get_plugin("nightly_report_recorder"))


def _selection(config: pytest.Config) -> Selection | None:
    given = getattr(config, "workerinput", {}).get("nightly_selection")
    if given is not None:
        return Worker(json.loads(given))
    path = os.environ.pop(VARIABLE, "")
    return Controller(path) if path else None


class Selection:
    """The tests to run. A file among them shall only be collected."""

    def __init__(self, wanted: list[str]) -> None:
        self.wanted = frozenset(wanted)
        self.files = {nodeid.partition("::")[0] for nodeid in wanted}
        self.collected: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> CollectReport | None:
        """Find nothing in a file that isn't asked for, as what breaks there is no matter here."""
        with suppress(Exception):
            if self.is_beside(collector):
                return CollectReport(collector.nodeid, "passed", None, [])
        return None

    def is_beside(self, collector: pytest.Collector) -> bool:
        """But what a command names by its node id must be found, else pytest complains."""
        is_file = isinstance(collector, pytest.File) and not isinstance(collector, pytest.Package)
        is_named = any("::" in argument for argument in collector.config.args)
        return is_file and not is_named and SESSION not in self.wanted and collector.nodeid not in self.files

    def pytest_collectreport(self, report: CollectReport) -> None:
        nodeid = report.nodeid or SESSION
        if report.passed and nodeid in self.wanted:
            self.collected.append(nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        others = [item for item in items if item.nodeid not in self.wanted]
        items[:] = [item for item in items if item.nodeid in self.wanted]
        if others:
            config.hook.pytest_deselected(items=others)


class Controller(Selection):
    """The selection of a session, and where there are workers, theirs."""

    def __init__(self, path: str) -> None:
        lines = Path(path).read_text(encoding="ascii").splitlines()
        super().__init__([json.loads(line) for line in lines if line])
        self.path = path

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.tell(session.config, self.collected)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        node.workerinput["nightly_selection"] = json.dumps(sorted(self.wanted))  # type: ignore[attr-defined]  # xdist's

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Learn what a worker could collect, for by itself it only reports what it couldn't."""
        with suppress(Exception):
            collected = json.loads(node.workeroutput["nightly_collected"])  # type: ignore[attr-defined]  # xdist's
            self.tell(node.config, collected)  # type: ignore[attr-defined]  # xdist's

    def tell(self, config: pytest.Config, collected: list[str]) -> None:
        with suppress(Exception):
            for nodeid in collected:
                _recorder(config).write("NightlyCollected", nodeid=nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """That nothing was left to run is no failure, and the next pytest of the same command shall run."""
        if exitstatus == NO_TESTS_COLLECTED:
            session.exitstatus = 0

    def pytest_unconfigure(self) -> None:
        os.environ[VARIABLE] = self.path


class Worker(Selection):
    """The selection of a worker of pytest-xdist, which tells its controller what it collected."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        session.config.workeroutput["nightly_collected"] = json.dumps(self.collected)  # type: ignore[attr-defined]  # xdist's
