"""A plan as installers understand it: files of constraints and overrides, and the variables that name them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from nightly.downstream.planning.plan import Package


def constraints_text(packages: Sequence[Package]) -> str:
    """Lines `name @ URL#sha256=...` of the packages that are NIGHTLY.

    FORCED ones aren't among them, as constraints can't break a cap: uv takes them from the overrides, and after pip
    they have to be installed by themselves, with `--no-deps`.
    """
    raise NotImplementedError


def overrides_text(packages: Sequence[Package]) -> str:
    """Lines for uv's overrides of the packages that are FORCED, with the extras and markers of `requirements`.

    Empty where nothing is forced: then there shall be no such file.
    """
    raise NotImplementedError


def installer_variables(constraints: Path, overrides: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that make pip and uv, also below tox, keep to these files beside those that the user has set."""
    raise NotImplementedError


def tox_override(environ: Mapping[str, str], names: Collection[str]) -> str:
    """The value of TOX_OVERRIDE with which tox 4 passes these variables on, besides what the user overrides."""
    raise NotImplementedError


def needs_two_steps(pip: str) -> bool:
    """Whether this version of pip crashes on a constraint with a URL when something requires `name[extra]` of it."""
    raise NotImplementedError
