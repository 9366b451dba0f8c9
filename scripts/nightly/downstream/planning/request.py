"""Which nightlies are asked for, as inputs: of a project or of named packages, how old they may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from nightly.errors import bad_input
from nightly.options import Input

REQUEST_INPUTS = (
    Input("packages", "", "The dependencies to test, by comma, space or line. If empty, all that the project needs."),
    Input("extras", "", "The project's extras whose dependencies count too, by comma, space or line."),
    Input("groups", "", "The project's dependency groups that count too, by comma, space or line."),
    Input("max_age", "30d", "How old a nightly may be: a number of hours, days or weeks such as 36h, 30d, 4w."),
    Input("force", "", "Dependencies that are tested although something caps them, by comma, space or line."),
)

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"


@dataclass(frozen=True)
class PlanRequest:
    """What to plan for.

    `project` is a checkout. `packages` are requirements (PEP 508) of which alone a plan is made; if there are none, it
    is made of all that the project needs. `force` holds normalised names.
    """

    project: Path
    packages: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    max_age: timedelta = timedelta(days=30)
    force: frozenset[str] = frozenset()

    @property
    def named(self) -> tuple[str, ...]:
        """The normalised names of `packages`."""
        return project_names(self.packages)


def plan_request(given: Mapping[str, str], project: Path) -> PlanRequest:
    """What the inputs ask for.

    Raises:
        UserError: one of them can't be read.
    """
    return PlanRequest(
        project=project,
        packages=parse_packages("packages", given["packages"]),
        extras=_names("extras", given["extras"]),
        groups=_names("groups", given["groups"]),
        max_age=_max_age("max_age", given["max_age"]),
        force=frozenset(str(canonicalize_name(name)) for name in _names("force", given["force"])),
    )


def project_names(requirements: Iterable[str]) -> tuple[str, ...]:
    """The normalised names of requirements, each once."""
    return tuple(dict.fromkeys(str(canonicalize_name(Requirement(each).name)) for each in requirements))


def parse_packages(name: str, value: str) -> tuple[str, ...]:
    """Requirements by comma, space or line. One that holds spaces or a marker has a line of its own.

    Raises:
        UserError: something is no requirement, or one by URL, which leaves nothing to choose.
    """
    words = [word for line in value.splitlines() if line.strip() for word in _requirements(line.strip())]
    for word in words:
        try:
            is_by_name = Requirement(word).url is None
        except InvalidRequirement:
            is_by_name = False
        if not is_by_name:
            raise bad_input(name, word, "names of packages such as numpy, pandas>=2 or dask[array]")
    return tuple(dict.fromkeys(words))


def _requirements(line: str) -> list[str]:
    try:
        return [str(Requirement(line))]
    except InvalidRequirement:
        return list(_joined(re.split(r"[,\s]+(?![^\[]*\])", line.strip(", \t"))))


def _joined(words: list[str]) -> Iterator[str]:
    """A comma also goes on with a specifier: `numpy>=2,<3`."""
    whole = ""
    for word in words:
        if whole and not word.startswith(("<", ">", "=", "!", "~")):
            yield whole
            whole = ""
        whole += f",{word}" if whole else word
    if whole:
        yield whole


def _names(name: str, value: str) -> tuple[str, ...]:
    words = re.split(r"[,\s]+", value.strip(", \t\n"))
    found = tuple(dict.fromkeys(filter(None, words)))
    if not all(re.fullmatch(_NAME, word) for word in found):
        raise bad_input(name, value, "names, by comma, space or line")
    return found


def _max_age(name: str, value: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,4}) ?([hdw])", value.strip())
    if not match or not int(match[1]):
        raise bad_input(name, value, "a number of hours, days or weeks such as 36h, 30d, 4w")
    return int(match[1]) * _UNITS[match[2]]
