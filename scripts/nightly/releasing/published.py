"""What a run has published: projects, each with the version that it has on a channel. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from nightly.data import Unreadable, from_json
from nightly.errors import bad_input
from nightly.options import names

_ALLOWED = (
    'the output `versions` of publish-channel.yml ({"PROJECT": ["VERSION"]}), or PROJECT==VERSION by comma or line, '
    "each project once"
)


@dataclass(frozen=True)
class Published:
    """A project in one version, as an installer is asked for it."""

    project: NormalizedName
    version: Version

    @property
    def requirement(self) -> str:
        return f"{self.project}=={self.version}"


@dataclass(frozen=True)
class _Versions:
    """The action's output, by the names of projects."""

    versions: Mapping[str, tuple[str, ...]]


def published(name: str, value: str) -> tuple[Published, ...]:
    """What the input `name` says; nothing where nothing was published.

    Raises:
        UserError: it says something else, or a project has several versions, of which only one can be installed.
    """
    try:
        pairs = _from_json(value) if value.lstrip().startswith("{") else [_pair(each) for each in names(value)]
        found = tuple(Published(canonicalize_name(each, validate=True), Version(version)) for each, version in pairs)
    except (Unreadable, InvalidName, InvalidVersion) as error:
        raise bad_input(name, value, _ALLOWED) from error
    if len({each.project for each in found}) < len(found):
        raise bad_input(name, value, _ALLOWED)
    return found


def _from_json(text: str) -> list[tuple[str, str]]:
    try:
        versions = from_json(_Versions, {"versions": json.loads(text)}).versions
    except (ValueError, RecursionError) as error:
        raise Unreadable("it isn't the output") from error
    return [(project, version) for project, several in versions.items() for version in several]


def _pair(text: str) -> tuple[str, str]:
    project, equals, version = re.sub(r"\s", "", text).partition("==")
    if not equals:
        raise Unreadable(f"{text} names no version")
    return project, version
