"""What act says of a run, read: jobs, steps, outputs, summaries, annotations."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

_LEVELS = ("notice", "warning", "error")


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
        names = dict.fromkeys(map(_job_name, filter(_job_name, events)))
        jobs = {name: Job.read(event for event in events if _job_name(event) == name) for name in names}
        log = "\n".join(event.get("msg", "").rstrip("\n") for event in events)
        return cls(done.returncode, jobs, f"{log}\n{done.stderr}", done.stdout + done.stderr)

    @property
    def job(self) -> Job:
        """The only one."""
        assert len(self.jobs) == 1, self.log
        return next(iter(self.jobs.values()))


def _job_name(event: Event) -> str:
    """The name of the job that an event is of, or "". Act makes names equally long."""
    return event.get("job", "").partition("/")[2].strip()


def read_events(stdout: str) -> list[Event]:
    """What act said, in its order."""
    return [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]
