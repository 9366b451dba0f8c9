"""uv as a resolver: `uv pip compile`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from nightly.downstream.planning.asking import Question, ask, with_files
from nightly.downstream.planning.constraints import constraints_text, overrides_text
from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.refusing import refused
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolved, Wanted
from nightly.downstream.records.plan import Package

_SOURCES = ("pyproject.toml", "setup.py", "setup.cfg")
"""What uv reads a project's requirements from; with the first it does so without building, if they are there."""

_NAME = re.compile(r"^\[project\][^\n]*\n(?:(?!\[)[^\n]*\n)*?name *= *[\"']([^\"'\n]+)[\"']", re.MULTILINE)
"""The project's name, as PEP 621 has it stated. (tomllib is in Python 3.11 and newer.)"""

_FORM = ("--no-header", "--no-annotate", "--no-strip-extras", "--quiet", "--color=never")


@dataclass(frozen=True)
class UvResolver:
    """A uv, asked on behalf of one interpreter, in a directory and with variables of the user's."""

    uv: str
    interpreter: Interpreter
    environ: Mapping[str, str]
    cwd: Path

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Resolution | Conflict:
        """See `Resolver`."""
        constraint, itself = _of_project(wanted.project)
        with tempfile.TemporaryDirectory() as directory:
            output = Path(directory, "resolved.txt")
            command = [self.uv, "pip", "compile", *_FORM, "--python", self.interpreter.path, "-o", str(output)]
            constraints, overrides = constraints_text(nightlies) + constraint, overrides_text(nightlies)
            environ = with_files(self.environ, Path(directory), constraints, overrides)
            reads = itself + "".join(f"{line}\n" for line in wanted.requirements)
            done = ask(Question([*command, *_sources(wanted), *["-"] * bool(reads)], self.cwd, environ, reads))
            if done.returncode:
                return refused(done.stdout, nightlies)
            return _resolution(output.read_text(encoding="utf-8"), wanted, nightlies, self.interpreter.markers)


def _of_project(project: Path | None) -> tuple[str, str]:
    """A constraint, or else a requirement, by which what needs the project in turn gets no release of it.

    That may be a plug-in which an extra brings. A constraint has the project's metadata built only where there is such;
    without a name that is stated they are built in any case.
    """
    if project is None:
        return "", ""
    file, uri = project / _SOURCES[0], project.resolve().as_uri()
    stated = _NAME.search(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
    return (f"{stated[1]} @ {uri}\n", "") if stated else ("", f"{uri}\n")


def _sources(wanted: Wanted) -> list[str]:
    sources = [f"--extra={extra}" for extra in wanted.extras]
    if wanted.project is not None:
        root = wanted.project.resolve()
        found = [str(root / name) for name in _SOURCES if (root / name).is_file()]
        sources += [*(f"--group={root / _SOURCES[0]}:{group}" for group in wanted.groups), *(found[:1] or [str(root)])]
    return sources


def _resolution(text: str, wanted: Wanted, nightlies: Sequence[Package], markers: Mapping[str, str]) -> Resolution:
    own = wanted.project.resolve().as_uri() if wanted.project else ""
    planned = {package.name: package.version for package in nightlies}
    found = [requirement for line in text.splitlines() if (requirement := _requirement(line))]
    return Resolution(
        tuple(
            _resolved(requirement, planned)
            for requirement in found
            if requirement.url != own and (requirement.marker is None or requirement.marker.evaluate(dict(markers)))
        )
    )


def _requirement(line: str) -> Requirement | None:
    """The user's configuration may add options and hashes, and paths of other projects stand there as they are."""
    try:
        return Requirement(line.rstrip("\\ "))
    except InvalidRequirement:
        return None


def _resolved(requirement: Requirement, planned: Mapping[str, str | None]) -> Resolved:
    name, extras = canonicalize_name(requirement.name), tuple(sorted(requirement.extras))
    if requirement.url is None:
        (specifier,) = requirement.specifier
        return Resolved(name, specifier.version, extras=extras)
    version = planned.get(name) or _version_in(requirement.url)
    return Resolved(name, version, url=requirement.url, extras=extras)


def _version_in(url: str) -> str:
    """A wheel's version; of other files it isn't known."""
    try:
        return str(parse_wheel_filename(url.partition("#")[0].rpartition("/")[2])[1])
    except InvalidWheelFilename:
        return ""
