"""What a file's name says: for which interpreter, ABI and platform family a wheel is, and which version. Pure.

Each part of a name is parsed by `packaging`, and once, as the files of a channel have few different ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.tags import parse_tag
from packaging.utils import canonicalize_version, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

SDIST = "sdist"

_VERSIONED = re.compile(r"(manylinux|musllinux|macosx|ios|android|emscripten|pyodide)\d*(?:_\d+)*_(.+)", re.DOTALL)
_FAT = {"macosx_universal2": ("macosx_arm64", "macosx_x86_64")}
_WHEEL = re.compile(r"([^-]+)-([^-]+)((?:-[^-]+)?)-([^-]+-[^-]+-[^-]+)\.whl", re.DOTALL)


def coverage_keys(filename: str) -> tuple[str, ...]:
    """The keys that a file covers, in order: `cp312-cp312-manylinux_x86_64`, say, or `sdist`.

    A platform's family is the platform without the system's version; universal2 is both architectures. A file whose
    name is neither a wheel's nor an sdist's covers nothing.
    """
    match = _WHEEL.fullmatch(filename)
    if not match:
        return (SDIST,) if _is_sdist(filename) else ()
    name, version, build, tags = match.groups()
    return _tag_keys(tags) if parsed_version(version) and _is_head(name, build) else ()


@lru_cache(maxsize=2**14)
def parsed_version(version: str) -> tuple[Version, str] | None:
    """A version and its normal form, in which 1.0 and 1.0.0 are one; None for what isn't one (PEP 440)."""
    try:
        parsed = Version(version)
    except ValueError:
        return None
    return parsed, canonicalize_version(parsed)


@lru_cache(maxsize=2**14)
def _tag_keys(tags: str) -> tuple[str, ...]:
    try:
        parsed = parse_tag(tags)
    except ValueError:
        return ()
    return tuple(sorted({f"{tag.interpreter}-{tag.abi}-{name}" for tag in parsed for name in _families(tag.platform)}))


@lru_cache(maxsize=2**14)
def _is_head(name: str, build: str) -> bool:
    """Whether a wheel may be of this name and build (with its dash, or none)."""
    try:
        parse_wheel_filename(f"{name}-0{build}-py3-none-any.whl")
    except ValueError:
        return False
    return True


def _families(platform: str) -> tuple[str, ...]:
    match = _VERSIONED.fullmatch(platform)
    family = f"{match[1]}_{match[2]}" if match else platform
    return _FAT.get(family, (family,))


def _is_sdist(filename: str) -> bool:
    try:
        parse_sdist_filename(filename)
    except ValueError:
        return False
    return True
