"""What METADATA says, the core metadata of a wheel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.metadata import RawMetadata, parse_email
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import Version

from nightly.archive import BadWheel


@dataclass(frozen=True)
class Metadata:
    """The fields of METADATA that a channel shows. An empty one is absent, or was given twice where one is allowed.

    `license` is the old free-text field. `home_page` is Home-page, else the Project-URL that is labelled so.
    """

    name: str
    version: str
    summary: str
    license: str
    home_page: str
    description: str
    requires_dist: tuple[str, ...]
    requires_python: str


def parse_metadata(data: bytes) -> Metadata:
    """Read METADATA, tolerantly but for Name and Version (core metadata specification).

    Raises:
        BadWheel: it isn't UTF-8, or its Name or Version is missing, repeated or invalid.
    """
    raw = _fields(data)
    name, version = raw.get("name", "").strip(), raw.get("version", "").strip()
    _check_identity(name, version)
    return Metadata(
        name=name,
        version=version,
        summary=raw.get("summary", ""),
        license=raw.get("license", ""),
        home_page=_home_page(raw),
        description=raw.get("description", ""),
        requires_dist=tuple(raw.get("requires_dist", ())),
        requires_python=raw.get("requires_python", ""),
    )


def _fields(data: bytes) -> RawMetadata:
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        raise BadWheel(f"METADATA isn't UTF-8 (byte {exc.start}): save the project's description as UTF-8") from exc
    return parse_email(text)[0]


def _check_identity(name: str, version: str) -> None:
    if not name or not version:
        raise BadWheel(f"METADATA has no single {'Version' if name else 'Name'}: build it again")
    try:
        canonicalize_name(name, validate=True)
    except InvalidName as exc:
        raise BadWheel(f"METADATA's Name {name!r} isn't a project name (letters, digits and . _ - between)") from exc
    try:
        Version(version)
    except ValueError as exc:
        raise BadWheel(f"METADATA's Version {version[:200]!r} isn't a version as PEP 440 has it") from exc


def _home_page(raw: RawMetadata) -> str:
    urls = {_label(label): url for label, url in raw.get("project_urls", {}).items()}
    return raw.get("home_page") or urls.get("homepage", "")


def _label(label: str) -> str:
    """A Project-URL's label, normalised as the well-known labels specification says."""
    return re.sub(r"[\W_]", "", label).lower()
