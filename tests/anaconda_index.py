"""The simple index of anaconda.org: HTML pages of what has the label, and links that lead to storage."""

from __future__ import annotations

import re
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from anaconda_calls import Call, redirect
from anaconda_model import Package, StoredFile, not_found
from anaconda_records import project_page, root_page
from exchanges import Answer, Request

_PATH = re.compile(r"(?P<root>/([^/]+)(?:/label/([^/]+))?/simple)(?:/([^/]*)(?:/([^/]+)/([^/]+)|/?)?)?")


def answer(call: Call, request: Request) -> Answer:
    """Serve `/ORG/simple/`, which shows the label main, or `/ORG/label/LABEL/simple/`, and what is below."""
    found = _PATH.fullmatch(request.plain_path)
    if not found:
        raise not_found(request.plain_path)
    root, owner, label, project, version, basename = (part and unquote(part) for part in found.groups())
    if not owner or not project:
        return _html(root_page(_projects(call, owner or "", label or "main")))
    package = _package(call, owner, project)
    files = [file for file in package.files if (label or "main") in file.labels]
    if not version:
        return _project(call, package, files, root or "")
    for file in files:
        if (file.version, file.basename) == (version, basename):
            return redirect(call, file)
    raise not_found(basename or "")


def _projects(call: Call, owner: str, label: str) -> list[str]:
    packages = call.state.packages(owner).values()
    return [package.name for package in packages if any(label in file.labels for file in package.files)]


def _package(call: Call, owner: str, project: str) -> Package:
    for package in call.state.packages(owner).values():
        if canonicalize_name(package.name) == canonicalize_name(project):
            return package
    raise not_found(project)


def _project(call: Call, package: Package, files: list[StoredFile], root: str) -> Answer:
    if not files:
        raise not_found(package.name)
    return _html(project_page(package, [file for file in files if call.state.indexed(file)], root))


def _html(page: str) -> Answer:
    return Answer(200, page.encode(), "text/html; charset=utf-8")
