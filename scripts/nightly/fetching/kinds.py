"""What a file is for, by its name: the kinds, architectures and Pythons that can be asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from nightly.building.identifiers import PURE, covers, parse_identifier

SDIST = "sdist"
_PREFIXES = {
    "manylinux": ("manylinux",),
    "musllinux": ("musllinux_",),
    "linux": ("linux_",),
    "macosx": ("macosx_",),
    "win": ("win32", "win_"),
    "ios": ("ios_",),
    "android": ("android_",),
    "wasm": ("pyodide_", "pyemscripten_", "emscripten_", "wasi", "wasm"),
    "pure": ("any",),
}
"""How the platform tags of each kind begin."""

KINDS = (*_PREFIXES, SDIST)
OTHER = "other"
"""The kind of a wheel for a platform that isn't known here."""

_SAME = {
    "amd64": "x86_64",
    "aarch64": "arm64",
    "arm64_v8a": "arm64",
    **dict.fromkeys(("i386", "i686", "32", "win32"), "x86"),
}
"""Architectures by the name of another system."""

_FAT = {
    "universal2": ("arm64", "x86_64", "universal2"),
    "intel": ("x86_64", "x86", "intel"),
    "fat64": ("x86_64", "ppc64", "fat64"),
}
"""Wheels for a Mac that run on several (packaging.python.org, platform compatibility tags)."""

_ARCH = re.compile(
    r"(?:manylinux(?:1|2010|2014|_\d+_\d+)|musllinux_\d+_\d+|linux|macosx_\d+_\d+|win_?|ios_\d+_\d+|android_\d+"
    r"|(?:pyodide|pyemscripten|emscripten)(?:_\d+)+)_?(?P<arch>\w+?)(?:_iphoneos|_iphonesimulator)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Named:
    """What a file's name says. An sdist has no tags."""

    project: NormalizedName
    version: Version
    tags: frozenset[Tag] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """Mostly one; a wheel may have tags of several."""
        return frozenset(_kind(tag.platform) for tag in self.tags) or frozenset({SDIST})


@dataclass(frozen=True)
class Filters:
    """Which files of a version are wanted; what is empty doesn't narrow. An sdist is narrowed by `kinds` alone."""

    kinds: frozenset[str] = frozenset()
    archs: frozenset[str] = frozenset()
    pythons: tuple[str, ...] = ()

    @property
    def narrow(self) -> bool:
        return bool(self.kinds or self.archs or self.pythons)

    def take(self, named: Named) -> bool:
        """Whether a file is wanted."""
        if self.kinds and not self.kinds & named.kinds:
            return False
        return not named.tags or (self._take_arch(named.tags) and self._take_python(named.tags))

    def _take_arch(self, tags: frozenset[Tag]) -> bool:
        wanted = {_SAME.get(arch, arch) for arch in self.archs}
        return not wanted or any(tag.platform == "any" or wanted & set(_archs(tag.platform)) for tag in tags)

    def _take_python(self, tags: frozenset[Tag]) -> bool:
        anywhere = [Tag(tag.interpreter, tag.abi, "any") for tag in tags]
        return not self.pythons or any(covers(anywhere, _identifier(python)) for python in self.pythons)


NO_FILTERS = Filters()


def parse_name(filename: str) -> Named | None:
    """What a wheel's or an sdist's name says; None for whatever else there is."""
    try:
        if filename.endswith(".whl"):
            project, version, _, tags = parse_wheel_filename(filename)
            return Named(project, version, tags)
        return Named(*parse_sdist_filename(filename))
    except (InvalidWheelFilename, InvalidSdistFilename, ValueError):
        return None


def is_python(text: str) -> bool:
    """Whether it names a Python as a wheel's tags do, such as cp312, cp313t or py3."""
    try:
        return bool(parse_identifier(_identifier(text)))
    except ValueError:
        return False


def _identifier(python: str) -> str:
    """A build identifier for that Python. Its platform doesn't matter, as wheels for any platform are held to it."""
    return PURE if python == "py3" else f"{python}-win32"


def _kind(platform: str) -> str:
    return next((kind for kind, begins in _PREFIXES.items() if platform.startswith(begins)), OTHER)


def _archs(platform: str) -> Iterator[str]:
    """The architectures that a platform tag is for."""
    if found := _ARCH.fullmatch(platform):
        yield from _FAT.get(found["arch"], (_SAME.get(found["arch"], found["arch"]),))
