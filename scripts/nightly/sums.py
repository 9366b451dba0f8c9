"""SHA256SUMS: the hashes of files that lie beside it, as sha256sum writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SHA256SUMS = "SHA256SUMS"


def parse_sums(text: str) -> dict[str, str]:
    """The hashes by file name.

    Raises:
        ValueError: a line is none of sha256sum's, or contradicts another. The message names it.
    """
    sums: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        match = re.fullmatch(r"([0-9a-fA-F]{64}) [ *](.+)", line)
        if not match or sums.setdefault(match[2], match[1].lower()) != match[1].lower():
            raise ValueError(f"{SHA256SUMS} has the line {line!r:.100}")
    return sums


def differences(there: Mapping[str, str], said: Mapping[str, str]) -> Iterator[str]:
    """What speaks against files being those that were `said`: too many, too few, or other bytes. By their names."""
    for name in sorted(there.keys() | said.keys()):
        if name not in there:
            yield f"{name} is in {SHA256SUMS}, and isn't there"
        elif name not in said:
            yield f"{name} isn't in {SHA256SUMS}"
        elif there[name] != said[name]:
            yield f"{name} has the sha256 {there[name]}, and {SHA256SUMS} says {said[name]}"
