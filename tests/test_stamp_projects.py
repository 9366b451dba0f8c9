"""How a project takes its version is told by its files, and where it's written, nothing but the version changes."""

from __future__ import annotations

import sys

import pytest

from nightly.errors import UserError
from nightly.stamping.editing import with_version
from nightly.stamping.project import Files, project_of
from nightly.stamping.reading import parse_toml
from nightly.stamping.repository import version_of
from nightly.stamping.source import Project, Way

reads_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="pyproject.toml is read from Python 3.11 on")


def requires(*needed: str) -> str:
    return f"[build-system]\nrequires = {list(needed)}\n"


DYNAMIC = '[project]\nname = "Demo"\ndynamic = ["version"]\n'
POETRY = '[tool.poetry]\nname = "Demo"\nversion = "1.3.0.dev0"\n'

PYPROJECTS = {
    "static": ('[project]\nname = "Demo"\nversion = "1.2"', Project("Demo", Way.STATIC, "1.2", "project")),
    "static, with setuptools-scm for its files": (
        requires("setuptools_scm>=8") + '[project]\nname = "Demo"\nversion = "1.2"',
        Project("Demo", Way.STATIC, "1.2", "project"),
    ),
    "poetry": (POETRY, Project("Demo", Way.STATIC, "1.3.0.dev0", "tool.poetry")),
    "poetry 2": (
        DYNAMIC + '[tool.poetry]\nversion = "1.3.0.dev0"',
        Project("Demo", Way.STATIC, "1.3.0.dev0", "tool.poetry"),
    ),
    "poetry-dynamic-versioning": (
        requires("poetry-core>=1", "poetry-dynamic-versioning>=1,<2") + POETRY,
        Project("Demo", Way.POETRY_DYNAMIC),
    ),
    "setuptools-scm": (
        requires("setuptools", "setuptools_scm[toml]>=8") + DYNAMIC,
        Project("Demo", Way.SETUPTOOLS_SCM),
    ),
    "setuptools-scm by meson": (
        requires("meson-python", "setuptools-scm") + DYNAMIC,
        Project("Demo", Way.SETUPTOOLS_SCM),
    ),
    "setuptools-scm with a scheme": (
        requires("setuptools-scm") + DYNAMIC + '[tool.setuptools_scm]\nversion_scheme = "release-branch-semver"',
        Project("Demo", Way.SETUPTOOLS_SCM, scheme="release-branch-semver"),
    ),
    "setuptools-scm with its own scheme": (
        requires("setuptools-scm") + DYNAMIC + '[tool.setuptools_scm]\nversion_scheme = "guess-next-dev"',
        Project("Demo", Way.SETUPTOOLS_SCM),
    ),
    "a module's version, with setuptools-scm for its files": (
        requires("setuptools-scm") + DYNAMIC + '[tool.setuptools.dynamic]\nversion = {attr = "demo.__version__"}',
        Project("Demo", Way.OTHER),
    ),
    "hatch-vcs": (
        requires("hatchling", "hatch-vcs") + DYNAMIC + '[tool.hatch.version]\nsource = "vcs"',
        Project("Demo", Way.HATCH_VCS),
    ),
    "hatch-vcs with a scheme": (
        requires("hatch-vcs")
        + DYNAMIC
        + '[tool.hatch.version]\nsource = "vcs"\nraw-options.version_scheme = "no-guess-dev"',
        Project("Demo", Way.HATCH_VCS, scheme="no-guess-dev"),
    ),
    "hatch's own": (
        requires("hatchling") + DYNAMIC + '[tool.hatch.version]\npath = "demo.py"',
        Project("Demo", Way.OTHER),
    ),
    "pdm-backend": (
        requires("pdm-backend") + DYNAMIC + '[tool.pdm.version]\nsource = "scm"',
        Project("Demo", Way.PDM_BACKEND),
    ),
    "versioneer": (
        requires("versioneer[toml]") + DYNAMIC + '[tool.versioneer]\nstyle = "pep440"',
        Project("Demo", Way.OTHER, versioneer_style="pep440"),
    ),
    "meson-python": (requires("meson-python") + DYNAMIC, Project("Demo", Way.OTHER, of_commit=True)),
    "meson-python, static": (
        requires("meson-python") + '[project]\nversion = "1.2"',
        Project("", Way.STATIC, "1.2", "project", of_commit=True),
    ),
    "nonsense": ("project = 1\n[tool]\npoetry = []\n[build-system]\nrequires = [1, '???']", Project("", Way.OTHER)),
    "nothing": ("", Project("", Way.OTHER)),
}


@reads_toml
@pytest.mark.parametrize(("pyproject", "project"), PYPROJECTS.values(), ids=PYPROJECTS)
def test_a_projects_way_to_its_version_is_told_by_pyproject_toml(pyproject: str, project: Project) -> None:
    assert project_of(Files(parse_toml(pyproject))) == project


