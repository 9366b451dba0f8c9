"""Which nightlies a conflict is about, and by whose demand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nightly.downstream.planning.conflicts import Demand, demand
from nightly.downstream.planning.resolving import Resolution
from nightly.downstream.records.plan import Package, State


@dataclass(frozen=True)
class Blame:
    """Who keeps a nightly out, as "cap 2.0 (foo<1.2)", and the same as a reason for people.

    Only a cap of another package can be broken by force, not what the nightly itself demands.
    """

    by: str
    reason: str
    is_cap: bool = True


def blamed(said: Sequence[Demand], packages: Sequence[Package], stable: Resolution) -> Mapping[str, Blame]:
    """The nightlies, by name, that have to be left out or forced for a conflict of which these demands were said.

    That's every one that somebody caps by these words; else one that itself demands what can't be had; else every one
    that the metadata of what is installed without nightlies caps.
    """
    planned = {package.name: package.version or "" for package in packages if package.is_planned}
    versions = {package.name: package.version for package in stable.packages} | planned
    known = [each for each in _of_metadata(stable) if each.who not in planned]
    return _caps(packages, said, versions) or _own_demands(said, packages, planned) or _caps(packages, known, versions)


def _caps(packages: Sequence[Package], said: Sequence[Demand], versions: Mapping[str, str]) -> dict[str, Blame]:
    found = {}
    for package in packages:
        if package.state is State.NIGHTLY and (caps := [each for each in said if _is_cap(each, package)]):
            cap = next((each for each in caps if each.is_of(versions.get(each.who, ""))), caps[-1])
            found[package.name] = _capped(cap, package, versions)
    return found


def _own_demands(said: Sequence[Demand], packages: Sequence[Package], planned: Mapping[str, str]) -> dict[str, Blame]:
    """What another planned nightly meets is no reason."""
    unmet = [each for each in said if each.of not in planned or each.excludes(planned[each.of])]
    for package in packages:
        own = [each for each in unmet if each.who == package.name and each.is_of(package.version or "")]
        if package.is_planned and own:
            reason = f"it requires {own[-1].briefly}, which can't be had with the rest"
            return {package.name: Blame(f"{package.name} {package.version} ({own[-1].briefly})", reason, is_cap=False)}
    return {}


def _of_metadata(stable: Resolution) -> Iterator[Demand]:
    for package in stable.packages:
        for requirement in package.requires:
            if said := demand(package.name, f"=={package.version}", requirement):
                yield said


def _is_cap(said: Demand, package: Package) -> bool:
    return said.of == package.name != said.who and package.version is not None and said.excludes(package.version)


def _capped(cap: Demand, package: Package, versions: Mapping[str, str]) -> Blame:
    version = versions.get(cap.who, "")
    which = version if version and cap.is_of(version) else cap.which.removeprefix("==")
    who = f"{cap.who} {which}".strip() or "what is asked for"
    return Blame(f"{who} ({cap.briefly})", f"{who} requires {cap.briefly}, which excludes {package.version}")
