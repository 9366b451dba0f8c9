"""What a project, or a list of packages, needs: what would be installed if there were no nightlies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nightly.downstream.planning.request import PlanRequest
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolver, Unbuildable, Wanted
from nightly.errors import UserError

_BUILT = re.compile(r"^ *\[ *(project|build-system) *\]", re.MULTILINE)
"""The tables of PEP 621 and PEP 518."""


@dataclass(frozen=True)
class Needs:
    """What is `wanted`, and what would be installed of it without nightlies, or why nothing would."""

    wanted: Wanted
    stable: Resolution | Conflict
    notes: tuple[str, ...] = ()


def find_needs(request: PlanRequest, resolver: Resolver) -> Needs:
    """Ask the installer.

    Where packages are named and the project's metadata can't be made, they are asked for by themselves.

    Raises:
        UserError: there's nothing to ask for, or the installer can't answer.
    """
    alone = Wanted(requirements=request.packages)
    if not is_project(request.project):
        _check_named(request)
        return Needs(alone, resolver.resolve(alone, ()))
    wanted = Wanted(request.project, request.packages, request.extras, request.groups)
    try:
        return Needs(wanted, resolver.resolve(wanted, ()))
    except Unbuildable as error:
        if not request.packages:
            raise
        note = f"the project's own requirements aren't known, so who caps a package may not be seen: {error.what}"
        return Needs(alone, resolver.resolve(alone, ()), (note,))


def is_project(directory: Path) -> bool:
    """Whether there is something that an installer can build: a pyproject.toml may be there for tools alone."""
    if (directory / "setup.py").is_file():
        return True
    pyproject = directory / "pyproject.toml"
    return pyproject.is_file() and bool(_BUILT.search(pyproject.read_text(encoding="utf-8", errors="replace")))


def _check_named(request: PlanRequest) -> None:
    if not request.packages:
        raise UserError(
            f"There is neither a pyproject.toml nor a setup.py of a project in {request.project}.",
            title="Bad input",
            means="What a pyproject.toml without [project] and [build-system] or a requirements.txt names isn't found.",
            do="Set `project` (in the workflow `working_directory`) to the project's directory, or name the packages "
            "to test in `packages`.",
            exit_code=2,
        )
