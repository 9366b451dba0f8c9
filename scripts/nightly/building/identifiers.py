"""Which wheels do for a build identifier of cibuildwheel, such as cp312-manylinux_x86_64. Pure.

An identifier names one Python and a family of platforms; a wheel's tags may be wider (abi3, py3-none-any, universal2).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from packaging.tags import Tag, compatible_tags, cpython_tags

PURE = "pure"
"""The identifier of a wheel that runs everywhere."""

_IDENTIFIER = re.compile(
    r"(?P<implementation>cp|pp|gp)(?P<major>3)(?P<minor>\d{1,3})(?P<threads>t?)(?:_(?P<release>\d{1,6}))?"
    r"-(?P<platform>win32|win_\w{2,20}|(?:manylinux|musllinux|macosx|ios|android|pyodide)_\w{2,30})",
    re.ASCII,
)

_FAMILIES = {
    "manylinux": r"manylinux(?:1|2010|2014|_\d+_\d+)",
    "musllinux": r"musllinux_\d+_\d+",
    "macosx": r"macosx_\d+_\d+",
    "ios": r"ios_\d+_\d+",
    "android": r"android_\d+",
    "pyodide": r"(?:pyodide|pyemscripten|emscripten)(?:_\d+)+",
}
"""What stands before the architecture in the platform tags of each family (PEP 600, 656, 730, 738, 783)."""

_MAC = {"arm64": "arm64|universal2", "x86_64": "x86_64|universal2|intel|fat64|fat3|universal"}
"""The architectures of binaries that run on a Mac's."""


@dataclass(frozen=True)
class Identifier:
    """A Python and a platform to build for: `python` is cp312, cp314t, pp311 or gp312_250, and py3 for `pure`."""

    text: str
    python: str
    platform: str


def parse_identifier(text: str) -> Identifier:
    """Read an identifier.

    Raises:
        ValueError: it's none that cibuildwheel has, and not `pure`.
    """
    if text == PURE:
        return Identifier(text, "py3", "any")
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{text!r} is no build identifier of cibuildwheel, such as cp312-manylinux_x86_64")
    python, _, platform = text.partition("-")
    return Identifier(text, python, platform)


def covers(tags: Iterable[Tag], identifier: str) -> bool:
    """Whether a wheel with these tags is installed where the identifier's wheel would be.

    Raises:
        ValueError: as `parse_identifier`.
    """
    fits = _pattern(identifier)
    return any(fits.fullmatch(str(tag)) for tag in tags)


def missing(wheels: Iterable[Collection[Tag]], identifiers: Iterable[str]) -> tuple[str, ...]:
    """The identifiers that no wheel covers, in their order; `wheels` are the tags of each.

    Raises:
        ValueError: as `parse_identifier`.
    """
    tags = frozenset(tag for wheel in wheels for tag in wheel)
    return tuple(dict.fromkeys(each for each in identifiers if not covers(tags, each)))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """What a tag looks like that does for the identifier."""
    identifier = parse_identifier(text)
    if text == PURE:
        return re.compile(r"py3\d*-none-any", re.ASCII)
    return re.compile(rf"(?:{_pythons(text)})-(?:{_platforms(identifier.platform)}|any)", re.ASCII)


def _pythons(text: str) -> str:
    """Python and ABI tags: what `packaging` says that this Python takes, and its own ABI if that has a name."""
    found = _IDENTIFIER.fullmatch(text)
    if not found:
        raise ValueError(text)
    version, digits = (int(found["major"]), int(found["minor"])), found["major"] + found["minor"]
    widely = {f"{tag.interpreter}-{tag.abi}" for tag in compatible_tags(version, platforms=["any"])}
    if found["implementation"] == "cp":
        own = cpython_tags(version, [f"cp{digits}{found['threads']}"], ["any"])
        return "|".join(sorted(widely | {f"{tag.interpreter}-{tag.abi}" for tag in own}))
    if found["implementation"] == "pp":
        return "|".join([*sorted(widely), rf"pp{digits}-(?:none|pypy{digits}_\w+)"])
    release = found["release"] or r"\d+"
    return "|".join([*sorted(widely), rf"graalpy{digits}-(?:none|graalpy{release}_{digits}_\w+)"])


def _platforms(platform: str) -> str:
    family, _, architecture = platform.partition("_")
    if family not in _FAMILIES:
        return re.escape(platform)
    architectures = _MAC.get(architecture, architecture) if family == "macosx" else architecture
    return f"{_FAMILIES[family]}_(?:{architectures})"
