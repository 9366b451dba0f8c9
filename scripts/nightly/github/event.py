"""What has started a run, as the runner's variables and the file of the event say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightly.data import Unreadable, load


@dataclass(frozen=True)
class Repository:
    """The repository that the run is in."""

    default_branch: str = ""
    fork: bool = False


@dataclass(frozen=True)
class Commit:
    """The newest of the pushed commits."""

    message: str = ""


@dataclass(frozen=True)
class Payload:
    """The event's file, as far as it's read here. Not every event has all of it."""

    repository: Repository = Repository()
    head_commit: Commit | None = None


@dataclass(frozen=True)
class Event:
    """The event's `name` and the full `ref` that the run is for; `trouble` says why the payload is empty."""

    name: str
    ref: str
    payload: Payload
    trouble: str = ""


def read_event(environ: Mapping[str, str]) -> Event:
    """Read what there is. People of all kinds have a say in it, so a payload that isn't one is an empty one."""
    name, ref = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", "")
    path = environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        return Event(name, ref, Payload(), "GITHUB_EVENT_PATH names no file")
    try:
        return Event(name, ref, load(Payload, Path(path)))
    except (OSError, ValueError) as error:
        trouble = str(error) if isinstance(error, Unreadable) else f"{path} can't be read"
        return Event(name, ref, Payload(), trouble)