@pytest.mark.parametrize(
    ("setup_cfg", "setup_py", "project"),
    [
        ("[metadata]\nname = Demo", "setup(use_scm_version=True)", Project("Demo", Way.SETUPTOOLS_SCM)),
        ("", "setup(use_scm_version=True)", Project("", Way.SETUPTOOLS_SCM)),
        ("[metadata]\nname = Demo\nversion = 1.3.0.dev0", "setup()", Project("Demo", Way.OTHER, "1.3.0.dev0")),
        ("[metadata]\nname = Demo\nversion = attr: demo.__version__", "", Project("Demo", Way.OTHER)),
        ("[versioneer]\nstyle = pep440\n", "", Project("", Way.OTHER, versioneer_style="pep440")),
        ("no ini", "", Project("", Way.OTHER)),
    ],
)
def test_older_projects_have_it_in_setup_cfg_and_setup_py(setup_cfg: str, setup_py: str, project: Project) -> None:
    assert project_of(Files({}, setup_cfg, setup_py)) == project


@pytest.mark.parametrize(
    ("meson_build", "declared"),
    [
        ("project('demo', 'c', version: '1.3.0.dev0')", "1.3.0.dev0"),
        ("project(\n  'demo',\n  version : '1.3.0.dev0',\n  default_options: ['a=b'],\n)", "1.3.0.dev0"),
        (
            "project('demo', version: run_command(['v.py'], check: true).stdout())\nx = dep('y', version: '1.0')",
            "",
        ),
        ("project('demo')\ndependency('y', version: '1.0')", ""),
        ("", ""),
    ],
)
def test_meson_says_its_next_release_where_that_is_written_down(meson_build: str, declared: str) -> None:
    assert project_of(Files({}, meson_build=meson_build)).declared == declared


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2.0", "1.2.0"),
        ("v1.2.0", "1.2.0"),
        ("V1.2", "1.2"),
        ("v8.0.dev", "8.0.dev0"),
        ("1.2.0-rc.1", "1.2.0rc1"),
        ("1.2.0-1", "1.2.0.post1"),
        ("v1.2.0+local", "1.2.0"),
        ("demo-pkg-1.2.0", "1.2.0"),
        ("Demo_Pkg-v1.2.0", "1.2.0"),
        ("demo.pkg/v1.2.0", "1.2.0"),
        ("release/1.2.0", "1.2.0"),
        ("rel-1.2.0", "1.2.0"),
        ("other-pkg-9.0", None),
        ("nightly", None),
        ("v1.2.0-broken", None),
        ("2026-11-21-data", None),
        ("", None),
    ],
)
def test_a_tag_names_a_version_of_this_project_or_none(tag: str, version: str | None) -> None:
    found = version_of(tag, "demo-pkg")
    assert (str(found) if found else None) == version


EDITS = {
    "plain": '[project]\nname = "demo"\nversion = "1.2.0"  # raised by hand\n',
    "single quotes and spaces": "[project]\nname='demo'\nversion   =   '1.2.0'\n",
    "windows newlines": '[project]\r\nname = "demo"\r\nversion = "1.2.0"\r\n',
    "dotted": 'project.name = "demo"\nproject.version = "1.2.0"\n',
    "inline": 'project = {name = "demo", version = "1.2.0"}\n',
    "quoted key": '[project]\n"version" = "1.2.0"\n',
    "others beside it": '# version = "1.2.0"\n[tool.a]\nversion = "1.2.0"\n[project]\nversion = "1.2.0"\n[tool.b]\n'
    'x = """\nversion = "1.2.0"\n"""\nversion = "1.2.0"\n',
    "no newline at the end": '[project]\nversion = "1.2.0"',
}


@reads_toml
@pytest.mark.parametrize("text", EDITS.values(), ids=EDITS)
def test_only_the_version_changes_to_the_letter(text: str) -> None:
    after = with_version(text, "project", "1.3.0.dev20261121", parse_toml)
    assert parse_toml(after) == parse_toml(text) | {
        "project": parse_toml(text)["project"] | {"version": "1.3.0.dev20261121"}  # type: ignore[operator]  # it's a table
    }
    assert after.replace("1.3.0.dev20261121", "1.2.0") == text
    assert with_version(after, "project", "1.3.0.dev20261121", parse_toml) == after


@reads_toml
def test_poetrys_version_is_changed_in_its_own_table() -> None:
    text = '[tool.other]\nversion = "1.3.0.dev0"\n' + POETRY
    after = with_version(text, "tool.poetry", "1.3.0.dev1", parse_toml)
    assert after == text[: -len(POETRY)] + POETRY.replace("dev0", "dev1")


@reads_toml
@pytest.mark.parametrize(
    "text",
    [
        '[project]\nversion = """1.2.0"""\n',
        '[project]\nversion = "1.2\\u002e0"\n',
        '[project]\ndynamic = ["version"]\n',
    ],
    ids=["three quotes", "escapes", "dynamic"],
)
def test_a_version_that_is_not_found_in_the_text_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="isn't found"):
        with_version(text, "project", "2.0", parse_toml)


@reads_toml
def test_what_is_no_toml_is_said() -> None:
    with pytest.raises(UserError, match="isn't TOML"):
        parse_toml("[project")


@pytest.mark.skipif(sys.version_info >= (3, 11), reason="this Python reads TOML")
def test_an_old_python_says_which_one_is_needed() -> None:
    with pytest.raises(UserError, match=r"Python 3\.11"):
        parse_toml("")
