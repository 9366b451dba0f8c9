"""Running the user's tests, with our plugin in whatever pytest that starts, and without it where it's refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightly.downstream.running.place import Place
from nightly.downstream.running.plugging import plugin_variables, plugin_was_refused, write_words
from nightly.downstream.running.report_log import ReportLog, read_report
from nightly.downstream.running.shell import Deadline, Ran, Shell


@dataclass(frozen=True)
class Tested:
    """How the command that tests ended, and what the plugin told of the tests: nothing where it had no part."""

    ran: Ran
    report: ReportLog = field(default_factory=ReportLog)

    @property
    def by_test(self) -> bool:
        """Whether tests can be told apart."""
        return bool(self.report.outcomes or self.report.running)


@dataclass(frozen=True)
class Tester:
    """Runs the user's command that tests, with the `variables` of installers too, for tox and such install then."""

    shell: Shell
    command: str
    variables: Mapping[str, str]
    place: Place
    deadline: Deadline

    def run(self, name: str, tests: Collection[str] | None = None, known: Collection[str] | None = None) -> Tested:
        """Run the tests, all or these; the report log gets this `name`. What is `known` to fail is no failure."""
        log = self.place.results / name
        selection, expected = self._file(f"{name}.selection", tests), self._file(f"{name}.known", known)
        plugin = plugin_variables(log, selection, {**self.shell.environ, **self.variables}, expected)
        ran = self.shell.run(self.command, self.deadline, {**self.variables, **plugin})
        if ran.succeeded or not plugin_was_refused(ran.tail):
            return Tested(ran, read_report(log))
        self.shell.tell("pytest can't load our plugin here, so the tests run again without: they can't be told apart.")
        return Tested(self.shell.run(self.command, self.deadline, self.variables))

    def _file(self, name: str, words: Collection[str] | None) -> Path | None:
        if words is None:
            return None
        path = self.place.scratch / name
        write_words(path, words)
        return path
