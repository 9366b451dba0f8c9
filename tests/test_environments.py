"""Which environments a proof looks into."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nightly.downstream.proving.environments import environment_of, find_environments
from nightly.errors import UserError

LAYOUT = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.13/site-packages"


def make(root: Path, *names: str, layout: str = LAYOUT, mark: str = "pyvenv.cfg") -> list[str]:
    """Environments as far as their directories go; returns where their packages are."""
    for name in names:
        (root / name / layout).mkdir(parents=True)
        (root / name / mark).touch()
    return [str(root / name / layout) for name in names]


def below(root: Path, *prefixes: str) -> set[str]:
    """What is found besides the environment of the Python that runs the tests."""
    return {*find_environments(root, sys.executable, prefixes)} - {environment_of(sys.executable)}


def test_the_pythons_own_environment_comes_first(tmp_path: Path) -> None:
    make(tmp_path, ".venv")
    assert find_environments(tmp_path, sys.executable, ())[0] == environment_of(sys.executable)


def test_an_environment_is_where_its_python_imports_from(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "uv", "venv", "--no-config", "--quiet", "--python", sys.executable]
    subprocess.run([*command, str(tmp_path / "env")], check=True)
    python = next(path for path in (tmp_path / "env").glob("*/python*") if path.stem == "python")
    command = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert environment_of(str(python)) == said
    assert find_environments(tmp_path, str(python), ()) == (said,)


def test_an_environment_with_the_systems_packages_imports_from_there_too(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    (found,) = below(tmp_path)
    assert found == environment_of(str(python))
    assert os.pathsep in found


def test_an_environment_whose_python_is_gone_is_looked_into_all_the_same(tmp_path: Path) -> None:
    found = make(tmp_path, ".venv")
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("include-system-site-packages = true\n", encoding="utf-8")
    assert below(tmp_path) == set(found)


@pytest.mark.parametrize("name", [".venv", ".tox/py313", ".nox/tests-3-13", "build/env", "a/b/c/d/e"])
def test_environments_below_the_project_are_found(tmp_path: Path, name: str) -> None:
    found = make(tmp_path, name)
    assert below(tmp_path) == set(found)


@pytest.mark.parametrize(
    "name",
    ["node_modules/env", ".git/env", "a/b/c/d/e/f", ".tox/.pkg", ".tox/.pkg-cpython313", ".tox/.tox", "x/hatch-build"],
)
def test_what_isnt_searched_or_is_only_for_building_is_left_out(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)
    assert below(tmp_path) == set()


@pytest.mark.parametrize(
    "layout",
    [
        "lib/python3.13/site-packages",
        "lib/python3.14t/site-packages",
        "lib/pypy3.11/site-packages",
        "Lib/site-packages",
    ],
)
def test_each_systems_layout_is_known(tmp_path: Path, layout: str) -> None:
    found = make(tmp_path, "env", layout=layout)
    assert below(tmp_path) == set(found)


def test_condas_environments_are_found(tmp_path: Path) -> None:
    (tmp_path / ".pixi/envs/default/conda-meta").mkdir(parents=True)
    packages = tmp_path / ".pixi/envs/default" / LAYOUT
    packages.mkdir(parents=True)
    assert below(tmp_path) == {str(packages)}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_no_second_environment_and_no_loop(tmp_path: Path) -> None:
    found = make(tmp_path, ".venv")
    (tmp_path / ".venv/lib64").symlink_to("lib")
    (tmp_path / "again").symlink_to(".venv")
    (tmp_path / "loop").symlink_to(".")
    assert below(tmp_path) == set(found)


def test_where_the_tests_have_run_is_all_that_counts(tmp_path: Path) -> None:
    tested, _ = make(tmp_path, ".tox/py313", ".venv")
    assert find_environments(tmp_path, sys.executable, [str(tmp_path / ".tox/py313")]) == (tested,)


def test_tests_that_ran_in_the_pythons_own_environment_are_found_there(tmp_path: Path) -> None:
    make(tmp_path, ".venv")
    assert find_environments(tmp_path, sys.executable, [sys.prefix]) == (environment_of(sys.executable),)


def test_a_prefix_that_is_no_environment_is_searched(tmp_path: Path) -> None:
    found = make(tmp_path / "data", "env/virtual/project/Ab12/tests")
    assert below(tmp_path / "project", str(tmp_path / "data")) == set(found)


def test_a_prefix_that_isnt_there_counts_for_nothing(tmp_path: Path) -> None:
    assert below(tmp_path, str(tmp_path / "gone")) == set()


def test_a_python_that_cant_be_asked_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="doesn't say what it is"):
        find_environments(tmp_path, str(tmp_path / "python"), ())


def test_an_environment_names_its_directories_as_a_path_does() -> None:
    assert all(Path(each).is_dir() for each in environment_of(sys.executable).split(os.pathsep))
