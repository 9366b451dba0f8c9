"""Pages as text and back: HTML for installers (PEP 503, 658, 714), JSON for them and for ourselves (PEP 691, 700).

The JSON page is also the channel's memory of the project. What the standard has no key for stands under keys with a
leading underscore, which PEP 691 reserves for the index. The same page is always the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from html import escape
from urllib.parse import quote

from packaging.utils import NormalizedName
from packaging.version import Version

from nightly.directory.page import Page, PageFile, Retired

GENERATOR = '<meta name="generator" content="upload-nightly-action">'
"""Tells a page of ours from another tool's."""

API_VERSION = "1.1"


LONGEST_END = 64
"""Bytes from the end of a JSON page that tell when something of it is due."""

_END = re.compile(r'"_due": (?:null|"([^"]+)")\}\n\Z')


class BadPage(ValueError):
    """A JSON page that isn't what this module wrote."""


def project_html(page: Page) -> str:
    """The page that pip and uv read, with links relative to it, so that the channel can be moved and mirrored."""
    return _html(f"Links for {page.project}", [_anchor(page, file) for file in page.files])


def root_html(projects: Sequence[str]) -> str:
    """The list of all projects."""
    return _html("Projects", [f'<a href="{quote(name)}/">{escape(name)}</a>' for name in projects])


def _html(title: str, links: Sequence[str]) -> str:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            f'<meta name="pypi:repository-version" content="{API_VERSION}">',
            GENERATOR,
            f"<title>{escape(title)}</title></head>",
            f"<body><h1>{escape(title)}</h1>",
            *(f"{link}<br>" for link in links),
            "</body></html>\n",
        ]
    )


def _anchor(page: Page, file: PageFile) -> str:
    attributes = {"href": f"{_url(page, file)}#sha256={file.sha256}"}
    if file.requires_python:
        attributes["data-requires-python"] = file.requires_python
    # PEP 714: the first name is for installers from before it.
    attributes["data-dist-info-metadata"] = attributes["data-core-metadata"] = f"sha256={file.metadata_sha256}"
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {written}>{escape(file.filename)}</a>"


def _url(page: Page, file: PageFile) -> str:
    """Relative to the project's page. A `+` is encoded, because object stores read a bare one as a space."""
    return "../../" + quote(page.path(file))


def root_json(projects: Sequence[str]) -> str:
    """The list of all projects, as PEP 691 has it."""
    return _json({"meta": {"api-version": API_VERSION}, "projects": [{"name": name} for name in projects]})


def project_json(page: Page) -> str:
    """The page as PEP 691 and 700 have it, with what is retired under `_retired`, and when that is due at the end."""
    versions: list[str] = sorted({file.version for file in page.files}, key=Version)
    return _json(
        {
            "meta": {"api-version": API_VERSION},
            "name": page.project,
            "versions": versions,
            "files": [_file_json(page, file) for file in page.files],
            "_retired": [
                {**_file_json(page, retired.file), "_until": _time_text(retired.until)} for retired in page.retired
            ],
            "_due": page.due and _time_text(page.due),
        }
    )


def may_be_due(end: str, now: datetime) -> bool:
    """Whether something of a page is to be removed now, by the end of its text; a page must be read whole if so."""
    match = _END.search(end)
    try:
        return match is None or (match[1] is not None and _time(match[1]) <= now)
    except ValueError:
        return True


def _json(value: object) -> str:
    """On one line: with indentation json is three times as slow, which pages of thousands of files show."""
    return json.dumps(value) + "\n"


def _file_json(page: Page, file: PageFile) -> dict[str, object]:
    fields = {
        "filename": file.filename,
        "url": _url(page, file),
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        "upload-time": _time_text(file.uploaded_at),
        "requires-python": file.requires_python,
        # Not also under its older name, which pip before 23.1.1 can't read as an object (PEP 714).
        "core-metadata": {"sha256": file.metadata_sha256},
    }
    return {name: value for name, value in fields.items() if value is not None}


def page_of(project: NormalizedName, text: str) -> Page:
    """Read what `project_json` wrote.

    Raises:
        BadPage: it's damaged, another project's, or another tool's.
    """
    try:
        value = json.loads(text)
        if value["name"] != project:
            raise BadPage(f"it is the page of {value['name']!r}")
        files = tuple(_file(each) for each in value["files"])
        retired = tuple(Retired(_file(each), _time(each["_until"])) for each in value["_retired"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadPage(f"{type(error).__name__}: {error}") from error
    return Page(project, files, retired)


def _file(value: dict[str, object]) -> PageFile:
    hashes, metadata, requires = value["hashes"], value["core-metadata"], value.get("requires-python")
    size = value["size"]
    if not (isinstance(hashes, dict) and isinstance(metadata, dict) and type(size) is int):
        raise BadPage("a file's hashes or its size aren't there")
    return PageFile(
        filename=_wheel_filename(_text(value["filename"])),
        sha256=_sha256(hashes["sha256"]),
        size=size,
        uploaded_at=_time(value["upload-time"]),
        requires_python=None if requires is None else _text(requires),
        metadata_sha256=_sha256(metadata["sha256"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadPage(f"{value!r} isn't text")
    return value


def _wheel_filename(name: str) -> str:
    """A name that is safe to make a path of, as paths made of it are deleted one day."""
    if not re.fullmatch(r"[^/\\]+-[^/\\]+\.whl", name):
        raise BadPage(f"{name!r} isn't a wheel's file name")
    Version(name.split("-")[1])
    return name


def _sha256(value: object) -> str:
    if not re.fullmatch("[0-9a-f]{64}", _text(value)):
        raise BadPage(f"{value!r} isn't a sha256")
    return _text(value)


def _time(value: object) -> datetime:
    """Python 3.10 doesn't read the `Z` that PEP 700 asks for."""
    time = datetime.fromisoformat(_text(value).replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise BadPage(f"{value!r} has no time zone")
    return time.astimezone(timezone.utc)


def _time_text(time: datetime) -> str:
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
