"""Which wheels do for which build identifier of cibuildwheel."""

from __future__ import annotations

import pytest
from packaging.tags import parse_tag

from nightly.building.identifiers import Identifier, covers, missing, parse_identifier

COVERED = [
    ("cp312-cp312-manylinux_2_28_x86_64", "cp312-manylinux_x86_64"),
    ("cp312-cp312-manylinux2014_x86_64", "cp312-manylinux_x86_64"),
    ("cp312-cp312-manylinux1_i686", "cp312-manylinux_i686"),
    ("cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64", "cp312-manylinux_aarch64"),
    ("cp312-cp312-linux_x86_64.manylinux_2_28_x86_64", "cp312-manylinux_x86_64"),
    ("cp312-cp312-manylinux_2_31_armv7l", "cp312-manylinux_armv7l"),
    ("cp312-cp312-musllinux_1_2_x86_64", "cp312-musllinux_x86_64"),
    ("cp39-cp39-macosx_10_9_x86_64", "cp39-macosx_x86_64"),
    ("cp310-cp310-macosx_11_0_arm64", "cp310-macosx_arm64"),
    ("cp310-cp310-macosx_10_9_universal2", "cp310-macosx_arm64"),
    ("cp310-cp310-macosx_10_9_universal2", "cp310-macosx_x86_64"),
    ("cp310-cp310-macosx_10_9_universal2", "cp310-macosx_universal2"),
    ("cp310-cp310-macosx_10_6_intel", "cp310-macosx_x86_64"),
    ("cp312-cp312-win_amd64", "cp312-win_amd64"),
    ("cp312-cp312-win32", "cp312-win32"),
    ("cp312-cp312-win_arm64", "cp312-win_arm64"),
    ("cp313-cp313t-win_amd64", "cp313t-win_amd64"),
    ("cp314-cp314t-manylinux_2_28_x86_64", "cp314t-manylinux_x86_64"),
    ("pp310-pypy310_pp73-manylinux_2_28_x86_64", "pp310-manylinux_x86_64"),
    ("pp311-pypy311_pp73-win_amd64", "pp311-win_amd64"),
    ("graalpy311-graalpy242_311_native-manylinux_2_28_x86_64", "gp311_242-manylinux_x86_64"),
    ("graalpy312-graalpy250_312_native-macosx_11_0_arm64", "gp312_250-macosx_arm64"),
    ("cp312-cp312-pyodide_2024_0_wasm32", "cp312-pyodide_wasm32"),
    ("cp313-cp313-pyemscripten_2025_0_wasm32", "cp313-pyodide_wasm32"),
    ("cp312-cp312-emscripten_3_1_58_wasm32", "cp312-pyodide_wasm32"),
    ("cp313-cp313-ios_13_0_arm64_iphoneos", "cp313-ios_arm64_iphoneos"),
    ("cp313-cp313-android_21_arm64_v8a", "cp313-android_arm64_v8a"),
    ("cp39-abi3-manylinux_2_28_x86_64", "cp39-manylinux_x86_64"),
    ("cp39-abi3-manylinux_2_28_x86_64", "cp314-manylinux_x86_64"),
    ("cp315-abi3.abi3t-win_amd64", "cp315t-win_amd64"),
    ("cp315-abi3.abi3t-win_amd64", "cp316-win_amd64"),
    ("py3-none-manylinux_2_28_x86_64", "cp312-manylinux_x86_64"),
    ("py3-none-win_amd64", "pp311-win_amd64"),
    ("py3-none-macosx_11_0_arm64", "cp314t-macosx_arm64"),
    ("py2.py3-none-any", "gp311_242-manylinux_x86_64"),
    ("py3-none-any", "cp313-android_x86_64"),
    ("py310-none-any", "cp312-win32"),
    ("py3-none-any", "pure"),
    ("py2.py3-none-any", "pure"),
    ("py39-none-any", "pure"),
]

