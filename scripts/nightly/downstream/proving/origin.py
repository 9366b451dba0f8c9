"""Where an installed package came from, as its direct_url.json says (PEP 610). Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from nightly.json_types import Json

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """The URL that was asked for, without its fragment.

    `sha256` is None where the installer wrote none, as uv does. `commit` is that of a checkout.
    """

    url: str
    sha256: str | None = None
    commit: str | None = None
    is_editable: bool = False


def parse_origin(text: str) -> Origin | None:
    """None where it isn't what PEP 610 says."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(url, str) or not url:
        return None
    return Origin(
        url=url.partition("#")[0],
        sha256=_sha256(_inner(value, "archive_info")),
        commit=_matching(_COMMIT, _inner(value, "vcs_info").get("commit_id")),
        is_editable=_inner(value, "dir_info").get("editable") is True,
    )


def same_url(one: str, other: str) -> bool:
    """Whether two URLs lead to the same file, however they are quoted (`+` in a version is often `%2B`)."""
    return one == other or _plain(one) == _plain(other)


def _sha256(archive: Mapping[str, Json]) -> str | None:
    """`hashes` is what newer installers write, `hash` what older ones do."""
    hashes, single = archive.get("hashes"), archive.get("hash")
    found = hashes.get("sha256") if isinstance(hashes, dict) else None
    if found is None and isinstance(single, str):
        found = single.removeprefix("sha256=")
    return _matching(_SHA256, found)


def _inner(value: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _matching(pattern: re.Pattern[str], value: Json) -> str | None:
    lower = value.lower() if isinstance(value, str) else ""
    return lower if pattern.fullmatch(lower) else None


def _plain(url: str) -> tuple[str, str, int | None, str, str] | str:
    """Without what doesn't tell two files apart; names and passwords are none of an installer's records."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    default = _PORTS.get(parts.scheme)
    return (parts.scheme, parts.hostname or "", port or default, unquote(parts.path), parts.query)
