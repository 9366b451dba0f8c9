"""What a project, or a list of packages, needs: what would be installed if there were no nightlies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nightly.downstream.planning.request import PlanRequest
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolver, Unbuildable, Wanted
from nightly.errors import UserError


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
    """Whether there is something that an installer can build."""
    return any((directory / name).is_file() for name in ("pyproject.toml", "setup.py"))


def _check_named(request: PlanRequest) -> None:
    if not request.packages:
        raise UserError(
            f"There is neither a pyproject.toml nor a setup.py in {request.project}.",
            title="Bad input",
            do="Set `project` (in the workflow `working_directory`) to the project's directory, or name the packages "
            "to test in `packages`.",
            exit_code=2,
        )
