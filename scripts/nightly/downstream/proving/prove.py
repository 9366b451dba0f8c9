"""Holding what is installed against the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.markers import default_environment

from nightly.downstream.proving import reasons
from nightly.downstream.proving.caps import caps_of, required_of
from nightly.downstream.proving.fetching import Fetch, Moved, NotFetched
from nightly.downstream.proving.installed import Installed, read_environment
from nightly.downstream.proving.origin import same_url
from nightly.downstream.proving.record import changed_files
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import Proof, ProofState, Proved

_TOOLS = frozenset({"pip", "setuptools", "wheel"})
"""What an environment has by itself."""

_WORST_FIRST = (ProofState.NOT_NIGHTLY, ProofState.NIGHTLY, ProofState.NOT_NEEDED)


@dataclass(frozen=True)
class Environment:
    """An environment by its search path, and what is installed there."""

    path: str
    packages: Mapping[str, tuple[Installed, ...]]

    @property
    def all(self) -> tuple[Installed, ...]:
        return tuple(each for found in self.packages.values() for each in found)


def prove(plan: Plan, environments: Sequence[str], fetch: Fetch) -> Proof:
    """What of the plan is really there. Where environments differ, the worst of them counts.

    Each environment is a search path, as `find_environments` gives them. `fetch` is asked where the installer wrote
    no hash of what it installed.
    """
    read = [Environment(path, read_environment(path)) for path in environments]
    return Proof(tuple(environments), tuple(_worst(package, plan, read, fetch) for package in plan.packages))


def unplanned(plan: Plan, offered: Collection[str], environments: Sequence[str]) -> tuple[Proved, ...]:
    """What was installed from an index though a channel offers it: nobody has planned it, and it stays stable unseen.

    Mostly it's what an extra brings that the command installs and the plan doesn't know of.
    """
    others = set(offered) - {each.name for each in plan.packages} - _TOOLS
    read = (read_environment(path) for path in environments)
    found = {name: several[0] for packages in read for name, several in packages.items() if name in others}
    return tuple(
        Proved(name, ProofState.NOT_NIGHTLY, reasons.UNPLANNED, found[name].version or None)
        for name in sorted(found)
        if found[name].origin is None
    )


def _worst(package: Package, plan: Plan, environments: Sequence[Environment], fetch: Fetch) -> Proved:
    found = [_proved(package, plan, environment, fetch) for environment in environments]
    there = sorted(
        (each for each in found if each.state is not ProofState.NOT_NEEDED),
        key=lambda each: _WORST_FIRST.index(each.state),
    )
    if not there:
        return _not_needed(package)
    differ = len({each.state for each in there}) > 1
    return replace(there[0], reason=f"in {there[0].environment}: {there[0].reason}") if differ else there[0]


def _proved(package: Package, plan: Plan, environment: Environment, fetch: Fetch) -> Proved:
    several = environment.packages.get(package.name, ())
    if not several:
        return _not_needed(package)
    proved = _as_found(package, several[0], plan)
    if not package.is_planned:
        return proved
    if several[1:]:
        return replace(proved, reason=reasons.twice(several))
    if not _comes_from_plan(package, several[0]):
        caps = caps_of(package, environment.all, _markers(plan))
        return replace(proved, reason=reasons.not_installed_from_plan(package, several[0], caps))
    return _judged(package, several[0], proved, fetch)


def _as_found(package: Package, found: Installed, plan: Plan) -> Proved:
    """What is installed, not yet believed to be the nightly."""
    return Proved(
        name=package.name,
        state=ProofState.NOT_NIGHTLY,
        reason=package.reason or f"the plan has it as {package.state.value}",
        version=found.version or None,
        planned=package.version,
        stable=package.stable,
        commit=found.commit,
        source_url=found.source_url,
        requires=required_of(found, (each.name for each in plan.packages), _markers(plan)),
        environment=str(found.folder),
    )


def _markers(plan: Plan) -> Mapping[str, str]:
    """Those of this system, and of the plan's Python, which may be another than ours."""
    here = {name: str(value) for name, value in default_environment().items()}
    minor = ".".join(plan.python.split(".")[:2])
    return here | {"python_full_version": plan.python, "python_version": minor}


def _comes_from_plan(package: Package, found: Installed) -> bool:
    origin = found.origin
    return bool(origin and not origin.is_editable and package.url and same_url(origin.url, package.url))


def _judged(package: Package, found: Installed, proved: Proved, fetch: Fetch) -> Proved:
    """Whether what comes from the planned URL is the planned file."""
    if problem := reasons.mismatch(package, found):
        return replace(proved, reason=problem)
    try:
        reason = _changes(package, found, fetch)
    except Moved as error:
        return replace(proved, reason=reasons.moved(str(error)), is_moved=True)
    except NotFetched as error:
        return replace(proved, reason=reasons.not_compared(str(error)))
    return replace(proved, reason=reason) if reason else _nightly(package, found, proved)


def _changes(package: Package, found: Installed, fetch: Fetch) -> str:
    """How its files differ from the planned wheel's; they are its own RECORD's where the hash is known to be right."""
    own = found.record if found.has_hash else {}
    changed = changed_files(own or fetch(package), found.folder)
    if not changed:
        return ""
    return reasons.changed_after(changed) if own else reasons.another_wheel(changed)


def _nightly(package: Package, found: Installed, proved: Proved) -> Proved:
    forced = f"forced past the cap by {package.capped_by or 'another'}; " if package.state is State.FORCED else ""
    how = "URL and hash are the plan's" if found.has_hash else "URL and files are those of the planned wheel"
    return replace(
        proved,
        state=ProofState.NIGHTLY,
        reason=forced + how,
        url=package.url,
        sha256=package.sha256,
        uploaded_at=package.uploaded_at,
    )


def _not_needed(package: Package) -> Proved:
    reason = "it isn't installed"
    return Proved(package.name, ProofState.NOT_NEEDED, reason, planned=package.version, stable=package.stable)
