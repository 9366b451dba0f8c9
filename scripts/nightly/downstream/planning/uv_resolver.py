"""uv as a resolver: `uv pip compile`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from nightly.downstream.planning.constraints import constraints_text, overrides_text
from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.refusing import refused
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolved, Wanted
from nightly.downstream.records.plan import Package

_SOURCES = ("pyproject.toml", "setup.py", "setup.cfg")
"""What uv reads a project's requirements from; with the first it does so without building, if they are there."""

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
        with tempfile.TemporaryDirectory() as directory:
            output = Path(directory, "resolved.txt")
            files = _files(Path(directory), nightlies)
            command = [self.uv, "pip", "compile", *_FORM, "--python", self.interpreter.path, "-o", str(output), *files]
            done = subprocess.run(
                [*command, *_sources(wanted)],
                check=False,
                cwd=self.cwd,
                env=self.environ,
                input="".join(f"{line}\n" for line in wanted.requirements),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
            if done.returncode:
                return refused(done.stdout, nightlies)
            return _resolution(output.read_text(encoding="utf-8"), wanted, nightlies, self.interpreter.markers)


def _files(directory: Path, nightlies: Sequence[Package]) -> list[str]:
    options = []
    for option, text in (("--constraints", constraints_text(nightlies)), ("--overrides", overrides_text(nightlies))):
        if text:
            path = directory / f"{option.strip('-')}.txt"
            path.write_text(text, encoding="utf-8")
            options += [option, str(path)]
    return options


def _sources(wanted: Wanted) -> list[str]:
    sources = [f"--extra={extra}" for extra in wanted.extras]
    if wanted.project is not None:
        root = wanted.project.resolve()
        found = [str(root / name) for name in _SOURCES if (root / name).is_file()]
        sources += [*(f"--group={root / _SOURCES[0]}:{group}" for group in wanted.groups), *(found[:1] or [str(root)])]
    return [*sources, *["-"] * bool(wanted.requirements)]


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
