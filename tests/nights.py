"""Months of nights as data: what projects publish in which night, on a channel whose files grow old by themselves.

No clock is turned: a night passes by making all upload times a day older.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from anaconda_server import AnacondaServer
from cleaning import DAY, AnacondaSite, Cleaning, DirectorySite, Site

Tags = Sequence[str]

_TIME = re.compile(r'(?<=")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z(?=")')


@dataclass(frozen=True)
class Nightly:
    """A project's nightly job: its version and its wheels' tags by night, from 0. No tags: nothing comes that night."""

    name: str
    version: Callable[[int], str]
    tags: Callable[[int], Tags]


STEADY = Nightly("steady", "1.0.dev{}".format, lambda _: ("linux", "win"))
"""A new version for two systems every night."""

FIXED = Nightly("fixed", lambda _: "2.0.dev0", lambda night: ("linux", "cp310") if night < 5 else ("linux",))
"""The same version every night; from the sixth on without Python 3.10."""

QUIET = Nightly("quiet", "3.0.dev{}".format, lambda night: ("linux", "win")[: 2 - (night >= 8)] if night < 15 else ())
"""Loses Windows in the ninth night, and publishes nothing from the sixteenth on."""

PROJECTS = (STEADY, FIXED, QUIET)


def publish(cleaning: Cleaning, night: int, projects: Sequence[Nightly] = PROJECTS) -> None:
    """Let what comes in a night have come two hours ago."""
    for project in projects:
        if tags := project.tags(night):
            payload = f"night {night}".encode()
            cleaning.add(project.version(night), 2 / 24, *tags, name=project.name, payload=payload)


def nights(cleaning: Cleaning, count: int, projects: Sequence[Nightly] = PROJECTS) -> Iterator[int]:
    """Let nights pass. In each one, what comes has just come; it's for the caller to clean up."""
    for night in range(count):
        age(cleaning.site, DAY)
        publish(cleaning, night, projects)
        yield night


def age(site: Site, by: timedelta) -> None:
    """Let time pass over all that a channel holds."""
    if isinstance(site, AnacondaSite):
        _age_organization(site.server, by)
    if isinstance(site, DirectorySite):
        for page in site.root.glob("simple/*/index.json"):
            _age_page(page, by)


def _age_organization(server: AnacondaServer, by: timedelta) -> None:
    with server.state.lock:
        packages = server.state.owners[server.organization].values()
        for file in [file for package in packages for file in package.files if file.upload_time]:
            older = datetime.fromisoformat(str(file.upload_time)) - by
            server.state.set_upload_time(file, older.isoformat(sep=" "))


def _age_page(page: Path, by: timedelta) -> None:
    """All times: of uploads, and of when the bytes go of what was deleted."""

    def older(match: re.Match[str]) -> str:
        return (datetime.fromisoformat(match[1]) - by).isoformat() + "Z"

    page.write_text(_TIME.sub(older, page.read_text(encoding="utf-8")), encoding="utf-8")
