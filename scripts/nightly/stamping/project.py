"""How a project takes its version, by what its files say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import Error, RawConfigParser
from contextlib import suppress
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from nightly.stamping.editing import Toml, table_of
from nightly.stamping.source import Project, Way

_OWN_SCHEMES = ("", "guess-next-dev")
_MESON_PROJECT = re.compile(r"\bproject\s*\((?:[^()]|\([^()]*\))*\)")
_MESON_VERSION = re.compile(r"\bversion\s*:\s*'([^'\\]+)'")


@dataclass(frozen=True)
class Files:
    """The files that tell, as they were read; one that isn't there is empty."""

    pyproject: Toml
    setup_cfg: str = ""
    setup_py: str = ""
    meson_build: str = ""


def project_of(files: Files) -> Project:
    """What the files say. The version in pyproject.toml counts first, as it does for every build backend."""
    tool = table_of(files.pyproject, "tool")
    way = _way(files)
    if table := _static_table(files.pyproject, way):
        declared = _text(table_of(files.pyproject, table), "version")
        return Project(_name(files), Way.STATIC, declared, table, of_commit=_is_of_commit(files))
    scheme = _text(table_of(tool, "setuptools_scm"), "version_scheme")
    if way is Way.HATCH_VCS:
        scheme = _text(table_of(tool, "hatch.version.raw-options"), "version_scheme")
    return Project(
        name=_name(files),
        way=way,
        declared=_declared(files) if way is Way.OTHER else "",
        scheme="" if scheme in _OWN_SCHEMES else scheme,
        versioneer_style=_versioneer_style(files),
        of_commit=way is Way.OTHER and _is_of_commit(files),
    )


def _static_table(pyproject: Toml, way: Way) -> str:
    """Where the version is written; empty, if it isn't."""
    if _text(table_of(pyproject, "project"), "version"):
        return "project"
    is_poetry = way is Way.OTHER and _text(table_of(pyproject, "tool.poetry"), "version")
    return "tool.poetry" if is_poetry else ""


def _way(files: Files) -> Way:
    """Leaving aside a version that is written down."""
    needed, tool = _needed(files.pyproject), table_of(files.pyproject, "tool")
    if "poetry-dynamic-versioning" in needed:
        return Way.POETRY_DYNAMIC
    if "hatch-vcs" in needed and table_of(tool, "hatch.version").get("source") == "vcs":
        return Way.HATCH_VCS
    if table_of(tool, "pdm.version").get("source") == "scm":
        return Way.PDM_BACKEND
    # It also lists the files of an sdist, for projects that keep their version elsewhere.
    elsewhere = "version" in table_of(tool, "setuptools.dynamic")
    if ("setuptools-scm" in needed and not elsewhere) or "use_scm_version" in files.setup_py:
        return Way.SETUPTOOLS_SCM
    return Way.OTHER


def _needed(pyproject: Toml) -> frozenset[str]:
    """The names of what the build needs."""
    listed = table_of(pyproject, "build-system").get("requires")
    found = set()
    for each in listed if isinstance(listed, list) else ():
        with suppress(InvalidRequirement):
            found.add(str(canonicalize_name(Requirement(str(each)).name)))
    return frozenset(found)


def _is_of_commit(files: Files) -> bool:
    """meson-python (0.22) lets `meson dist` take the files of HEAD."""
    return "meson-python" in _needed(files.pyproject)


def _name(files: Files) -> str:
    tables = (table_of(files.pyproject, "project"), table_of(files.pyproject, "tool.poetry"))
    return next(filter(None, (_text(table, "name") for table in tables)), _setting(files, "metadata", "name"))


def _declared(files: Files) -> str:
    """A version that is written down elsewhere: in meson.build or setup.cfg."""
    project = _MESON_PROJECT.search(files.meson_build)
    version = _MESON_VERSION.search(project[0]) if project else None
    written = version[1] if version else _setting(files, "metadata", "version")
    return "" if written.startswith(("attr:", "file:")) else written


def _versioneer_style(files: Files) -> str:
    table = table_of(files.pyproject, "tool.versioneer")
    return _text(table, "style") or _setting(files, "versioneer", "style")


def _setting(files: Files, section: str, name: str) -> str:
    parser = RawConfigParser()
    with suppress(Error):
        parser.read_string(files.setup_cfg)
    return parser.get(section, name, fallback="").strip()


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""
