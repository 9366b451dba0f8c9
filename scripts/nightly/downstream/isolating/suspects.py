"""Whom to suspect in a cell: its proved nightlies, as one where they can't be apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from nightly.downstream.isolating.bonds import bound
from nightly.downstream.records.history import Green
from nightly.downstream.records.plan import Package
from nightly.downstream.records.proof import Proved
from nightly.downstream.records.result import CellResult

MOST_SUSPECTS = 12

Group: TypeAlias = "tuple[str, ...]"
"""The projects that move together, sorted."""

# An experiment names its suspects by comma, and the names come from a job that ran other people's code. The experiments
# of all jobs together must fit into a variable of the job that reports: 128 KiB on Linux.
_NAME = re.compile(r"(?=.{1,100}$)[a-z0-9]+(-[a-z0-9]+)*")
_MOST_NIGHTLIES = 100
"""More than a channel has projects."""


def groups(result: CellResult) -> tuple[Group, ...]:
    """All the suspects of a cell, by name.

    Two nightlies are one suspect when one requires the other in a version that its stable release isn't, or pins it
    exactly, as awkward does with awkward-cpp: with only one of them back at stable, nothing can be installed.
    """
    together = {name: {name} for name in nightlies(result)}
    for one, other in _bonds(result):
        merged = together[one] | together[other]
        together.update(dict.fromkeys(merged, merged))
    return tuple(sorted({tuple(sorted(group)) for group in together.values()}))


def most_suspected(result: CellResult, green: Green | None) -> tuple[Group, ...]:
    """At most 12 of a cell's suspects: first those that changed since the last green run, then by name."""
    return tuple(sorted(groups(result), key=lambda group: (not changed(result, group, green), group))[:MOST_SUSPECTS])


def changed(result: CellResult, group: Group, green: Green | None) -> bool:
    """Whether the last green run had another wheel of any of these, or none. Without such a run, all have changed."""
    known = {each.name: each.sha256s for each in green.packages} if green else {}
    return any(_sha256(result, name) not in known.get(name, ()) for name in group)


def nightlies(result: CellResult) -> Mapping[str, Proved]:
    """The projects whose planned nightly was proved to be there, by name. What can't be so many are the first ones."""
    found = {each.name: each for each in (result.proof.nightlies if result.proof else ()) if _NAME.fullmatch(each.name)}
    return {name: found[name] for name in sorted(found)[:_MOST_NIGHTLIES]}


def stable_version(result: CellResult, name: str) -> str | None:
    """The version that a project has without the channel, None where that isn't known."""
    proved, planned = nightlies(result).get(name), _planned(result).get(name)
    return (proved and proved.stable) or (planned and planned.stable) or None


def _planned(result: CellResult) -> Mapping[str, Package]:
    return {package.name: package for package in (result.plan.packages if result.plan else ())}


def _sha256(result: CellResult, name: str) -> str | None:
    planned = _planned(result).get(name)
    return nightlies(result)[name].sha256 or (planned and planned.sha256) or None


def _bonds(result: CellResult) -> Iterator[tuple[str, str]]:
    there = nightlies(result)
    for name, proved in there.items():
        others = bound(proved.requires, lambda other: stable_version(result, other))
        yield from ((name, other) for other in others if other in there)
