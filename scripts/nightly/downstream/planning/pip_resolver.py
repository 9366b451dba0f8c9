"""pip as a resolver: `pip install --dry-run --report`, which pip has since 22.2."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from nightly.downstream.planning.asking import Question, ask, with_files
from nightly.downstream.planning.constraints import constraints_text, pinned_url
from nightly.downstream.planning.install_words import stumbles_over_extras
from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.pip_report import read_report
from nightly.downstream.planning.refusing import refused
from nightly.downstream.planning.resolving import Conflict, Resolution, Wanted
from nightly.downstream.records.plan import Package, State
from nightly.errors import UserError

_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\S+ ", re.MULTILINE)


_FIRST_WITH_GROUPS = Version("25.1")


@dataclass(frozen=True)
class PipResolver:
    """The pip of an interpreter, asked in a directory and with variables of the user's."""

    interpreter: Interpreter
    environ: Mapping[str, str]
    cwd: Path

    def resolve(self, wanted: Wanted, nightlies: Sequence[Package]) -> Resolution | Conflict:
        """See `Resolver`. Where pip stumbles over constraints, the nightlies are requirements."""
        if wanted.groups and Version(self.interpreter.pip or "0") < _FIRST_WITH_GROUPS:
            raise _no_groups(self.interpreter)
        constrained = [package for package in nightlies if package.state is State.NIGHTLY]
        answer = self._ask(wanted, constraints_text(constrained))
        if isinstance(answer, str) and stumbles_over_extras(answer):
            answer = self._ask(_with_requirements(wanted, constrained), "")
        return refused(answer, nightlies) if isinstance(answer, str) else answer

    def _ask(self, wanted: Wanted, constraints: str) -> Resolution | str:
        """What would be installed, or what pip says instead."""
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            said = self._run(root, wanted, constraints)
            if said is not None:
                return said
            return read_report((root / "report.json").read_bytes(), wanted, self.interpreter.markers)

    def _run(self, root: Path, wanted: Wanted, constraints: str) -> str | None:
        command = [self.interpreter.path, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-input"]
        # The log says why a registry doesn't answer, and all the rest too where pip is told to be quiet.
        command += ["--report", str(root / "report.json"), "--log", str(root / "log.txt"), *_groups(wanted)]
        command += ["--", *_project(wanted), *wanted.requirements]
        done = ask(Question(command, self.cwd, with_files(self.environ, root, constraints)))
        return None if done.returncode == 0 else _log(root / "log.txt") or done.stdout


def _groups(wanted: Wanted) -> list[str]:
    file = (wanted.project or Path()).resolve() / "pyproject.toml"
    return [word for group in wanted.groups for word in ("--group", f"{file}:{group}")]


def _project(wanted: Wanted) -> list[str]:
    extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
    return [f"{wanted.project.resolve()}{extras}"] if wanted.project else []


def _log(path: Path) -> str:
    return _TIME.sub("", path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ""


def _with_requirements(wanted: Wanted, nightlies: Sequence[Package]) -> Wanted:
    """The nightlies as requirements. Of pip before 23.3, `name[extra]` beside `name @ URL` is a conflict by itself."""
    urls = {package.name: package for package in nightlies}
    lines = [_by_url(Requirement(line), urls) for line in wanted.requirements]
    lines += [f"{package.name} @ {pinned_url(package)}" for package in nightlies]
    return replace(wanted, requirements=tuple(lines))


def _by_url(requirement: Requirement, nightlies: Mapping[str, Package]) -> str:
    package = nightlies.get(canonicalize_name(requirement.name))
    if package is None or not _allows(requirement.specifier, package) or requirement.url:
        return str(requirement)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{package.name}{extras} @ {pinned_url(package)}{marker}"


def _allows(specifier: SpecifierSet, package: Package) -> bool:
    return package.version is not None and specifier.contains(package.version, prereleases=True)


def _no_groups(interpreter: Interpreter) -> UserError:
    return UserError(
        f"The pip of {interpreter.path!r} is {interpreter.pip}, and dependency groups need 25.1 or newer.",
        title="pip is too old",
        do="Upgrade it before (python -m pip install --upgrade pip), or put uv on PATH.",
    )
