"""Which files a name stands for, and what is said where there are none."""

from __future__ import annotations

import pytest
from packaging.version import Version

from nightly.errors import UserError
from nightly.fetching.choosing import Wanted, choose, nothing_found
from nightly.fetching.files import IndexFile
from nightly.fetching.kinds import Filters, is_python, parse_name

LINUX = "demo_pkg-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
MUSL = "demo_pkg-1.0-cp312-cp312-musllinux_1_2_aarch64.whl"
RAW = "demo_pkg-1.0-cp312-cp312-linux_armv7l.whl"
WIN = "demo_pkg-1.0-cp312-cp312-win_amd64.whl"
WIN32 = "demo_pkg-1.0-cp311-cp311-win32.whl"
FAT = "demo_pkg-1.0-cp310-abi3-macosx_11_0_universal2.whl"
THREADS = "demo_pkg-1.0-cp313-cp313t-macosx_11_0_arm64.whl"
IOS = "demo_pkg-1.0-cp313-cp313-ios_13_0_arm64_iphoneos.whl"
ANDROID = "demo_pkg-1.0-cp313-cp313-android_21_arm64_v8a.whl"
WASM = "demo_pkg-1.0-cp312-cp312-pyodide_2024_0_wasm32.whl"
PYPY = "demo_pkg-1.0-pp311-pypy311_pp73-win_amd64.whl"
PURE = "demo_pkg-1.0-py3-none-any.whl"
OTHER = "demo_pkg-1.0-cp312-cp312-freebsd_14_0_release_amd64.whl"
SDIST = "demo_pkg-1.0.tar.gz"
ALL = (LINUX, MUSL, RAW, WIN, WIN32, FAT, THREADS, IOS, ANDROID, WASM, PYPY, PURE, OTHER, SDIST)


def chosen(*names: str, version: str = "1.0", filters: Filters = Filters()) -> set[str]:  # noqa: B008  # frozen
    files = [listed(name) for name in names]
    return {file.filename for file in choose(files, Wanted("demo-pkg", Version(version), filters)).files}


def listed(name: str, **told: str | int | None) -> IndexFile:
    return IndexFile(name, f"https://example.org/{name}", **told)  # type: ignore[arg-type]  # of the test's choice


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        ({"manylinux"}, {LINUX}),
        ({"musllinux"}, {MUSL}),
        ({"linux"}, {RAW}),
        ({"macosx"}, {FAT, THREADS}),
        ({"win"}, {WIN, WIN32, PYPY}),
        ({"ios"}, {IOS}),
        ({"android"}, {ANDROID}),
        ({"wasm"}, {WASM}),
        ({"pure"}, {PURE}),
        ({"sdist"}, {SDIST}),
        ({"sdist", "pure"}, {SDIST, PURE}),
        (set(), set(ALL)),
    ],
    ids=lambda given: ",".join(sorted(given)[:2]) or "all",
)
def test_a_type_is_how_the_platform_tag_begins(kinds: set[str], names: set[str]) -> None:
    assert chosen(*ALL, filters=Filters(frozenset(kinds))) == names


@pytest.mark.parametrize(
    ("archs", "names"),
    [
        ({"x86_64"}, {LINUX, WIN, PYPY, FAT}),
        ({"amd64"}, {LINUX, WIN, PYPY, FAT}),
        ({"arm64"}, {MUSL, FAT, THREADS, IOS, ANDROID}),
        ({"aarch64"}, {MUSL, FAT, THREADS, IOS, ANDROID}),
        ({"universal2"}, {FAT}),
        ({"x86"}, {WIN32}),
        ({"win32"}, {WIN32}),
        ({"wasm32"}, {WASM}),
        ({"armv7l", "wasm32"}, {RAW, WASM}),
    ],
    ids=lambda given: ",".join(sorted(given)[:2]),
)
def test_an_architecture_counts_by_any_of_its_names_and_what_runs_everywhere_always(
    archs: set[str], names: set[str]
) -> None:
    assert chosen(*ALL, filters=Filters(archs=frozenset(archs))) == names | {PURE, SDIST}


@pytest.mark.parametrize(
    ("python", "names"),
    [
        ("cp312", {LINUX, MUSL, RAW, WIN, FAT, WASM, OTHER}),
        ("cp311", {WIN32, FAT}),
        ("cp310", {FAT}),
        ("cp39", set()),
        ("cp313", {IOS, ANDROID, FAT}),
        ("cp313t", {THREADS}),
        ("pp311", {PYPY}),
        ("py3", set()),
    ],
)
def test_a_python_counts_with_whatever_runs_on_it(python: str, names: set[str]) -> None:
    assert chosen(*ALL, filters=Filters(pythons=(python,))) == names | {PURE, SDIST}


@pytest.mark.parametrize("text", ["cp312", "cp313t", "pp311", "py3"])
def test_a_python_is_named_as_in_a_tag(text: str) -> None:
    assert is_python(text)


