"""What `artifacts_path` means, and that all that is wrong is said at once, before anything is touched."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nightly.collect import Collection, check_projects, collect, read_all
from nightly.errors import UserError
from nightly.wheels import read_wheel
from sample_wheels import make_wheel


def tree(base: Path, *names: str) -> None:
    for name in names:
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def collected(base: Path, *lines: str) -> list[str]:
    return [path.relative_to(base).as_posix() for path in collect(lines, base).wheels]


def refusal(base: Path, *lines: str) -> str:
    with pytest.raises(UserError) as caught:
        collect(lines, base)
    assert caught.value.exit_code == 2
    assert caught.value.title
    return str(caught.value)


@pytest.mark.parametrize("line", [".", "**/*.whl", "*"])
def test_the_channel_s_own_wheels_are_no_artifacts(tmp_path: Path, line: str) -> None:
    tree(tmp_path, "dist/new.whl", "site/files/demo/0123/old.whl")
    found = collect([line], tmp_path, but=tmp_path / "site")
    assert [path.name for path in found.wheels] == ["new.whl"]


FILES = ("dist/a.whl", "dist/b.whl", "dist/linux/c.whl", "dist/linux/deep/d.whl", "other/e.whl")
ALL_OF_DIST = ["dist/a.whl", "dist/b.whl", "dist/linux/c.whl", "dist/linux/deep/d.whl"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(["dist/b.whl"], ["dist/b.whl"], id="a file"),
        pytest.param(["dist"], ALL_OF_DIST, id="a directory, at every depth"),
        pytest.param(["dist/"], ALL_OF_DIST, id="with a slash"),
        pytest.param(["./dist"], ALL_OF_DIST, id="with a leading dot"),
        pytest.param(["dist/*.whl"], ["dist/a.whl", "dist/b.whl"], id="a glob"),
        pytest.param(["dist/**/*.whl"], ALL_OF_DIST, id="a glob of any depth"),
        pytest.param(["dist/l*"], ["dist/linux/c.whl", "dist/linux/deep/d.whl"], id="a glob of a directory"),
        pytest.param(["*/[be].whl"], ["dist/b.whl", "other/e.whl"], id="brackets and a starred directory"),
        pytest.param(["other", "dist/b.whl"], ["dist/b.whl", "other/e.whl"], id="two lines"),
        pytest.param(["dist/b.whl", "dist/../dist", "dist/*"], ["dist/../dist/a.whl"], id="several times"),
        pytest.param(["  dist/b.whl\r", "", "  "], ["dist/b.whl"], id="blanks"),
    ],
)
def test_a_line_is_a_file_a_directory_or_a_glob(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    tree(tmp_path, *FILES)
    assert collected(tmp_path, *lines)[: len(expected)] == expected


@pytest.mark.parametrize(
    "lines", [["dist", "dist"], ["dist/a.whl", "dist"], ["dist/*", "./dist/**"], ["dist", "x/../dist"]]
)
def test_a_wheel_that_two_lines_name_is_taken_once(tmp_path: Path, lines: list[str]) -> None:
    tree(tmp_path, "x/a.txt", *FILES)
    assert len(collect(lines, tmp_path).wheels) == len(ALL_OF_DIST)


def test_an_absolute_path_needs_no_base(tmp_path: Path) -> None:
    tree(tmp_path, *FILES)
    lines = [str(tmp_path / "other"), str(tmp_path / "dist" / "*.whl")]
    assert len(collect(lines, tmp_path / "elsewhere").wheels) == 3


@pytest.mark.skipif(sys.platform != "win32", reason="backslashes separate on Windows alone")
def test_backslashes_separate_on_windows(tmp_path: Path) -> None:
    tree(tmp_path, *FILES)
    assert collected(tmp_path, ".\\dist\\*.whl") == ["dist/a.whl", "dist/b.whl"]


@pytest.mark.parametrize("line", ["out[1]", "out[1]/a[2].whl", "out[1]/*.whl", "out[1]/**"])
def test_a_name_with_brackets_that_is_there_is_no_glob(tmp_path: Path, line: str) -> None:
    tree(tmp_path, "out[1]/a[2].whl", "out1/a2.whl")
    assert collected(tmp_path, line) == ["out[1]/a[2].whl"]


def test_a_tilde_is_a_character(tmp_path: Path) -> None:
    tree(tmp_path, "~/a.whl")
    assert collected(tmp_path, "~") == ["~/a.whl"]


def test_hidden_directories_are_searched_only_if_named(tmp_path: Path) -> None:
    tree(tmp_path, "dist/a.whl", "dist/.venv/embedded.whl")
    assert collected(tmp_path, "dist") == ["dist/a.whl"]
    assert collected(tmp_path, "dist/.venv") == ["dist/.venv/embedded.whl"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_linked_directory_is_searched_and_a_circle_ends(tmp_path: Path) -> None:
    tree(tmp_path, "store/a.whl", "dist/b.whl")
    (tmp_path / "dist/linked").symlink_to(tmp_path / "store")
    (tmp_path / "store/again").symlink_to(tmp_path / "dist")
    assert collected(tmp_path, "dist") == ["dist/b.whl", "dist/linked/a.whl"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions don't bind this user")
def test_a_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, "dist/a.whl", "dist/locked/b.whl")
    (tmp_path / "dist/locked").chmod(0)
    assert "locked' can't be read (Permission denied)" in refusal(tmp_path, "dist")


def test_sdists_and_other_files_are_found_beside_wheels(tmp_path: Path) -> None:
    tree(tmp_path, "a-1.0.tar.gz", "b-1.0.zip", "a.whl", "log.txt", "data.tar.gz")
    assert collect(["."], tmp_path) == Collection(
        wheels=(tmp_path / "a.whl",),
        sdists=(tmp_path / "a-1.0.tar.gz", tmp_path / "b-1.0.zip"),
        others=(tmp_path / "data.tar.gz", tmp_path / "log.txt"),
    )


def test_a_named_sdist_beside_wheels_is_no_error(tmp_path: Path) -> None:
    tree(tmp_path, "a-1.0.tar.gz", "a.whl")
    assert collect(["*.whl", "*.tar.gz"], tmp_path).sdists == (tmp_path / "a-1.0.tar.gz",)


def test_all_patterns_that_match_nothing_are_named(tmp_path: Path) -> None:
    tree(tmp_path, *FILES)
    message = refusal(tmp_path, "dist", "dist/linux/*.zip", "nowhere/x.whl")
    assert f"'dist/linux/*.zip' (of its path, {str(tmp_path / 'dist' / 'linux')!r} is there)" in message
    assert f"'nowhere/x.whl' (of its path, {str(tmp_path)!r} is there)" in message
    assert "'dist' " not in message
    assert "merge-multiple" in message


def test_no_lines_are_refused_as_the_input(tmp_path: Path) -> None:
    assert "'artifacts_path'" in refusal(tmp_path, "", " ")


def test_a_directory_without_a_wheel_is_refused_with_what_is_in_it(tmp_path: Path) -> None:
    tree(tmp_path, "wheels/a.whl", "sdist/a-1.0.tar.gz", "sdist/log.txt", "sdist/more/log.txt", "sdist/LICENSE")
    message = refusal(tmp_path, "wheels", "sdist")
    assert "- 'sdist': 4 files (1 sdist, 2 .txt, 1 without suffix)" in message.replace("1 without suffix, 2", "2")
    assert repr(str(Path("sdist/a-1.0.tar.gz"))) in message
    assert "An sdist is never uploaded" in message
    assert "merge-multiple" in message
    assert "'wheels'" not in message


def test_of_many_files_without_a_wheel_twenty_are_shown(tmp_path: Path) -> None:
    tree(tmp_path, *(f"dist/{number:02}.txt" for number in range(23)))
    message = refusal(tmp_path, "dist")
    assert "23 files (23 .txt)" in message
    assert message.count(".txt'") == 20
    assert "and 3 more" in message


def test_files_beside_the_base_are_named_in_full(tmp_path: Path) -> None:
    tree(tmp_path, "dist/log.txt", "base/x")
    assert repr(str(tmp_path / "dist" / "log.txt")) in refusal(tmp_path / "base", str(tmp_path / "dist"))


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    assert "- 'dist': nothing at all" in refusal(tmp_path, "dist")


def test_files_without_any_wheel_are_refused(tmp_path: Path) -> None:
    tree(tmp_path, "a-1.0.tar.gz")
    assert "- '*.tar.gz': 1 files (1 sdist)" in refusal(tmp_path, "*.tar.gz")


def test_wheels_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    paths = [make_wheel(tmp_path, name) for name in ("b", "a", "c")]
    assert [wheel.name for wheel in read_all(paths)] == ["b", "a", "c"]
    assert read_all([]) == ()


def test_all_bad_wheels_are_named_with_their_reasons(tmp_path: Path) -> None:
    tree(tmp_path, "a-1-py3-none-any.whl", "b.whl")
    (tmp_path / "b.whl").write_text("<html>")
    with pytest.raises(UserError) as caught:
        read_all([make_wheel(tmp_path), *sorted(tmp_path.glob("[ab]*.whl"))])
    assert caught.value.exit_code == 2
    assert "2 of 3 files can't be uploaded" in str(caught.value)
    assert f"- {tmp_path / 'a-1-py3-none-any.whl'}: is empty" in str(caught.value)
    assert f"- {tmp_path / 'b.whl'}: is an HTML or XML page" in str(caught.value)


def test_the_same_wheel_in_two_directories_is_read_as_one(tmp_path: Path) -> None:
    paths = [make_wheel(tmp_path / "a"), make_wheel(tmp_path / "b")]
    assert [wheel.path for wheel in read_all(paths)] == paths[:1]


def test_two_wheels_of_one_name_and_other_bytes_are_refused(tmp_path: Path) -> None:
    first, second = make_wheel(tmp_path / "a"), make_wheel(tmp_path / "b", payload=b"x")
    with pytest.raises(UserError) as caught:
        read_all([first, second])
    assert f"{second}: has other bytes than {first}, but the same name" in str(caught.value)


@pytest.mark.parametrize("allowed", ["", " \n", "demo-pkg", "numpy, Demo.PKG", "numpy\ndemo_pkg\n", "numpy demo--pkg"])
def test_wheels_of_allowed_projects_pass(tmp_path: Path, allowed: str) -> None:
    check_projects([read_wheel(make_wheel(tmp_path, "demo-pkg"))], allowed)


def test_wheels_of_other_projects_are_refused(tmp_path: Path) -> None:
    wheels = read_all([make_wheel(tmp_path, name) for name in ("demo", "numpy", "Cython")])
    with pytest.raises(UserError) as caught:
        check_projects(wheels, "demo scipy")
    assert caught.value.exit_code == 2
    assert "numpy-1.0.dev1-py3-none-any.whl (numpy)" in str(caught.value)
    assert "cython-1.0.dev1-py3-none-any.whl (cython)" in str(caught.value)
    assert "Allowed: demo, scipy." in str(caught.value)


@pytest.mark.parametrize("allowed", ["demo;scipy", "-", "demo, *"])
def test_what_is_no_project_is_refused_as_the_input(allowed: str) -> None:
    with pytest.raises(UserError, match="'projects'") as caught:
        check_projects([], allowed)
    assert caught.value.exit_code == 2
