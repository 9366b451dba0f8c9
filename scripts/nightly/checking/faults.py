"""What is wrong with files that were built, said so that a person can act. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN = 3


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, or with all of them together where `file` is empty.

    `what` is wrong, what it usually `means`, what to `do`. A `warning` is told, but doesn't fail the check.
    """

    title: str
    file: str
    what: str
    means: str = ""
    do: str = ""
    warning: bool = False

    @property
    def advice(self) -> str:
        return " ".join(part for part in (self.what, self.means, self.do) if part)


@dataclass(frozen=True)
class Told:
    """A fault that several files share, and the names of all."""

    fault: Fault
    files: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in one line. Every file is named, as it has to be found."""
        names = ", ".join(self.files)
        return f"{names}: {self.fault.advice}" if names else self.fault.advice


def told(faults: Iterable[Fault]) -> tuple[Told, ...]:
    """The faults, each once with all files that share it, in the order of the first ones."""
    groups: dict[tuple[str, str, bool], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.title, fault.advice, fault.warning), []).append(fault)
    return tuple(Told(own[0], tuple(dict.fromkeys(each.file for each in own if each.file))) for own in groups.values())


def some(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
