"""Whether a wheel or an sdist has the licences that it has to have (PEP 639, and what came before it). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from nightly.checking.faults import Fault, some

_PLACES = ("{directory}/licenses/{path}", "{directory}/{path}", "{directory}/license_files/{path}")
"""Where a wheel has a License-File: where PEP 639 puts it, and where build backends did before."""

_LICENCE = re.compile(r"(un)?licen[cs]e|copying|notice", re.IGNORECASE)


def absent_from_wheel(declared: Iterable[str], members: Collection[str], directory: str) -> tuple[str, ...]:
    """The License-Files of METADATA that aren't in .dist-info, also not by their names alone, as setuptools had it."""
    return tuple(
        path
        for path in declared
        if not any(
            place.format(directory=directory, path=each) in members
            for place in _PLACES
            for each in (path, path.rpartition("/")[2])
        )
    )


def absent_from_sdist(declared: Iterable[str], members: Collection[str], top: str) -> tuple[str, ...]:
    """The License-Files of PKG-INFO that aren't below the top directory."""
    return tuple(path for path in declared if f"{top}/{path}" not in members)


def is_licensed(members: Iterable[str], directory: str) -> bool:
    """Whether a licence's text is in this directory, by the names that one usually has, or in its `licenses`."""
    inner = [name.removeprefix(f"{directory}/") for name in members if name.startswith(f"{directory}/")]
    return any(name.startswith("licenses/") or ("/" not in name and _LICENCE.match(name)) for name in inner)


def licence_faults(absent: Sequence[str], filename: str) -> tuple[Fault, ...]:
    """An error, as PyPI refuses such a file, and whoever looks for the licence finds none."""
    if not absent:
        return ()
    return (
        Fault(
            "Licence missing",
            filename,
            f"Its metadata names the licence files {some(absent)}, which aren't in it.",
            "Usually the build ran without them (a sparse checkout, an sdist that left them out), or a step after it "
            "dropped them; PyPI refuses such a file.",
            "Look at `license-files` of pyproject.toml, and build it again.",
        ),
    )
