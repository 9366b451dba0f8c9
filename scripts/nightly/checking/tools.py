"""Which tools made the files, as far as the files and our locks say. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nightly.checking.distributions import Distribution

_GENERATOR = re.compile(r"([\w.+ -]{1,60}?)[ (]+v?(\d[\w.+!-]{0,40})\)?")


def tools_of(found: Iterable[Distribution]) -> Mapping[str, str]:
    """The builders that the wheels name in WHEEL, such as "setuptools (80.9.0)", with all their versions."""
    versions: dict[str, set[str]] = {}
    for each in found:
        if match := _GENERATOR.fullmatch(each.generator):
            versions.setdefault(match[1].strip(), set()).add(match[2])
    return {name: ", ".join(sorted(versions[name])) for name in sorted(versions)}
