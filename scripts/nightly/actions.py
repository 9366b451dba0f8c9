"""The runner: what is said to GitHub Actions, or to a person's terminal where there is no runner.

The commands of the workflow protocol are of GitHub's "Workflow commands for GitHub Actions". Whatever is printed may
hold text of a file or a server, so nothing reaches the log unescaped.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from nightly.errors import UserError, handed_over

_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)"

# Half characters can't be written as UTF-8, and those that turn the direction make a text look like another.
_UNSEEN = re.compile(_ESCAPE + "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without what isn't seen: terminal escapes, and control characters but tab and newline."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def log_line(text: str) -> str:
    """The text as one or more log lines, none of which the runner takes for a command."""
    lines = printable(text).replace("##[", "# #[").split("\n")
    return "\n".join(re.sub(r"^(\s*):(?=:)", r"\1: ", line) for line in lines)


def escape_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape a property (such as the title) of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


@dataclass(frozen=True)
class Runner:
    """Where messages, outputs, variables and the summary go. Without a runner's files, all but messages go nowhere."""

    log: TextIO = field(default=sys.stdout, repr=False)
    on_github: bool = False
    output_file: Path | None = None
    summary_file: Path | None = None
    variables_file: Path | None = None
    temp: Path | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], log: TextIO) -> Runner:
        def path(name: str) -> Path | None:
            return Path(environ[name]) if environ.get(name) else None

        return cls(
            log=log,
            on_github=environ.get("GITHUB_ACTIONS") == "true",
            output_file=path("GITHUB_OUTPUT"),
            summary_file=path("GITHUB_STEP_SUMMARY"),
            variables_file=path("GITHUB_ENV"),
            temp=path("RUNNER_TEMP"),
        )

    @property
    def is_terminal(self) -> bool:
        """Whether a person watches."""
        return self.log.isatty() and not self.on_github

    def line(self, text: str = "") -> None:
        print(log_line(text), file=self.log, flush=True)

    def notice(self, message: str, *, title: str) -> None:
        self._annotate("notice", message, title)

    def warning(self, message: str, *, title: str) -> None:
        self._annotate("warning", message, title)

    def error(self, message: str, *, title: str) -> None:
        self._annotate("error", message, title)

    def fail(self, error: UserError) -> None:
        """Say why the run ends, as an annotation, and to the steps after this one by its output `problem`."""
        self.error(str(error), title=error.title or "Failed")
        self.output("problem", handed_over(error))

    def mask(self, secret: str) -> None:
        """Have the runner replace the secret in its log, whoever prints it."""
        if secret and self.on_github:
            print(f"::add-mask::{escape_data(secret)}", file=self.log, flush=True)

    def output(self, name: str, value: str) -> None:
        """Set an output of the step."""
        if self.output_file is not None:
            _append(self.output_file, _assignment(name, value))

    def variable(self, name: str, value: str) -> None:
        """Set a variable of the environment for the steps after this one."""
        if self.variables_file is not None:
            _append(self.variables_file, _assignment(name, value))

    def summary(self, markdown: str) -> None:
        """Add to the step's summary."""
        if self.summary_file is not None:
            _append(self.summary_file, markdown.rstrip("\n") + "\n")

    def _annotate(self, level: str, message: str, title: str) -> None:
        if self.on_github:
            text = f"::{level} title={escape_property(title)}::{escape_data(message)}"
        else:
            text = log_line(f"{level}: {title}: {message}")
        print(text, file=self.log, flush=True)


def _assignment(name: str, value: str) -> str:
    """A line or more of a step's file. The delimiter can't be guessed, so no value can set something else."""
    end = f"end-{uuid.uuid4()}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
