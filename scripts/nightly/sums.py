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


def sums_text(sums: Mapping[str, str]) -> str:
    """The file with these hashes by file name, which `sha256sum --check` reads."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))


def differences(there: Mapping[str, str], said: Mapping[str, str], where: str = SHA256SUMS) -> Iterator[str]:
    """What speaks against files being those that were `said`: too many, too few, or other bytes. By their names.

    `where` is the file that says it.
    """
    for name in sorted(there.keys() | said.keys()):
        if name not in there:
            yield f"{name} is in {where}, and isn't there"
        elif name not in said:
            yield f"{name} isn't in {where}"
        elif there[name] != said[name]:
            yield f"{name} has the sha256 {there[name]}, and {where} says {said[name]}"