@pytest.mark.parametrize("text", ["", "3.12", "python3", "cp", "cp312-win32", "cp312 "])
def test_what_names_no_python_is_found_out(text: str) -> None:
    assert not is_python(text)


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("1.0", {"1.0", "1.0.0", "1.0+cpu", "1.0+cu12"}),
        ("1.0.0", {"1.0", "1.0.0", "1.0+cpu", "1.0+cu12"}),
        ("1.0+cpu", {"1.0+cpu"}),
        ("1.0+CPU", {"1.0+cpu"}),
        ("1.0rc1", {"1.0rc1"}),
        ("1.0-rc.1", {"1.0rc1"}),
        ("1.0.dev1", {"1.0.dev1"}),
        ("1!1.0", {"1!1.0"}),
        ("1", {"1.0", "1.0.0", "1.0+cpu", "1.0+cu12"}),
    ],
)
def test_versions_are_compared_as_versions(version: str, names: set[str]) -> None:
    spelled = ("1.0", "1.0.0", "1.0+cpu", "1.0+cu12", "1.0rc1", "1.0.dev1", "1!1.0", "1.0.1", "11.0", "1.0.post1")
    wheels = {f"demo_pkg-{each}-py3-none-any.whl" for each in spelled}
    assert chosen(*wheels, version=version) == {f"demo_pkg-{each}-py3-none-any.whl" for each in names}


@pytest.mark.parametrize(
    "name",
    ["Demo.Pkg-1.0-py3-none-any.whl", "demo-pkg-1.0.tar.gz", "DEMO_PKG-1.0.zip", "demo_pkg-1.0-1abc-py3-none-any.whl"],
)
def test_a_name_in_any_spelling_is_the_projects(name: str) -> None:
    assert chosen(name) == {name}


@pytest.mark.parametrize(
    "name",
    [
        "demo_pkg_extra-1.0-py3-none-any.whl",
        "demo-1.0.tar.gz",
        "demo_pkg-1.0-py3-none-any.whl.metadata",
        "demo_pkg-1.0-py3-none-any.whl.asc",
        "demo_pkg-1.0-py3.10.egg",
        "demo_pkg-1.0.exe",
        "demo_pkg-1.0-none-any.whl",
        "demo_pkg-one-py3-none-any.whl",
        "demo_pkg-1.0.tar.bz2",
    ],
)
def test_what_is_no_file_of_the_project_isnt_taken(name: str) -> None:
    assert chosen(name) == set()


def test_yanked_files_are_left_out_where_there_are_others() -> None:
    choice = choose([listed(WIN, yanked=""), listed(PURE)], Wanted("demo-pkg", Version("1.0")))
    assert [file.filename for file in choice.files] == [PURE]
    assert [file.filename for file in choice.yanked] == [WIN]


def test_a_version_of_which_all_is_yanked_is_taken_as_it_was_pinned() -> None:
    choice = choose([listed(WIN, yanked="broken"), listed(PURE, yanked="")], Wanted("demo-pkg", Version("1.0")))
    assert [file.yanked for file in choice.files] == ["broken", ""]


@pytest.mark.parametrize("second", [PURE, PURE.upper().replace(".WHL", ".whl")], ids=["same", "in other case"])
def test_two_files_of_one_name_are_refused_if_their_bytes_differ(second: str) -> None:
    files = [listed(PURE, sha256="a" * 64), listed(second, sha256="b" * 64)]
    with pytest.raises(UserError, match="listed twice") as refused:
        choose(files, Wanted("demo-pkg", Version("1.0")))
    assert refused.value.exit_code == 1


def test_a_file_that_is_listed_twice_with_the_same_bytes_is_one() -> None:
    files = [listed(PURE, sha256="a" * 64), IndexFile(PURE, "https://other.example.org/x", "a" * 64)]
    assert len(choose(files, Wanted("demo-pkg", Version("1.0"))).files) == 1


def said(version: str, *names: str, filters: Filters = Filters()) -> str:  # noqa: B008  # frozen
    error = nothing_found([listed(name) for name in names], Wanted("demo-pkg", Version(version), filters), "the index")
    assert error.exit_code == 2
    return str(error)


def test_of_a_version_that_isnt_there_those_near_it_are_named() -> None:
    there = [f"demo_pkg-{number}.0.tar.gz" for number in range(1, 21)]
    assert "There are: 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 20.0 (of 20 versions)." in said("9.5", *there)
    assert "the index has no demo-pkg 9.5" in said("9.5", *there)


def test_of_a_version_without_what_is_asked_for_the_kinds_are_named() -> None:
    text = said("1.0", WIN, FAT, SDIST, filters=Filters(frozenset({"ios"})))
    assert "There are: macosx (cp310-macosx_11_0_universal2); sdist; win (cp312-win_amd64)." in text
    assert "--type" in text


def test_of_a_project_that_isnt_there_the_index_is_named() -> None:
    assert "the index has no files of a project demo-pkg" in said("1.0", "other-1.0.tar.gz")


def test_a_wheel_of_several_platforms_is_of_each_kind() -> None:
    named = parse_name("demo_pkg-1.0-cp312-cp312-linux_x86_64.manylinux_2_28_x86_64.whl")
    assert named
    assert named.kinds == {"linux", "manylinux"}
