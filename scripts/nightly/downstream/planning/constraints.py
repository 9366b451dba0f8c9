"""A plan as installers understand it: files of constraints and overrides, and the variables that name them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from nightly.downstream.records.plan import Package, State

_FIRST_SOUND_PIP = Version("26.1")
"""Those before (22.2 to 26.0.1 were tried) end with an AssertionError when a constraint by URL meets `name[extra]`."""

_TOX_BASES = ("testenv", "env_run_base")
"""What all environments inherit: in tox.ini, setup.cfg and pyproject.toml's legacy form, and in tox.toml. Each is
passed over where the other is meant. An environment with a `pass_env` of its own inherits neither."""


def constraints_text(packages: Sequence[Package]) -> str:
    """Lines `name @ URL#sha256=...` of the packages that are NIGHTLY.

    FORCED ones aren't among them, as constraints can't break a cap: uv takes them from the overrides, and after pip
    they have to be installed by themselves, with `--no-deps`.
    """
    return "".join(f"{package.name} @ {pinned_url(package)}\n" for package in packages if _is_constrained(package))


def overrides_text(packages: Sequence[Package]) -> str:
    """Lines for uv's overrides of the packages that are FORCED, with the extras and markers of `requirements`.

    Empty where nothing is forced: then there shall be no such file.
    """
    forced = [package for package in packages if package.state is State.FORCED and package.url]
    lines = [line for package in forced for line in _override_lines(package)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def pinned_url(package: Package) -> str:
    """The wheel's URL, and its hash where it is known."""
    return f"{package.url}#sha256={package.sha256}" if package.sha256 else str(package.url)


def installer_variables(constraints: Path, overrides: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that make pip and uv, also below tox, keep to these files beside those that the user has set.

    Both paths are absolute, as installers are run in other directories too.
    """
    files = {"PIP_CONSTRAINT": constraints, "UV_CONSTRAINT": constraints}
    if overrides is not None:
        files["UV_OVERRIDE"] = overrides
    variables = {name: _with_file(environ.get(name, ""), path) for name, path in files.items()}
    return {**variables, "TOX_OVERRIDE": tox_override(environ, variables)}


def tox_override(environ: Mapping[str, str], names: Collection[str]) -> str:
    """The value of TOX_OVERRIDE with which tox (4.21 and newer) passes these variables on.

    It stands beside what the user overrides. tox passes PIP_* by itself, and UV_* only with tox-uv.
    """
    ours = [f"{base}.pass_env+={','.join(sorted(names))}" for base in _TOX_BASES]
    return ";".join(filter(None, [environ.get("TOX_OVERRIDE", ""), *ours]))


def needs_two_steps(pip: str) -> bool:
    """Whether this version of pip crashes on a constraint with a URL when something requires `name[extra]` of it."""
    return Version(pip) < _FIRST_SOUND_PIP


def _is_constrained(package: Package) -> bool:
    return package.state is State.NIGHTLY and package.url is not None


def _override_lines(package: Package) -> list[str]:
    """In uv, all lines of a package stand for any requirement on it, each with its own extras and marker."""
    requirements = [Requirement(text) for text in package.requirements or (package.name,)]
    return [
        f"{package.name}{_extras(requirement)} @ {pinned_url(package)}{_marker(requirement)}"
        for requirement in requirements
    ]


def _extras(requirement: Requirement) -> str:
    return f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""


def _marker(requirement: Requirement) -> str:
    return f" ; {requirement.marker}" if requirement.marker else ""


def _with_file(before: str, path: Path) -> str:
    """Both installers take a list that is split at spaces, and a file's URL for a path that has some."""
    name = path.as_uri() if any(character.isspace() for character in str(path)) else str(path)
    return f"{before} {name}".strip()