NOT_COVERED = [
    ("cp312-cp312-manylinux_2_28_x86_64", "cp313-manylinux_x86_64"),
    ("cp312-cp312-manylinux_2_28_x86_64", "cp312-manylinux_i686"),
    ("cp312-cp312-manylinux_2_28_x86_64", "cp312-musllinux_x86_64"),
    ("cp312-cp312-musllinux_1_2_x86_64", "cp312-manylinux_x86_64"),
    ("cp312-cp312-linux_x86_64", "cp312-manylinux_x86_64"),
    ("cp310-cp310-macosx_11_0_arm64", "cp310-macosx_x86_64"),
    ("cp310-cp310-macosx_11_0_arm64", "cp310-macosx_universal2"),
    ("cp312-cp312-win_amd64", "cp312-win32"),
    ("cp312-cp312-win_amd64", "cp312-win_arm64"),
    ("cp313-cp313-win_amd64", "cp313t-win_amd64"),
    ("cp313-cp313t-win_amd64", "cp313-win_amd64"),
    ("cp312-abi3-manylinux_2_28_x86_64", "cp311-manylinux_x86_64"),
    ("cp312-abi3-manylinux_2_28_x86_64", "cp313t-manylinux_x86_64"),
    ("cp312-abi3-manylinux_2_28_x86_64", "pp311-manylinux_x86_64"),
    ("cp312-abi3-manylinux_2_28_x86_64", "cp312-manylinux_aarch64"),
    ("cp312-none-win_amd64", "cp313-win_amd64"),
    ("pp310-pypy310_pp73-win_amd64", "pp311-win_amd64"),
    ("pp311-pypy311_pp73-win_amd64", "cp311-win_amd64"),
    ("graalpy311-graalpy242_311_native-win_amd64", "gp311_243-win_amd64"),
    ("py313-none-any", "cp312-win_amd64"),
    ("py2-none-any", "cp312-win_amd64"),
    ("py2-none-any", "pure"),
    ("py3-none-manylinux_2_28_x86_64", "pure"),
    ("cp312-cp312-win_amd64", "pure"),
    ("cp313-cp313-ios_13_0_arm64_iphonesimulator", "cp313-ios_arm64_iphoneos"),
    ("cp313-cp313-android_21_x86_64", "cp313-android_arm64_v8a"),
]


@pytest.mark.parametrize(("tags", "identifier"), COVERED)
def test_a_wheel_covers_what_it_would_be_installed_for(tags: str, identifier: str) -> None:
    assert covers(parse_tag(tags), identifier)


@pytest.mark.parametrize(("tags", "identifier"), NOT_COVERED)
def test_a_wheel_does_not_cover_another_python_or_platform(tags: str, identifier: str) -> None:
    assert not covers(parse_tag(tags), identifier)


def test_no_tags_cover_nothing() -> None:
    assert not covers((), "cp312-win32")


def test_what_is_missing_is_told_once_and_in_its_order() -> None:
    wheels = [parse_tag("cp310-abi3-win_amd64"), parse_tag("cp312-cp312-manylinux_2_28_x86_64")]
    wanted = ["cp313-manylinux_x86_64", "cp312-win_amd64", "cp312-manylinux_x86_64", "cp39-win_amd64"]
    assert missing(wheels, [*wanted, *wanted]) == ("cp313-manylinux_x86_64", "cp39-win_amd64")
    assert missing([], wanted) == tuple(wanted)
    assert missing([], []) == ()


def test_an_identifier_is_read() -> None:
    assert parse_identifier("cp314t-ios_arm64_iphoneos") == Identifier(
        "cp314t-ios_arm64_iphoneos", "cp314t", "ios_arm64_iphoneos"
    )
    assert parse_identifier("pure") == Identifier("pure", "py3", "any")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cp312",
        "cp312-",
        "cp312-linux_x86_64",
        "312-win32",
        "cp312-win32\n",
        "cp312-*",
        "cp3.12-win32",
        "cp³12-win32",
    ],
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no build identifier"):
        covers((), text)
