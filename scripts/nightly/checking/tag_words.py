"""A wheel's tags in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from packaging.tags import Tag

_GLIBC = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}
"""What the names before PEP 600 mean."""

_PYTHONS = {"cp": "CPython", "pp": "PyPy", "graalpy": "GraalPy"}

_PLATFORM = re.compile(
    r"(?P<family>manylinux|musllinux|macosx|ios|android|pyodide|pyemscripten)_?(?P<version>\d+(?:_\d+)?)_(?P<arch>\w+)"
)
_FORMS = {
    "manylinux": "Linux {arch} (glibc {version})",
    "musllinux": "Linux {arch} (musl {version})",
    "macosx": "macOS {version} {arch}",
    "ios": "iOS {version} {arch}",
    "android": "Android API {version} {arch}",
    "pyodide": "Pyodide {version}",
    "pyemscripten": "Pyodide {version}",
}
_PLATFORMS = {
    "any": "any platform",
    "win32": "Windows, 32 bit",
    "win_amd64": "Windows x86_64",
    "win_arm64": "Windows arm64",
}


def in_words(tags: Collection[Tag]) -> str:
    """Which Pythons and platforms a wheel is for; an sdist has no tags."""
    if not tags:
        return "source"
    pythons = sorted({_python(tag, tags) for tag in tags})
    return f"{' or '.join(pythons)}, {' or '.join(_platforms(tag.platform for tag in tags))}"


def _python(tag: Tag, tags: Iterable[Tag]) -> str:
    found = re.fullmatch(r"([a-z]+)(\d)(\d*)", tag.interpreter)
    if not found:
        return tag.interpreter
    name, version = _PYTHONS.get(found[1], "Python"), ".".join(filter(None, found.groups()[1:]))
    if tag.abi in {"abi3", "abi3t"}:
        return f"{name} {version} and later{_threads({each.abi for each in tags})}"
    return f"{name} {version}{', free-threaded' if re.fullmatch(r'cp[0-9]+t', tag.abi) else ''}"


def _threads(abis: Collection[str]) -> str:
    if "abi3t" not in abis:
        return ""
    return ", also free-threaded" if "abi3" in abis else ", free-threaded"


def _platforms(platforms: Iterable[str]) -> list[str]:
    """In words, those of one family and architecture as the oldest one, which is what the wheel needs."""
    words: dict[str, None] = {}
    oldest: dict[tuple[str, str], tuple[int, ...]] = {}
    for platform in platforms:
        found = _PLATFORM.fullmatch(platform)
        if not found:
            words[_PLATFORMS.get(platform, platform)] = None
            continue
        key, version = (found["family"], found["arch"]), _version(found["family"], found["version"])
        oldest[key] = min(version, oldest.get(key, version))
    for (family, arch), version in oldest.items():
        words[_FORMS[family].format(arch=arch, version=".".join(map(str, version)))] = None
    return sorted(words)


def _version(family: str, text: str) -> tuple[int, ...]:
    if family == "manylinux" and text in _GLIBC:
        return _GLIBC[text]
    return tuple(int(number) for number in text.split("_"))
