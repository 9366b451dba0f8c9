"""The names of files that an index lists: which of them may be written to a disk. Pure."""

from __future__ import annotations

import re

ENDS = (".whl", ".tar.gz", ".zip")
"""What files of a project end in: wheels and sdists."""

_LONGEST = 250
"""In bytes. File systems take 255, and what isn't whole yet has a longer name."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
"""Windows takes them for devices, whatever they end in."""


class UnsafeName(ValueError):
    """A name that leads elsewhere than to a file of that name."""


def is_file_name(name: str) -> bool:
    """Whether it's a wheel's or an sdist's by its end."""
    return name.endswith(ENDS)


def safe_name(name: str) -> str:
    """The name, if a file can be written under it.

    Raises:
        UnsafeName: it's a path, or a device, or holds what no file's name may hold everywhere.
    """
    if re.search(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff/\\:*?"<>|]', name) or name.startswith(".") or _RESERVED.match(name):
        raise UnsafeName(f"{name!r:.300} is no file's name but leads elsewhere")
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise UnsafeName(f"{name!r:.80}... is longer than a file's name can be")
    return name
