"""The variables that a build gets: the caller's, those that lead to nightlies, and how containers get them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from packaging.utils import canonicalize_name

from nightly.errors import UserError, bad_input
from nightly.options import names

_LINE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.DOTALL)
_RESERVED = re.compile(r"(?:GITHUB|RUNNER|ACTIONS|INPUT)_.*|NODE_OPTIONS|PATH", re.IGNORECASE)
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")

PASS = "CIBW_ENVIRONMENT_PASS_LINUX"  # noqa: S105 - a name
INHERIT = "CIBW_INHERIT"
_INHERITED = "environment-pass-linux"


def parse_environment(value: str) -> dict[str, str]:
    """Variables from NAME=VALUE, a line each. Lines that are empty, or begin with #, say nothing.

    Raises:
        UserError: a line is something else, or names a variable that isn't the caller's to set.
    """
    lines = [line.strip() for line in value.splitlines()]
    return dict(_variable(line) for line in lines if line and not line.startswith("#"))


def _variable(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise bad_input("environment", line, "variables as NAME=VALUE, a line each, without quotes")
    if _RESERVED.fullmatch(found["name"]):
        raise UserError(
            f"The input 'environment' can't set {found['name']}.",
            title="Bad input",
            means="It belongs to the runner.",
            do="Give the variable another name. What a build needs on PATH, `before-all` of cibuildwheel's settings "
            "can install.",
            exit_code=2,
        )
    return found["name"], found["value"]


def project_names(value: str) -> tuple[str, ...]:
    """The names of projects, by comma or line, as PEP 503 normalises them.

    Raises:
        UserError: one is no name, but a requirement perhaps.
    """
    given = names(value)
    for name in given:
        if not _PROJECT.fullmatch(name):
            raise bad_input("nightly_deps", name, "names of projects, by comma or line, without versions")
    return tuple(canonicalize_name(name) for name in given)


def nightly_variables(projects: Sequence[str], indexes: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """What makes pip and uv take the nightlies of these projects from these indexes, beside what they know of already.

    pip 26 or newer takes pre-releases of them alone; its list of names is by comma, its list of indexes by space. For
    uv there is no such variable (only the flag --prerelease-package), so it takes those of all projects.
    """
    if not projects:
        return {}
    return {
        "PIP_EXTRA_INDEX_URL": _joined(" ", environ.get("PIP_EXTRA_INDEX_URL", ""), *indexes),
        "PIP_ALL_RELEASES": _joined(",", environ.get("PIP_ALL_RELEASES", ""), *projects),
        "UV_INDEX": _joined(" ", environ.get("UV_INDEX", ""), *indexes),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PRERELEASE": "allow",
    }


def passed_on(variables: Collection[str], environ: Mapping[str, str]) -> dict[str, str]:
    """What makes cibuildwheel hand variables over to its containers, beside those that a project's settings name."""
    own = sorted(name for name in variables if not name.startswith("CIBW_"))
    return {
        PASS: _joined(" ", environ.get(PASS, ""), *own),
        INHERIT: _joined("; ", environ.get(INHERIT, ""), _INHERITED),
    }


def _joined(separator: str, *parts: str) -> str:
    return separator.join(dict.fromkeys(filter(None, parts)))
