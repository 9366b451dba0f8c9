"""Real runs of real pytests with our plugin in them, newest and old, as a user's command would start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from nightly.cache import cache_dir
from nightly.downstream.running.plugging import plugin_variables, write_words
from nightly.downstream.running.report_log import ReportLog, read_report
from nightly.venvs import ensure_venv

LOCK = Path(__file__).parent / "tools" / "test-runners.txt"
"""Made from the `.in` beside it by `uv pip compile --universal --generate-hashes --no-header --no-annotate
--python-version 3.10 test-runners.in -o test-runners.txt`."""

_NOT_OURS = ("PYTEST", "PYTHON", "TOX", "NOX", "COV_", "NIGHTLY_REPORT")


@cache
def older_python() -> Path:
    """The Python of an environment with pytest 7, tox and nox, made once."""
    return ensure_venv(LOCK, cache=cache_dir(os.environ, sys.platform))


def plain_environ() -> dict[str, str]:
    """The environment without what this very run of pytest put there."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what the log says of it."""

    code: int
    output: str
    report: ReportLog
    log: Path

    @property
    def lines(self) -> list[dict[str, object]]:
        """The log's lines, which must all be whole."""
        return [json.loads(line) for line in self.log.read_text(encoding="ascii").splitlines() if line]


@dataclass(frozen=True)
class Project:
    """Files of somebody's project, whose tests a `python` runs with `options` for each pytest."""

    root: Path
    python: str = sys.executable
    options: tuple[str, ...] = ()

    def put(self, files: Mapping[str, str]) -> Project:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def by(self, python: Path, *options: str) -> Project:
        return replace(self, python=str(python), options=options)

    def pytest(
        self,
        *arguments: str,
        tests: Sequence[str] | None = None,
        environ: Mapping[str, str] | None = None,
        interpreter: Sequence[str] = (),
        log: Path | None = None,
        known: Sequence[str] | None = None,
    ) -> Ran:
        """Run pytest with the plugin, on all tests or on those selected."""
        command = [self.python, *interpreter, "-m", "pytest", "-p", "no:cacheprovider", *self.options, *arguments]
        return self.run(command, tests, environ, log, known)

    def run(
        self,
        command: Sequence[str],
        tests: Sequence[str] | None = None,
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
        known: Sequence[str] | None = None,
    ) -> Ran:
        """Run any command in the project's directory with the plugin's variables; the log is appended to."""
        given = plain_environ() | dict(environ or {})
        log = log or self.root / "report.jsonl"
        selection, expected = self._file("selection.txt", tests), self._file("known.txt", known)
        done = subprocess.run(
            command,
            cwd=self.root,
            env=given | plugin_variables(log, selection, given, expected),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return Ran(done.returncode, done.stdout, read_report(log), log)

    def _file(self, name: str, words: Sequence[str] | None) -> Path | None:
        if words is None:
            return None
        write_words(self.root / name, words)
        return self.root / name
