"""Reading what an index says of a project: JSON (PEP 691, 700), HTML (PEP 503, 592), or any page of links. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urldefrag, urljoin

from nightly.auth import may_lead
from nightly.fetching.files import IndexFile
from nightly.fetching.names import is_file_name, safe_name
from nightly.json_types import Json
from nightly.simple_page import linked_name, links_and_base

_HEX = {"sha256": re.compile("[0-9a-f]{64}"), "md5": re.compile("[0-9a-f]{32}")}


class Unreadable(ValueError):
    """It isn't a page of an index."""


class CutShort(Unreadable):
    """It isn't a whole page."""


class UnsafeLink(ValueError):
    """A page leads to where no page may lead."""


def read_json(text: str, url: str) -> tuple[IndexFile, ...]:
    """The files on a page that is JSON; links are relative to its URL.

    Raises:
        CutShort, Unreadable, UnsafeLink, UnsafeName: as their names say.
    """
    try:
        page: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CutShort("it says that it is JSON, but isn't") from error
    meta = page.get("meta") if isinstance(page, dict) else None
    files = page.get("files") if isinstance(page, dict) else None
    if not isinstance(meta, dict) or not isinstance(files, list):
        raise Unreadable("it is JSON, but not an index's page as PEP 691 has it")
    if not str(meta.get("api-version", "1")).startswith("1"):
        raise Unreadable(f"it has the version {meta['api-version']!r:.20} of the simple API, which isn't known here")
    return tuple(_from_json(file, url) for file in files if _is_listed(file))


def read_html(text: str, url: str) -> tuple[IndexFile, ...]:
    """The files that a page of HTML links; the same as of JSON.

    Raises:
        CutShort, UnsafeLink, UnsafeName: as their names say.
    """
    if "<html" in text and "</html" not in text:
        raise CutShort("it is HTML without an end")
    found, base = links_and_base(text)
    return tuple(_from_html(found, _joined(url, base) or url))


def _is_listed(file: Json) -> bool:
    """Eggs and installers of old are no wheels and no sdists. What is no record at all makes the page unreadable."""
    if not isinstance(file, dict) or not isinstance(file.get("filename"), str):
        raise Unreadable("a file on it has no name")
    return is_file_name(str(file["filename"]))


def _from_json(file: Json, base: str) -> IndexFile:
    if not isinstance(file, dict) or not isinstance(file.get("url"), str):
        raise Unreadable("a file on it has no address")
    hashes, size, yanked = file.get("hashes"), file.get("size"), file.get("yanked")
    told = hashes if isinstance(hashes, dict) else {}
    return IndexFile(
        filename=safe_name(str(file["filename"])),
        url=_address(str(file["url"]), base),
        sha256=_hash("sha256", told.get("sha256")),
        md5=_hash("md5", told.get("md5")),
        size=size if type(size) is int and size >= 0 else None,
        yanked=yanked if isinstance(yanked, str) else "" if yanked is True else None,
    )


def _from_html(found: list[dict[str, str]], base: str) -> Iterator[IndexFile]:
    for link in found:
        href = link.get("href", "").strip()
        name = linked_name(href)
        if is_file_name(name):
            told = _of_fragment(href)
            yield IndexFile(
                filename=safe_name(name),
                url=_address(href, base),
                sha256=_hash("sha256", told.get("sha256")),
                md5=_hash("md5", told.get("md5")),
                yanked=link.get("data-yanked"),
            )


def _of_fragment(href: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(urldefrag(href).fragment).items()}


def _address(link: str, base: str) -> str:
    address = urldefrag(_joined(base, link)).url
    if not may_lead(base, address):
        raise UnsafeLink(f"it leads to {address.partition('?')[0]!r:.300}")
    return address


def _joined(base: str, link: str) -> str:
    """The link as an address; none where it can't be one."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _hash(kind: str, value: Json) -> str | None:
    told = value.lower() if isinstance(value, str) else ""
    return told if _HEX[kind].fullmatch(told) else None
