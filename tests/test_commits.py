"""From which commit and which repository an installed nightly is."""

from __future__ import annotations

import pytest

from nightly.downstream.proving.commits import commit_in, commit_of_version, version_files
from nightly.downstream.proving.sources import source_url

FULL = "0123456789abcdef0123456789abcdef01234567"

VERSIONS = {
    "3.1.0.dev0+1120.gcb632c1cab": "cb632c1cab",
    "1.0.dev3+gabc1234": "abc1234",
    "1.0.dev3+gabc1234.d20260621": "abc1234",
    "2.1.1+73.g8f83135": "8f83135",
    "2.1.1+73.g8f83135.dirty": "8f83135",
    "2.6.0.dev0+git20260621.abc1234": "abc1234",
    "0.4.36.dev20241122+bf8e9c2": "bf8e9c2",
    f"1.0+g{FULL}": FULL,
    "1.0+g1234567": "1234567",
    "1.0.dev0+G1A2B3C4": "1a2b3c4",
    "2.6.0.dev0": None,
    "25.0.0.dev183": None,
    "1.0.dev3+d20260621": None,
    "1.0.dev20260621+cpu": None,
    "1.0+20260621": None,
    "1.0+gabc12": None,
    "1.0+ubuntu1": None,
    "": None,
}


@pytest.mark.parametrize(("version", "commit"), VERSIONS.items())
def test_a_versions_local_part_names_its_commit(version: str, commit: str | None) -> None:
    assert commit_of_version(version) == commit


MODULES = {
    "numpy": (f'version = "2.6.0.dev0"\n__version__ = version\ngit_revision = "{FULL}"\nrelease = False\n', FULL),
    "scipy": ('full_version = "1.17.0.dev0"\ngit_revision = "abc1234"\ncommit_count = "12"\n', "abc1234"),
    "pandas": (f'__version__="3.1.0.dev0+1120.gcb632c1cab"\n__git_version__="{FULL}"\n', FULL),
    "setuptools-scm": ("__version__ = version = '1.0'\n__commit_id__ = commit_id = 'gabc1234'\n", "abc1234"),
    "setuptools-scm, typed": ("commit_id: COMMIT_ID\n__commit_id__: str | None = 'gabc1234'\n", "abc1234"),
    "versioneer": (f'version_json = """{{"dirty": false, "full-revisionid": "{FULL}", "version": "1"}}"""', FULL),
    "none": ('__version__ = "1.0"\n', None),
    "setuptools-scm, without one": ("__commit_id__ = commit_id = None\n", None),
    "what git was to fill in": ('git_full = "$Format:%H$"\ngit_revision = "Unknown"\n', None),
    "another's": ('colour = "abcdef0"\n', None),
    "empty": ("", None),
}


@pytest.mark.parametrize(("text", "commit"), MODULES.values(), ids=MODULES)
def test_a_module_names_its_commit(text: str, commit: str | None) -> None:
    assert commit_in(text) == commit


def test_the_outermost_modules_of_a_package_are_read() -> None:
    record = ["numpy/__init__.py", "numpy/_vendor/foo/version.py", "numpy/version.py", "numpy/tests/_version.py"]
    assert version_files(record) == ["numpy/version.py"]
    assert version_files(["google/thing/_version.py", "google/thing/core.py"]) == ["google/thing/_version.py"]


@pytest.mark.parametrize("path", ["../version.py", "/version.py", "a/../../version.py"])
def test_no_file_outside_of_the_environment_is_read(path: str) -> None:
    assert version_files([path]) == []


SOURCES = {
    "source": ({"Source": "https://github.com/numpy/numpy"}, "", "https://github.com/numpy/numpy"),
    "a page in it": ({"Source Code": "https://github.com/a/b/tree/main/python"}, "", "https://github.com/a/b"),
    "a clone's address": ({"repository": "https://github.com/a/b.git"}, "", "https://github.com/a/b"),
    "gitlab": ({"Code": "https://gitlab.com/a/b/-/tree/main"}, "", "https://gitlab.com/a/b"),
    "the source before the home page": (
        {"Homepage": "https://github.com/a/site", "Source": "https://github.com/a/b"},
        "",
        "https://github.com/a/b",
    ),
    "the home page": ({"Homepage": "https://github.com/a/b#readme"}, "", "https://github.com/a/b"),
    "the old field": ({"Docs": "https://a.org"}, "https://github.com/a/b/", "https://github.com/a/b"),
    "the tracker": (
        {"Bug Tracker": "https://github.com/a/b/issues", "Homepage": "https://a.org"},
        "",
        "https://github.com/a/b",
    ),
    "a sponsor": ({"Homepage": "https://github.com/sponsors/a"}, "", None),
    "an owner alone": ({"Source": "https://github.com/a"}, "", None),
    "another host": ({"Source": "https://git.a.org/a/b"}, "", None),
    "a host that looks alike": ({"Source": "https://github.com.evil.org/a/b"}, "", None),
    "a name before the host": ({"Source": "https://github.com@evil.example/a/b"}, "", None),
    "no https": ({"Source": "http://github.com/a/b"}, "", None),
    "a script": ({"Source": "javascript:alert(1)"}, "", None),
    "half an address": ({"Source": "https://[::1/a/b"}, "", None),
    "a name with markup": ({"Source": "https://github.com/a/b](x)"}, "", None),
    "a group in a group": ({"Source": "https://gitlab.com/a/b/c"}, "", None),
    "nothing": ({}, "", None),
}


@pytest.mark.parametrize(("urls", "home_page", "found"), SOURCES.values(), ids=SOURCES)
def test_metadata_names_the_repository(urls: dict[str, str], home_page: str, found: str | None) -> None:
    assert source_url(urls, home_page) == found
