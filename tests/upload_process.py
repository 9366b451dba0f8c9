"""The upload command as a process of its own, as a job runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from launching import SCRIPTS
from uploading import Night

# Without the launcher there's nothing to install, and only this process.
_DIRECTLY = f"import sys; sys.path[:0] = [{str(SCRIPTS)!r}]; import upload; sys.exit(upload.main(sys.argv[1:]))"
DIRECTLY = ("-c", _DIRECTLY)
BY_LAUNCHER = (str(SCRIPTS), "upload")


@dataclass
class Seen:
    """What anybody on the machine could see of the processes: their arguments, and their children's environment."""

    arguments: set[tuple[str, ...]] = field(default_factory=set)
    environments: list[Mapping[str, str]] = field(default_factory=list)
    of_job: tuple[str, ...] = ()

    def look_at(self, process: psutil.Process, *, child: bool) -> None:
        # It may have ended meanwhile, and other systems don't show everything.
        with suppress(psutil.Error, OSError):
            arguments = tuple(process.cmdline())
            self.arguments.add(arguments)
            if not child:
                self.of_job = arguments
            elif arguments != self.of_job:  # else it was forked just now, and is still the job's image
                self.environments.append(process.environ())


@dataclass(frozen=True)
class Ended:
    """How a process ended, what it printed, and what was seen of it."""

    code: int
    output: str
    seen: Seen


class Job:
    """A job on a runner: what the runner gives to a step is in `root`."""

    def __init__(self, night: Night, how: tuple[str, ...] = DIRECTLY) -> None:
        self.root = night.root / "runner"
        self.temp = self.root / "temp"
        self.temp.mkdir(parents=True)
        for name in ("outputs", "summary"):
            (self.root / name).touch()
        self.night = night
        self.how = how

    def environ(self, **inputs: str) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("INPUT_", "GITHUB_"))}
        files = {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "summary", "RUNNER_TEMP": "temp", "TMPDIR": "temp"}
        ours |= {name: str(self.root / file) for name, file in files.items()}
        netrc = self.root / "netrc"
        return ours | self.night.inputs(**inputs) | {"GITHUB_ACTIONS": "true", "NETRC": str(netrc)}

    def start(self, **inputs: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", *self.how],
            env=self.environ(**inputs),
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, **inputs: str) -> Ended:
        """Run it to its end, and look at its processes all the while."""
        seen = Seen()
        with self.start(**inputs) as started:
            process = psutil.Process(started.pid)
            while True:
                seen.look_at(process, child=False)
                with suppress(psutil.Error):
                    for child in process.children(recursive=True):
                        seen.look_at(child, child=True)
                with suppress(subprocess.TimeoutExpired):
                    output, _ = started.communicate(timeout=0.01)
                    return Ended(started.returncode, output, seen)

    def left_behind(self) -> dict[Path, bytes]:
        """Every file that the job has written or been given, but for what was installed."""
        files = [path for path in self.root.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
        return {path: path.read_bytes() for path in files if path.name != "netrc"}
