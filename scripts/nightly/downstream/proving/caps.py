"""What installed packages require of each other, held against the planned versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from nightly.downstream.proving.installed import Installed
from nightly.downstream.records.plan import Package

Markers: TypeAlias = "Mapping[str, str]"
"""What the variables of PEP 508 stand for in the environment."""


@dataclass(frozen=True)
class Cap:
    """A requirement of an installed package that the planned version doesn't meet."""

    by: str
    requirement: str
    is_pin: bool


def caps_of(package: Package, installed: Iterable[Installed], markers: Markers) -> tuple[Cap, ...]:
    """Who requires another version than the planned one; what only an extra requires comes last."""
    found = [
        (_is_of_an_extra(requirement), f"{by.name} {by.version}".strip(), requirement)
        for by in installed
        for requirement in _requirements(by, markers)
        if canonicalize_name(requirement.name) == package.name and _excludes(requirement.specifier, package.version)
    ]
    found.sort(key=lambda each: (each[0], each[1], str(each[2])))
    return tuple(Cap(by, str(requirement), _is_pin(requirement.specifier)) for _, by, requirement in found)


def required_of(found: Installed, names: Iterable[str], markers: Markers) -> tuple[str, ...]:
    """Its requirements on these packages, but for those that only an extra brings."""
    wanted = {*names} - {found.name}
    return tuple(
        str(requirement)
        for requirement in _requirements(found, markers)
        if canonicalize_name(requirement.name) in wanted and not _is_of_an_extra(requirement)
    )


def same_version(one: str, other: str) -> bool:
    """As PEP 440 compares them, where both are versions."""
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _requirements(found: Installed, markers: Markers) -> Iterator[Requirement]:
    """Those that apply here, and those of extras."""
    for text in found.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if _is_of_an_extra(requirement) or _applies(requirement, markers):
            yield requirement


def _is_of_an_extra(requirement: Requirement) -> bool:
    return requirement.marker is not None and "extra" in str(requirement.marker)


def _applies(requirement: Requirement, markers: Markers) -> bool:
    try:
        return requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""})
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return True


def _excludes(specifier: SpecifierSet, version: str | None) -> bool:
    try:
        return not specifier.contains(Version(version or ""), prereleases=True)
    except InvalidVersion:
        return False


def _is_pin(specifier: SpecifierSet) -> bool:
    return any(each.operator in {"==", "==="} for each in specifier)
