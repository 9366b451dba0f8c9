"""What installers say when requirements contradict each other: who requires what of whom. Pure.

The words are those of pip 22.2 to 26.3 and uv 0.11 to 0.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_EXTRAS = r"(?:\[[^\]\s]*\])?"
_RANGE = r"(?:(?:===|[<>=!~]=|[<>])[^\s,;()]+(?:,(?:===|[<>=!~]=|[<>])[^\s,;()]+)*)"

_OF_UV = re.compile(
    rf"(?P<every>all versions of )?(?P<who>{_NAME}){_EXTRAS}(?P<which>{_RANGE})? depends? on "
    rf"(?P<what>{_NAME}{_EXTRAS}{_RANGE}?)"
)
_OF_UVS_USER = re.compile(rf"you require (?P<what>{_NAME}{_EXTRAS}{_RANGE}?)(?=[\s,]|$)")
_OF_PIP = re.compile(rf"^ +(?P<who>{_NAME}){_EXTRAS} (?P<version>\S+) depends on (?P<what>\S.*)$", re.MULTILINE)
_OF_PIPS_USER = re.compile(
    r"^ +The user requested (?:\(constraint\) )?(?P<what>[^(\s].*?)(?: \(from \S+\))?$", re.MULTILINE
)
_MISSING = re.compile(rf"satisfies the requirement (?P<what>.+?) \(from (?!versions:)(?P<who>{_NAME})")


@dataclass(frozen=True)
class Demand:
    """The versions `which` (a range, "" for all) of the project `who` require `requirement`; "" is the user."""

    who: str
    which: str
    requirement: str

    @property
    def of(self) -> NormalizedName:
        """The project that is required."""
        return canonicalize_name(Requirement(self.requirement).name)

    @property
    def briefly(self) -> str:
        """The requirement without its marker, which applies here."""
        return self.requirement.partition(";")[0].strip()

    def excludes(self, version: str) -> bool:
        """Whether it forbids this version (as <1.2 does 1.2.dev0, PEP 440); being a pre-release is no reason."""
        return not _holds(str(Requirement(self.requirement).specifier), version)

    def is_of(self, version: str) -> bool:
        """Whether it is this version of `who` that demands it."""
        return _holds(self.which, version)


def demands(text: str) -> tuple[Demand, ...]:
    """All that an installer's words say of who requires what, in their order."""
    return tuple(dict.fromkeys([*_of_pip(text)] or [*_of_uv(" ".join(text.split()))]))


def demand(who: str, which: str, requirement: str) -> Demand | None:
    """A demand, if the requirement can be read."""
    try:
        Requirement(requirement)
    except InvalidRequirement:
        return None
    return Demand(canonicalize_name(who) if who else "", which, requirement)


def _of_pip(text: str) -> Iterator[Demand]:
    for found in _OF_PIP.finditer(text):
        if said := demand(found["who"], f"=={found['version']}", found["what"]):
            yield said
    for found in _MISSING.finditer(text):
        if said := demand(found["who"], "", found["what"]):
            yield said
    for found in _OF_PIPS_USER.finditer(text):
        if said := demand("", "", found["what"]):
            yield said


def _of_uv(text: str) -> Iterator[Demand]:
    for found in _OF_UV.finditer(text):
        if said := demand(found["who"], found["which"] or "", found["what"]):
            yield said
    for found in _OF_UVS_USER.finditer(text):
        if said := demand("", "", found["what"]):
            yield said


def _holds(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True
