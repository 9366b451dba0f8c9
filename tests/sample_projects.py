"""Small projects to install from a checkout, with a build backend of their own: nothing is fetched to build them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

_BACKEND = '''\
"""A build backend for a project of one module, in a folder of its own."""
import base64, hashlib, os, zipfile

NAME, VERSION, HEADERS, MODULES = {about}

def _stem():
    return NAME.replace("-", "_") + "-" + VERSION

def _metadata():
    return "\\n".join(["Metadata-Version: 2.1", "Name: " + NAME, "Version: " + VERSION, *HEADERS, ""])

WHEEL = "Wheel-Version: 1.0\\nGenerator: sample\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def prepare_metadata_for_build_wheel(directory, settings=None):
    folder = _stem() + ".dist-info"
    os.mkdir(os.path.join(directory, folder))
    for name, text in (("METADATA", _metadata()), ("WHEEL", WHEEL)):
        with open(os.path.join(directory, folder, name), "w") as file:
            file.write(text)
    return folder

def build_wheel(directory, settings=None, metadata=None):
    about = _stem() + ".dist-info/"
    files = {{name: open(name).read() for name in MODULES}}
    files.update({{about + "METADATA": _metadata(), about + "WHEEL": WHEEL}})
    rows = [
        "%s,sha256=%s,%d" % (
            name, base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode(),
            len(text.encode()),
        )
        for name, text in files.items()
    ]
    files[about + "RECORD"] = "\\n".join(rows + [about + "RECORD,,", ""])
    name = _stem() + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
    return name

build_editable = build_wheel
'''


def project_files(
    name: str = "demo-app",
    requires: Sequence[str] = (),
    *,
    extras: Mapping[str, Sequence[str]] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    modules: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    version: str = "1.0",
) -> dict[str, str]:
    """The files of a checkout: a pyproject.toml, modules that are installed, and other files such as tests."""
    installed = dict(modules or {f"{name.replace('-', '_')}.py": f'__version__ = "{version}"\n'})
    headers = [f"Requires-Dist: {each}" for each in requires]
    for extra, its in (extras or {}).items():
        headers += [f"Provides-Extra: {extra}", *(_for_extra(each, extra) for each in its)]
    about = repr((name, version, headers, sorted(installed)))
    return {
        "pyproject.toml": _pyproject(name, version, requires, extras or {}, groups or {}),
        "sample_backend.py": _BACKEND.format(about=about),
        **installed,
        **(files or {}),
    }


def make_project(directory: Path, *arguments: str | Sequence[str], **more: object) -> Path:
    """Write the files of `project_files` to a directory, which is made if needed."""
    for name, text in project_files(*arguments, **more).items():  # type: ignore[arg-type]  # passed on as they come
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def _for_extra(requirement: str, extra: str) -> str:
    before, _, marker = (part.strip() for part in requirement.partition(";"))
    condition = f'extra == "{extra}"'
    return f"Requires-Dist: {before}; {f'({marker}) and {condition}' if marker else condition}"


def _pyproject(
    name: str,
    version: str,
    requires: Sequence[str],
    extras: Mapping[str, Sequence[str]],
    groups: Mapping[str, Sequence[str]],
) -> str:
    lines = ["[build-system]", "requires = []", 'build-backend = "sample_backend"', 'backend-path = ["."]', ""]
    lines += ["[project]", f"name = {json.dumps(name)}", f"version = {json.dumps(version)}"]
    lines += [f"dependencies = {json.dumps(list(requires))}"]
    lines += ["", "[project.optional-dependencies]"] * bool(extras)
    lines += [f"{extra} = {json.dumps(list(its))}" for extra, its in extras.items()]
    lines += ["", "[dependency-groups]"] * bool(groups)
    lines += [f"{group} = {json.dumps(list(its))}" for group, its in groups.items()]
    return "\n".join([*lines, ""])
