"""What is built where: the names that a caller writes."""

from __future__ import annotations

import json

import pytest

from nightly.building.records import Target
from nightly.building.targets import GROUPS, JOBS, matrix, parse_targets
from nightly.errors import UserError


def built(value: str) -> list[tuple[str, str, str, str, str]]:
    return [(each.name, each.runner, each.platform, each.arch, each.build) for each in parse_targets(value)]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("linux, macos, windows", "linux_x86_64 linux_aarch64 macos_arm64 macos_x86_64 windows_amd64"),
        ("linux\n\nwindows_arm64\n", "linux_x86_64 linux_aarch64 windows_arm64"),
        ("linux linux_x86_64,linux", "linux_x86_64 linux_aarch64"),
        ("pure", "pure"),
        ("cp31{2,3}-win_amd64, cp314t-win_amd64", "cp31{2,3}-win_amd64 cp314t-win_amd64"),
    ],
    ids=["groups", "lines", "each once", "pure", "a comma in a glob"],
)
def test_targets_are_named_by_comma_space_or_line(value: str, names: str) -> None:
    assert [each.name for each in parse_targets(value)] == names.split()


@pytest.mark.parametrize(
    ("name", "runner", "platform", "arch"),
    [
        ("cp312-manylinux_aarch64", "ubuntu-24.04-arm", "linux", "aarch64"),
        ("cp312-musllinux_x86_64", "ubuntu-24.04", "linux", "x86_64"),
        ("cp3*-*linux_i686", "ubuntu-24.04", "linux", "i686"),
        ("pp311-macosx_x86_64", "macos-15-intel", "macos", "x86_64"),
        ("cp31[23]-macosx_universal2", "macos-15", "macos", "universal2"),
        ("cp314t-win_arm64", "windows-11-arm", "windows", "ARM64"),
        ("cp312-win32", "windows-2025", "windows", "x86"),
        ("cp313-pyodide_wasm32", "ubuntu-24.04", "pyodide", "wasm32"),
        ("cp313-ios_arm64_iphoneos", "macos-15", "ios", "arm64_iphoneos"),
        ("cp313-android_arm64_v8a", "ubuntu-24.04", "android", "arm64_v8a"),
    ],
)
def test_a_build_identifier_is_built_where_its_platform_is(name: str, runner: str, platform: str, arch: str) -> None:
    assert built(name) == [(name, runner, platform, arch, name)]


def test_what_has_a_name_is_built_whole() -> None:
    assert {each.build for each in parse_targets(" ".join(JOBS))} == {""}


def test_only_architectures_without_a_runner_are_emulated() -> None:
    emulated = [each.name for each in parse_targets(" ".join(JOBS)) if each.emulated]
    assert emulated == ["linux_ppc64le", "linux_s390x", "linux_riscv64", "linux_armv7l"]
    assert parse_targets("cp313-musllinux_s390x")[0].emulated


def test_a_group_names_targets_that_there_are() -> None:
    assert {name for names in GROUPS.values() for name in names} <= set(JOBS)
    assert not set(GROUPS) & set(JOBS)


@pytest.mark.parametrize(
    "name",
    [
        "linus",
        "cp312-*",
        "cp312",
        "*",
        "cp312-manylinux_sparc",
        "cp312-win_sparc",
        "cp312-android_x86",
        "--help",
        "all",
    ],
)
def test_another_name_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_targets(f"linux, {name}")
    assert refused.value.exit_code == 2
    for gist in (repr(name), "macos_arm64", "cp313-manylinux_aarch64"):
        assert gist in str(refused.value)


def test_what_is_nearly_right_is_guessed() -> None:
    with pytest.raises(UserError, match=r"windows_amd64\b.* meant"):
        parse_targets("windows_amd46")


@pytest.mark.parametrize("value", ["", " ,\n", " ".join(f"cp3{n}-win_amd64" for n in range(257))], ids=len)
def test_no_target_and_too_many_are_refused(value: str) -> None:
    with pytest.raises(UserError, match="targets"):
        parse_targets(value)


def test_the_matrix_is_what_a_job_reads_back() -> None:
    targets = parse_targets("linux, cp312-win_amd64")
    assert [Target(**each) for each in json.loads(matrix(targets))["include"]] == list(targets)
    assert [each.index for each in targets] == [0, 1, 2]
