"""The version policy, on versions that real projects had."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename

from nightly.channel import Listing, RemoteFile
from nightly.versions import Finding, findings
from nightly.wheels import Wheel

CP312 = "cp312-cp312-manylinux_2_28_x86_64"


def wheel(name: str, version: str, tag: str = CP312, sha256: str = "new") -> Wheel:
    filename = f"{name.replace('-', '_')}-{version}-{tag}.whl"
    project, _, build, tags = parse_wheel_filename(filename)
    return Wheel(Path(filename), name, project, version, build, tags, 1, sha256, "", b"")


def there(name: str, version: str, tag: str = CP312, *, day: int | None = 1, sha256: str | None = "old") -> RemoteFile:
    return RemoteFile(
        project=name,
        version=version,
        filename=f"{name.replace('-', '_')}-{version}-{tag}.whl",
        size=1,
        sha256=sha256,
        md5=None,
        uploaded_at=None if day is None else datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(day),
        labels=frozenset({"main"}),
        url="",
        handle="",
    )


def found(wheels: Sequence[Wheel], files: Sequence[RemoteFile] = ()) -> tuple[Finding, ...]:
    project = wheels[0].project
    return findings(wheels, {project: Listing(project, exists=True, files=tuple(files))})


def checks(wheels: Sequence[Wheel], files: Sequence[RemoteFile] = ()) -> list[str]:
    return [finding.check for finding in found(wheels, files)]


@pytest.mark.parametrize(
    ("project", "version", "expected"),
    [
        ("numpy", "2.6.0.dev0", ["dev0"]),
        ("scipy", "1.18.0.dev0", ["dev0"]),
        ("networkx", "3.7rc0.dev0", ["dev0"]),
        ("pandas", "3.1.0.dev0+1042.gabc", []),  # counted in the label: numbers come in order
        ("pandas", "3.0.0.dev0+git20260601.abcdef0", []),  # a date in the label comes in order
        ("triton", "3.1.0.dev0+5fe38ffd73", ["dev0"]),
        ("demo", "1.2.0.dev0+g1234567", ["dev0"]),
        ("xarray", "2026.6.1.dev12+g1a2b3c", []),
        ("icechunk", "2.0.6.dev43+g1382541a", []),
        ("pyarrow", "25.0.0.dev183", []),
        ("contourpy", "1.3.4.dev1", []),
        ("demo", "1.2.0.dev20260601", []),
        ("h5py", "3.16.0", ["not-a-dev-release"]),
        ("awkward_cpp", "53", ["not-a-dev-release"]),
        ("Cython", "3.3.0a0", ["not-a-dev-release"]),
        ("scipy-openblas32", "0.3.30.0.1", ["not-a-dev-release"]),
        ("shapely", "2.1.1+73.g8f83135", ["not-a-dev-release"]),
        ("demo", "1.2.0.post0.dev3", []),
        ("demo", "0.0.0", ["not-a-dev-release", "fallback-version"]),
        ("demo", "0+unknown", ["not-a-dev-release", "fallback-version"]),
        ("demo", "0+untagged.12.gabcdef0", ["not-a-dev-release", "fallback-version"]),
        ("demo", "0.post7", ["not-a-dev-release", "fallback-version"]),
        ("demo", "0.0.0.dev20260601", ["fallback-version"]),
        ("demo", "0.1.dev1+g1a2b3c", ["fallback-version"]),
        ("demo", "0.1.0.dev1+g1a2b3c", []),
        ("demo", "1!0.2.dev3", []),
    ],
)
def test_a_version_is_judged_by_itself(project: str, version: str, expected: list[str]) -> None:
    assert checks([wheel(project, version)]) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("cp312-cp312-linux_x86_64", ["raw-linux"]),
        ("cp312-cp312-linux_aarch64", ["raw-linux"]),
        ("cp312-cp312-manylinux_2_28_x86_64.linux_x86_64", ["raw-linux"]),
        ("cp312-cp312-manylinux2014_x86_64", []),
        ("cp312-cp312-musllinux_1_2_x86_64", []),
        ("7-py3-none-any", ["build-tag"]),
        ("202607240123-cp312-cp312-linux_x86_64", ["build-tag", "raw-linux"]),
    ],
)
def test_a_file_name_is_judged_by_itself(tag: str, expected: list[str]) -> None:
    assert checks([wheel("demo", "1.0.dev1", tag)]) == expected


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(("1.0.dev2", CP312), ("1.0.dev1", CP312), [], id="newer"),
        pytest.param(("1.0.dev9", CP312), ("1.0.dev10", CP312), ["older-than-channel"], id="older"),
        pytest.param(("2.0.dev9", CP312), ("2.0", CP312), ["older-than-channel"], id="before the release"),
        pytest.param(("1.0.dev2+g1", CP312), ("1.0.dev2+g2", CP312), ["older-than-channel"], id="by the label"),
        pytest.param(("1.0.dev1", CP312), ("1.0.dev1", CP312), ["same-version"], id="the same file"),
        pytest.param(
            ("1.0.dev1", CP312), ("1.0.dev1", "cp312-cp312-manylinux_2_27_x86_64"), [], id="the same, another file"
        ),
        pytest.param(
            ("1.0.dev1", CP312),
            ("1.0.dev2", "cp312-cp312-manylinux2014_x86_64"),
            ["older-than-channel"],
            id="older than for another glibc",
        ),
        pytest.param(
            ("1.0.dev1", "cp312-cp312-macosx_11_0_arm64"),
            ("1.0.dev2", "cp312-cp312-macosx_14_0_arm64"),
            ["older-than-channel"],
            id="older than for another macOS",
        ),
        pytest.param(("1.0.dev1", CP312), ("1.0.dev2", "cp313-cp313-manylinux_2_28_x86_64"), [], id="another Python"),
        pytest.param(("1.0.dev1", CP312), ("1.0.dev2", "cp312-cp312t-manylinux_2_28_x86_64"), [], id="another ABI"),
        pytest.param(
            ("1.0.dev1", CP312), ("1.0.dev2", "cp312-cp312-manylinux_2_28_aarch64"), [], id="another architecture"
        ),
        pytest.param(("1.0.dev1", CP312), ("1.0.dev2", "cp312-cp312-musllinux_1_2_x86_64"), [], id="another libc"),
        pytest.param(
            ("1.0.dev1", "cp312-cp312-win32"), ("1.0.dev2", "cp312-cp312-win_amd64"), [], id="another Windows"
        ),
    ],
)
def test_a_version_is_compared_with_the_channels_for_the_same_platform(
    new: tuple[str, str], old: tuple[str, str], expected: list[str]
) -> None:
    assert checks([wheel("demo", *new)], [there("demo", *old)]) == expected


def test_what_has_the_same_bytes_replaces_nothing() -> None:
    assert checks([wheel("demo", "1.0.dev1", sha256="a")], [there("demo", "1.0.dev1", sha256="a")]) == []


def test_what_may_have_other_bytes_is_said_to_replace() -> None:
    assert checks([wheel("demo", "1.0.dev1")], [there("demo", "1.0.dev1", sha256=None)]) == ["same-version"]


def test_channel_files_that_installers_ignore_are_ignored() -> None:
    assert checks([wheel("demo", "1.0.dev1")], [there("demo", "nightly"), there("demo", "9", "any")]) == []


def test_a_project_that_the_channel_does_not_have_is_compared_with_nothing() -> None:
    project = canonicalize_name("demo")
    for listings in ({}, {project: Listing("demo", exists=False)}):
        assert findings([wheel("demo", "1.0.dev1")], listings) == ()


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param("0.8.0.dev20240602", ["0.8.0.dev2024053101"], True, id="skypilot: hours, then days"),
        pytest.param("0.8.0.dev2024060201", ["0.8.0.dev20240601"], True, id="days, then hours"),
        pytest.param("1.0.dev20240602", ["1.0.dev12"], True, id="a count, then dates"),
        pytest.param("1.0.dev13", ["1.0.dev20240602"], True, id="dates, then a count"),
        pytest.param("25.0.0.dev1000", ["25.0.0.dev999"], False, id="a count that grows"),
        pytest.param("1.0.dev20240602", ["1.0.dev20240601"], False, id="dates"),
        pytest.param("0.9.0.dev20240602", ["0.8.0.dev2024053101"], False, id="the next release"),
        pytest.param("1.0.dev20240602", ["1.0"], False, id="a release there"),
        pytest.param("1.0.dev20240602", [], False, id="nothing there"),
        pytest.param("1.0", ["1.0.dev20240602"], False, id="a release now"),
    ],
)
def test_a_dev_number_keeps_its_length(new: str, old: list[str], *, expected: bool) -> None:
    files = [there("demo", version) for version in old]
    assert ("dev-number-length" in checks([wheel("demo", new)], files)) == expected


def test_only_the_recent_dev_numbers_count() -> None:
    early = [there("demo", "1.0.dev2024010101", day=1)]
    late = [there("demo", f"1.0.dev2024020{day}", day=day + 10) for day in range(1, 6)]
    new = [wheel("demo", "1.0.dev2024020601")]
    assert "dev-number-length" in checks(new, [*early, *late])
    assert "dev-number-length" not in checks(new, [*early, *late[1:]])


def test_a_dev_number_of_unknown_date_does_not_count() -> None:
    files = [there("demo", "1.0.dev2024010101", day=None)]
    assert checks([wheel("demo", "1.0.dev20240602")], files) == ["older-than-channel"]


def test_a_local_label_alone_is_no_finding() -> None:
    assert checks([wheel("demo", "1.0.dev3+g1a2b3c.d20260601")]) == []


def test_wheels_of_two_versions_in_one_run_are_found() -> None:
    tags = ("cp311-cp311-win_amd64", "cp312-cp312-win_amd64", "cp313-cp313-win_amd64")
    old, *new = (wheel("demo", "1.0.dev2" if tag != tags[0] else "1.0.dev1", tag) for tag in tags)
    (finding,) = found([*new, old])
    assert (finding.check, finding.count, finding.filename) == ("several-versions", 1, old.filename)
    assert finding.what == "demo comes in several versions: 1.0.dev1 beside 1.0.dev2."


def test_two_labels_of_one_version_are_two_versions() -> None:
    wheels = [wheel("demo", "1.0.dev2+g1", CP312), wheel("demo", "1.0.dev2+g2", "cp313-cp313-win_amd64")]
    assert checks(wheels) == ["several-versions"]


def test_each_project_is_compared_with_itself() -> None:
    wheels = [wheel("demo", "1.0.dev2"), wheel("other", "3.0.dev7")]
    assert (
        findings(wheels, {canonicalize_name("demo"): Listing("demo", exists=True, files=(there("demo", "1.0.dev1"),))})
        == ()
    )


def test_there_is_one_finding_for_each_project_and_check() -> None:
    tags = [f"cp3{minor}-cp3{minor}-win_amd64" for minor in (12, 13, 14)]
    wheels = [wheel(name, "2.6.0.dev0", tag) for name in ("scipy", "numpy") for tag in tags]
    files = tuple(there("numpy", "2.6.0.dev0", tag) for tag in tags)
    results = findings(wheels, {canonicalize_name("numpy"): Listing("numpy", exists=True, files=files)})
    assert [(one.project, one.check, one.count, one.filename) for one in results] == [
        ("numpy", "same-version", 3, "numpy-2.6.0.dev0-cp312-cp312-win_amd64.whl"),
        ("numpy", "dev0", 3, "numpy-2.6.0.dev0-cp312-cp312-win_amd64.whl"),
        ("scipy", "dev0", 3, "scipy-2.6.0.dev0-cp312-cp312-win_amd64.whl"),
    ]


def test_the_same_version_is_a_notice_and_all_else_a_warning_that_can_fail_the_run() -> None:
    same, dev0 = found([wheel("numpy", "2.6.0.dev0")], [there("numpy", "2.6.0.dev0")])
    assert (same.check, same.severity, same.fails) == ("same-version", "notice", False)
    assert (dev0.check, dev0.severity, dev0.fails) == ("dev0", "warning", True)


@pytest.mark.parametrize(
    ("new", "gist"),
    [
        (("0.1.dev1", CP312), "fetch-depth: 0"),
        (("1.0.dev0", CP312), ".devYYYYMMDD"),
        (("3.16.0", CP312), "X.Y.Z.devN"),
        (("1.0.dev1", "3-py3-none-any"), "--build-number"),
        (("1.0.dev1", "cp312-cp312-linux_x86_64"), "auditwheel repair"),
        (("0.5.dev20240602", CP312), "delete 1.0.dev2024053101 from the channel"),
        (("1.0.dev20240602", CP312), "Keep one length until X.Y.Z is released"),
    ],
)
def test_a_finding_says_what_it_means_and_the_fix(new: tuple[str, str], gist: str) -> None:
    results = found([wheel("demo", *new)], [there("demo", "1.0.dev2024053101")])
    assert any(gist in finding.fix for finding in results)
    assert all(finding.what.startswith(f"demo {new[0]} ") and finding.means for finding in results)


NUMBER = st.integers(0, 10**12) | st.sampled_from([0, 1, 20260601, 2026060112])
RELEASE = st.lists(st.integers(0, 10**6), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
VERSION = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "1!"]),
        RELEASE,
        st.sampled_from(["", "a1", "rc0"]),
        st.sampled_from(["", ".post1"]),
        st.just("") | NUMBER.map(".dev{}".format),
        st.sampled_from(["", "+1", "+g12ab", "+unknown", "+git20260101.ab"]),
    ),
)
TAG = st.sampled_from([CP312, "py3-none-any", "1-cp312-abi3-win32", "cp312-cp312-linux_x86_64", "-".join(["x"] * 3)])


@given(
    wheels=st.lists(st.builds(wheel, st.sampled_from(["a", "b-c"]), VERSION, TAG), unique_by=lambda one: one.filename),
    files=st.lists(
        st.builds(there, st.just("a"), VERSION | st.text(max_size=9), TAG, day=st.none() | st.integers(0, 99))
    ),
    seed=st.randoms(use_true_random=False),
)
def test_any_version_is_judged_and_the_order_of_wheels_does_not_matter(
    wheels: list[Wheel], files: list[RemoteFile], seed: random.Random
) -> None:
    listings = {NormalizedName("a"): Listing("a", exists=True, files=tuple(files))}
    results = findings(wheels, listings)
    assert findings(seed.sample(wheels, len(wheels)), listings) == results
    assert len({(one.project, one.check) for one in results}) == len(results)
    assert all("{" not in one.what + one.means + one.fix for one in results)
