"""Which nightlies can't be without each other, by what they require. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def bound(requires: Sequence[str], stable_of: Callable[[str], str | None]) -> Iterator[str]:
    """The projects that can't be at stable while one that requires this is a nightly. What can't be read binds nobody.

    An exact pin binds either way: the stable release of the one pins the other's, and can't be had with its nightly.
    """
    for requirement in filter(None, map(_parsed, requires)):
        name = canonicalize_name(requirement.name)
        if _is_pin(requirement) or _excludes(requirement, _version(stable_of(name))):
            yield name


def _is_pin(requirement: Requirement) -> bool:
    return any(each.operator in ("==", "===") and not each.version.endswith(".*") for each in requirement.specifier)


def _excludes(requirement: Requirement, stable: Version | None) -> bool:
    return stable is not None and not requirement.specifier.contains(stable, prereleases=True)


def _parsed(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None
