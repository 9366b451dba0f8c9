"""What a file is good for, by its name: the interpreter, ABI and platform family of a wheel, or an sdist. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from packaging.tags import parse_tag
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

SDIST = "sdist"

_VERSIONED = re.compile(r"(manylinux|musllinux|macosx|ios|android|emscripten|pyodide)\d*(?:_\d+)*_(.+)", re.DOTALL)
_FAT = {"macosx_universal2": ("macosx_arm64", "macosx_x86_64")}


def coverage_keys(filename: str) -> tuple[str, ...]:
    """The keys that a file covers, in order: `cp312-cp312-manylinux_x86_64`, say, or `sdist`.

    A platform's family is the platform without the system's version; universal2 is both architectures. A file whose
    name is neither a wheel's nor an sdist's covers nothing.
    """
    if not filename.endswith(".whl"):
        return (SDIST,) if _is_sdist(filename) else ()
    head, *tags = filename[: -len(".whl")].rsplit("-", 3)
    return _tag_keys(*tags) if len(tags) == 3 and _is_head(head) else ()


@lru_cache(maxsize=2**12)
def _is_head(head: str) -> bool:
    """Whether it's a wheel's name, version and build. What is asked again and again is parsed once, here and below."""
    try:
        parse_wheel_filename(f"{head}-py3-none-any.whl")
    except (InvalidWheelFilename, ValueError):
        return False
    return True


@lru_cache(maxsize=2**14)
def _tag_keys(interpreter: str, abi: str, platform: str) -> tuple[str, ...]:
    try:
        tags = parse_tag(f"{interpreter}-{abi}-{platform}")
    except ValueError:
        return ()
    return tuple(sorted({f"{tag.interpreter}-{tag.abi}-{name}" for tag in tags for name in _families(tag.platform)}))


def _families(platform: str) -> tuple[str, ...]:
    match = _VERSIONED.fullmatch(platform)
    family = f"{match[1]}_{match[2]}" if match else platform
    return _FAT.get(family, (family,))


def _is_sdist(filename: str) -> bool:
    try:
        parse_sdist_filename(filename)
    except (InvalidSdistFilename, ValueError):
        return False
    return True
