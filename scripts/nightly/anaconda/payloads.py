"""What the API's requests hold: the payloads that anaconda-client 1.16 sends for the same wheel."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nightly.anaconda.records import Record
from nightly.json_types import Json
from nightly.wheels import Wheel, metadata_headers

_SPECIFIER = re.compile(r"(===|~=|==|!=|<=|>=|<|>)\s*([^\s,;()]+)")
_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;@]*)(?:@[^;]*)?(?:;\s*(.*))?$", re.DOTALL
)
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def package_payload(wheel: Wheel) -> Json:
    """The body of `POST /package/ORG/NAME`."""
    metadata = metadata_headers(wheel)
    attributes: Record = {
        "name": wheel.name,
        "summary": metadata.summary,
        "license": {"name": _known(metadata.license), "url": None, "family": None},
        "package_types": ["pypi"],
    }
    return {"public": True, "publish": False, "public_attrs": attributes}


def release_payload(wheel: Wheel) -> Json:
    """The body of `POST /release/ORG/NAME/VERSION`."""
    metadata = metadata_headers(wheel)
    return {
        "requirements": [],
        "announce": None,
        "description": metadata.description.rstrip("\n"),
        "version": wheel.version,
        "home_page": _known(metadata.home_page),
    }


def stage_payload(wheel: Wheel, labels: Iterable[str]) -> Json:
    """The body of `POST /stage/ORG/NAME/VERSION/FILE`: the tags are the file name's, as in anaconda-client."""
    *build, python, abi, _platform = wheel.filename.removesuffix(".whl").split("-")[2:]
    attributes: Record = {
        "build_no": build[0] if build else 0,
        "python_version": python,
        "abi": None if abi == "none" else abi,
        "packagetype": "bdist_wheel",
    }
    return {
        "distribution_type": "pypi",
        "description": None,
        "attrs": attributes,
        "dependencies": dependencies(metadata_headers(wheel).requires_dist),
        "channels": list[Json](sorted(labels)),
        "sha256": wheel.sha256,
    }


def dependencies(requires_dist: Iterable[str]) -> Json:
    """Requires-Dist as the API has it: by no marker, by extra, and by any other marker's text."""
    plain: list[Json] = []
    extras: dict[str, list[Json]] = {}
    environments: dict[str, list[Json]] = {}
    for match in filter(None, map(_REQUIREMENT.match, requires_dist)):
        name, specifiers, marker = match.group(1), match.group(2), (match.group(3) or "").strip()
        specs: list[Json] = [[operator, version] for operator, version in _SPECIFIER.findall(specifiers)]
        if extra := _EXTRA.match(marker):
            group = extras.setdefault(extra[1], [])
        else:
            group = environments.setdefault(marker, []) if marker else plain
        group.append({"name": re.sub(r"[._]", "-", name).lower(), "specs": specs})
    return {
        "has_dep_errors": False,
        "depends": sorted(plain, key=str),
        "extras": _groups(extras),
        "environments": _groups(environments),
    }


def _known(text: str) -> str | None:
    """UNKNOWN is what old versions of setuptools wrote for nothing."""
    return text if text not in ("", "UNKNOWN") else None


def _groups(groups: dict[str, list[Json]]) -> list[Json]:
    return [{"name": name, "depends": required} for name, required in groups.items()]
