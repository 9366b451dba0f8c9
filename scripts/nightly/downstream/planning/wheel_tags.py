"""What wheels are for, as a person says it: `cp312, cp313 on macosx_arm64, win_amd64`. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

_SHOWN = 12


def spell_tags(tags: Collection[str]) -> str:
    """The interpreters and the platforms of tags such as cp313-cp313-manylinux_2_28_x86_64."""
    parts = [tag.split("-", 2) for tag in tags]
    interpreters = {_interpreter(python, abi) for python, abi, _ in parts}
    platforms = {re.sub(r"_\d+_\d+(?=_)", "", platform) for _, _, platform in parts}
    return f"{_listed(interpreters)} on {'any platform' if platforms == {'any'} else _listed(platforms)}"


def _interpreter(python: str, abi: str) -> str:
    """The abi says more where it's of one build of an interpreter (cp313t) or of several (abi3)."""
    if abi.startswith("abi"):
        return f"{python}-{abi}"
    return abi if abi.startswith(python) else python


def _listed(names: Collection[str]) -> str:
    """In an order that takes cp39 before cp310."""
    ordered = sorted(names, key=lambda name: [part.zfill(4) for part in re.split(r"(\d+)", name)])
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return ", ".join(ordered[:_SHOWN]) + more
