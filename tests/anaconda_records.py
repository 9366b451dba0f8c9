"""The shapes in which anaconda.org tells what it has: JSON records and index pages, as they were recorded."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from anaconda_model import Package, Release, StoredFile
from exchanges import Json

MEMBER_SINCE = "2015-09-18 21:41:59.933000+00:00"


@dataclass(frozen=True)
class Style:
    """What differs between recorded answers: whether a file's record has its `sha256`, and its `_id`.

    `host` is the one that records name in download_url; it isn't where the stand-in is.
    """

    sha256: bool = True
    ids: bool = False
    host: str = "api.anaconda.invalid"


def owner_record(login: str, *, organization: bool) -> dict[str, Json]:
    return {
        "login": login,
        "name": None,
        "company": None,
        "location": None,
        "url": None,
        "description": "",
        "created_at": MEMBER_SINCE,
        "user_type": "org" if organization else "user",
    }


def file_record(file: StoredFile, style: Style) -> dict[str, Json]:
    full_name = f"{file.owner}/{file.package}/{file.version}/{file.basename}"
    record: dict[str, Json] = {
        "description": None,
        "dependencies": file.dependencies,
        "distribution_type": "pypi",
        "basename": file.basename,
        "attrs": file.attrs,
        "upload_time": file.upload_time,
        "md5": file.md5,
        "size": file.size,
        "full_name": full_name,
        "download_url": f"//{style.host}/download/{full_name}",
        "type": "pypi",
        "version": file.version,
        "ndownloads": 0,
        "owner": file.owner,
        "labels": list(file.labels),
    }
    if style.sha256:
        record["sha256"] = file.sha256
    if style.ids:
        record["_id"] = file.id
    return record


def file_records(files: Iterable[StoredFile], style: Style) -> list[Json]:
    return [file_record(file, style) for file in files]


def release_record(release: Release, style: Style) -> dict[str, Json]:
    return {
        "version": release.version,
        "public_attrs": {"description": release.attrs.get("description")},
        "distributions": file_records(release.files.values(), style),
    }


def listed_package_record(owner: str, package: Package) -> dict[str, Json]:
    """A package as one of a list: the owner is a name, and there are no files."""
    versions: list[Json] = [release.version for release in package.ordered]
    return {
        "name": package.name,
        "id": package.id,
        "full_name": f"{owner}/{package.name}",
        "owner": owner,
        "package_types": ["pypi"],
        "summary": package.attrs.get("summary"),
        "description": package.attrs.get("description"),
        "license": None,
        "license_url": None,
        "home": "None",
        "dev_url": None,
        "doc_url": None,
        "source_git_url": None,
        "source_git_tag": None,
        "public": True,
        "url": f"http://{Style.host}/packages/{owner}/{package.name}",
        "html_url": f"http://anaconda.invalid/{owner}/{package.name}",
        "versions": versions,
        "latest_version": versions[-1] if versions else "",
        "revision": len(versions),
        "conda_platforms": [],
        "builds": [],
        "app_entry": {},
        "app_type": {},
        "app_summary": {},
    }


def package_record(owner: str, package: Package, style: Style) -> dict[str, Json]:
    """A package by itself: the owner is a record, and its files are there."""
    return listed_package_record(owner, package) | {
        "owner": owner_record(owner, organization=True),
        "releases": [release_record(release, style) for release in package.ordered],
        "files": file_records(package.files, style),
        "watchers": 1,
        "upvoted": 0,
        "created_at": package.created_at,
        "modified_at": package.created_at,
    }


def root_page(names: Sequence[str]) -> str:
    return _page("Simple index", [f'<a href="{quote(name)}/">{html.escape(name)}</a>' for name in names])


def project_page(package: Package, files: Iterable[StoredFile], root: str) -> str:
    """The page of one project below the path `root`. Its first link is to the project's home, not to a file."""
    homes = [str(release.attrs["home_page"]) for release in package.ordered if release.attrs.get("home_page")]
    links = [f'<a href="{html.escape(home)}">{html.escape(home)}</a>' for home in homes[-1:]]
    for file in files:
        path = "/".join(quote(part) for part in (package.name, file.version, file.basename))
        links.append(f'<a href="{root}/{path}">{html.escape(file.basename)}</a>')
    return _page(f"Links for {package.name}", links)


def _page(title: str, links: Sequence[str]) -> str:
    body = "<br/>\n".join(links)
    return f"<html>\n<head><title>{html.escape(title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
