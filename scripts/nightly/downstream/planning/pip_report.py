"""pip's report of what it would install (its documentation, "Installation Report", version 1). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from nightly.data import parse
from nightly.downstream.planning.resolving import Resolution, Resolved, Wanted
from nightly.errors import bad_input


@dataclass(frozen=True)
class _Metadata:
    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Origin:
    """Of directories alone it has `dir_info`."""

    url: str
    dir_info: Mapping[str, bool] | None = None


@dataclass(frozen=True)
class _Item:
    metadata: _Metadata
    download_info: _Origin
    is_direct: bool
    requested_extras: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return canonicalize_name(self.metadata.name)


@dataclass(frozen=True)
class _Report:
    install: tuple[_Item, ...]


def read_report(content: bytes, wanted: Wanted, markers: Mapping[str, str]) -> Resolution:
    """What it says would be installed, but for the project itself.

    Raises:
        UserError: the project has no extra of a name that is wanted, of which pip only warns.
        Unreadable: it isn't a report.
    """
    items = parse(_Report, content, "pip's report").install
    _check_extras(wanted.extras, [item for item in items if _is_the_project(item, wanted)])
    extras, requires = _applying(items, wanted, markers)
    return Resolution(
        tuple(
            Resolved(
                name=item.name,
                version=item.metadata.version,
                requires=tuple(str(each) for each in requires[item.name]),
                url=item.download_info.url if item.is_direct else None,
                extras=tuple(sorted(extras[item.name])),
            )
            for item in items
            if not _is_the_project(item, wanted)
        )
    )


def _is_the_project(item: _Item, wanted: Wanted) -> bool:
    directory = item.download_info.url.rstrip("/")
    return wanted.project is not None and item.is_direct and directory == wanted.project.resolve().as_uri().rstrip("/")


def _check_extras(extras: Iterable[str], projects: Iterable[_Item]) -> None:
    for provided in (project.metadata.provides_extra for project in projects):
        known = {canonicalize_name(extra) for extra in provided}
        for extra in extras:
            if canonicalize_name(extra) not in known:
                raise bad_input("extras", extra, ", ".join(sorted(known)) or "none, for the project has no extras")


def _applying(
    items: Sequence[_Item], wanted: Wanted, markers: Mapping[str, str]
) -> tuple[Mapping[str, set[str]], Mapping[str, list[Requirement]]]:
    """The extras with which each project is required, and its requirements that apply with these."""
    extras: dict[str, set[str]] = defaultdict(set)
    for item in items:
        extras[item.name].update(item.requested_extras)
        if _is_the_project(item, wanted):
            extras[item.name].update(wanted.extras)
    while True:
        before = sum(map(len, extras.values()))
        requires = {item.name: list(_requirements(item, extras[item.name], markers)) for item in items}
        for requirement in (each for one in requires.values() for each in one):
            extras[canonicalize_name(requirement.name)].update(requirement.extras)
        if before == sum(map(len, extras.values())):
            return extras, requires


def _requirements(item: _Item, extras: set[str], markers: Mapping[str, str]) -> Iterator[Requirement]:
    for text in item.metadata.requires_dist:
        try:
            requirement = Requirement(text)
            applies = requirement.marker is None or any(
                requirement.marker.evaluate({**markers, "extra": extra}) for extra in ("", *extras)
            )
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            continue
        if applies:
            yield requirement
