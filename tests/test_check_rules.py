"""What the files of a build have to be to each other, and to what was planned."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name
from packaging.version import Version

from check_samples import plan
from nightly.building.records import BuildPlan
from nightly.checking.distributions import Distribution
from nightly.checking.faults import Fault, told
from nightly.checking.rules import missing_faults, not_there, subject_of, together
from nightly.checking.tag_words import in_words
from nightly.checking.telling import Checked, amount, headline, summary
from nightly.checking.tools import tools_of

LINUX, WINDOWS = "cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"


def built(
    tag: str = LINUX, version: str = "1.0", name: str = "demo_pkg", *, licensed: bool = True, generator: str = ""
) -> Distribution:
    """A wheel of these tags; an sdist where there are none."""
    filename = f"{name}-{version}-{tag}.whl" if tag else f"{name}-{version}.tar.gz"
    tags = parse_tag(tag) if tag else frozenset()
    project = canonicalize_name(name)
    return Distribution(Path(filename), name, project, Version(version), tags, 10, "0", "0", licensed, generator)


def faults(*found: Distribution, to: BuildPlan | None = None) -> list[tuple[str, str]]:
    return [(each.title, each.file) for each in together(found, to)]


def test_files_of_one_project_and_version_belong_together() -> None:
    assert faults(built(), built(WINDOWS), built("")) == []
    assert faults() == []


@pytest.mark.parametrize("other", ["1.1", "1.0.dev1", "1.0+g12", "1.0.post1"])
def test_a_file_of_another_version_is_told(other: str) -> None:
    odd = built("py3-none-win32", version=other)
    (fault,) = together([built(), odd, built(WINDOWS)], None)
    assert (fault.title, fault.file) == ("Another version", odd.filename)
    assert f"is of version {other}, and most files of 1.0" in fault.what


def test_versions_are_compared_as_versions() -> None:
    assert faults(built(version="1.0"), built("", version="1.0.0")) == []


def test_the_planned_version_counts_and_not_what_most_files_say() -> None:
    odd = built(version="1.1"), built(WINDOWS, version="1.1")
    assert faults(*odd, built("")) == [("Another version", "demo_pkg-1.0.tar.gz")]
    found = together([*odd, built("")], plan())
    assert [each.file for each in found] == [each.filename for each in odd]
    assert "what is planned of 1.0" in found[0].what


def test_without_a_stamp_the_files_decide() -> None:
    assert faults(built(version="1.1"), to=plan(version="")) == []


def test_a_wheel_of_another_project_is_told() -> None:
    other = built("py3-none-any", name="numpy", version="2.0")
    assert faults(built(), built(""), other) == [("Another project", other.filename)]
    assert faults(other, to=plan()) == [("Another project", other.filename)]
    assert faults(built(name="Demo.Pkg"), to=plan()) == []


def test_a_raw_linux_wheel_is_told_but_not_as_unplanned() -> None:
    raw = built("cp312-cp312-linux_x86_64")
    assert faults(raw, to=plan("cp312-manylinux_x86_64")) == [("Not repaired", raw.filename)]
    assert faults(built("cp312-cp312-linux_x86_64.manylinux_2_28_x86_64")) != []


def test_a_wheel_without_a_licence_is_a_warning_where_the_sdist_has_one() -> None:
    bare = built(licensed=False)
    assert faults(bare) == []
    assert faults(bare, built("", licensed=False)) == []
    (fault,) = together([bare, built("")], None)
    assert (fault.title, fault.file, fault.warning) == ("Without a licence", bare.filename, True)


def test_a_wheel_that_nobody_planned_is_a_warning() -> None:
    wanted = plan("cp312-manylinux_x86_64", "cp313-manylinux_x86_64")
    assert faults(built("cp39-abi3-manylinux_2_28_x86_64"), built(""), to=wanted) == []
    (fault,) = together([built(), built(WINDOWS)], wanted)
    assert (fault.title, fault.file, fault.warning) == ("Not planned", built(WINDOWS).filename, True)


def test_a_version_has_one_sdist() -> None:
    assert [title for title, _ in faults(built(""), built("", name="demo-pkg"))] == ["Several sdists"] * 2


def test_what_is_planned_and_not_there_is_found_by_names() -> None:
    wanted = plan("cp312-win_amd64", "cp312-manylinux_x86_64", sdist=True)
    assert not_there([], wanted) == ("cp312-win_amd64", "cp312-manylinux_x86_64", "sdist")
    assert not_there([built().filename, "nonsense.whl"], wanted) == ("cp312-win_amd64", "sdist")
    assert not_there([built().filename, built("").filename, built(WINDOWS).filename], wanted) == ()
    assert not_there(["demo_pkg-1.0-py3-none-any.whl"], plan("pure", "cp312-win32")) == ()
    assert not_there([], None) == ()


def test_what_is_missing_fails_only_a_strict_check() -> None:
    assert missing_faults([], strict=True) == ()
    ((strict,), (lenient,)) = (missing_faults(["cp312-win32", "sdist"], strict=strict) for strict in (True, False))
    assert "2 of what is planned are missing: cp312-win32, sdist." in strict.what
    assert (strict.warning, lenient.warning) == (False, True)


def test_a_fault_that_files_share_is_told_once_with_all_of_them() -> None:
    same = [Fault("Title", file, "What.", "Means.", "Do.") for file in ("a", "b", "a")]
    groups = told([*same, Fault("Title", "", "Other.")])
    assert [each.text for each in groups] == ["a, b: What. Means. Do.", "Other."]


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("", "source"),
        ("py3-none-any", "Python 3, any platform"),
        ("py2.py3-none-any", "Python 2 or Python 3, any platform"),
        (LINUX, "CPython 3.12, Linux x86_64 (glibc 2.28)"),
        ("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", "CPython 3.12, Linux x86_64 (glibc 2.17)"),
        ("cp312-cp312-manylinux1_i686.manylinux_2_28_i686", "CPython 3.12, Linux i686 (glibc 2.5)"),
        ("cp314-cp314t-musllinux_1_2_aarch64", "CPython 3.14, free-threaded, Linux aarch64 (musl 1.2)"),
        ("cp39-abi3-win_amd64", "CPython 3.9 and later, Windows x86_64"),
        ("cp315-abi3.abi3t-win32", "CPython 3.15 and later, also free-threaded, Windows, 32 bit"),
        ("cp315-abi3t-win_arm64", "CPython 3.15 and later, free-threaded, Windows arm64"),
        ("pp311-pypy311_pp73-macosx_11_0_arm64", "PyPy 3.11, macOS 11.0 arm64"),
        ("graalpy312-graalpy250_312_native-macosx_10_9_universal2", "GraalPy 3.12, macOS 10.9 universal2"),
        ("cp313-cp313-ios_13_0_arm64_iphoneos", "CPython 3.13, iOS 13.0 arm64_iphoneos"),
        ("cp313-cp313-android_21_arm64_v8a", "CPython 3.13, Android API 21 arm64_v8a"),
        ("cp312-cp312-pyodide_2024_0_wasm32", "CPython 3.12, Pyodide 2024.0"),
        ("cp312-cp312-linux_x86_64", "CPython 3.12, linux_x86_64"),
        ("x-none-beos", "x, beos"),
    ],
)
def test_tags_are_said_in_words(tag: str, words: str) -> None:
    assert in_words(parse_tag(tag) if tag else ()) == words


def checked(*found: Distribution, to: BuildPlan | None = None, wrong: tuple[Fault, ...] = ()) -> Checked:
    missing = not_there([each.filename for each in found], to)
    return Checked(found, subject_of(found, to), to, missing, wrong)


def test_the_headline_says_what_was_built_of_which_commit_and_how_much_is_there() -> None:
    wanted = plan("cp312-manylinux_x86_64", "cp312-win_amd64", sdist=True)
    assert headline(checked(built(), to=wanted)) == (
        "demo-pkg 1.0 of upstream/demo at 0123456789ab (v1.0): 1 of 2 wheels, no sdist"
    )
    assert headline(checked(built(), built(""))) == "demo-pkg 1.0: 1 wheel, 1 sdist"
    assert headline(checked()) == "Nothing that can be read: 0 wheels, no sdist"


def test_a_wheel_for_many_builds_counts_for_all() -> None:
    wanted = plan("cp311-win_amd64", "cp312-win_amd64")
    assert amount(checked(built("cp311-abi3-win_amd64"), to=wanted)) == "2 of 2 wheels (in 1 file), no sdist"


def test_the_summary_escapes_what_files_say_and_tells_all() -> None:
    wrong = (Fault("Lies", "a|b.whl", "<b>Bad</b>."), Fault("Odd", "c.whl", "Look.", warning=True))
    said = summary(checked(built(), built(""), wrong=wrong))
    assert said.startswith("### Not to be published: demo-pkg 1.0: 1 wheel, 1 sdist")
    assert "a&#124;b.whl: &#60;b&#62;Bad&#60;/b&#62;." in said
    assert "**To be looked at:**\n\n- **Odd**: c.whl: Look." in said
    assert "<code>demo&#95;pkg-1.0.tar.gz</code> | source | 10 B |" in said
    assert summary(checked(built())).startswith("### Checked: ")


def test_tools_are_what_wheels_say_that_built_them() -> None:
    generators = ["setuptools (80.9.0)", "setuptools (77.0.1)", "flit 3.12.0", "meson", "poetry-core 2.3.1", "(", ""]
    assert tools_of([built(generator=each) for each in generators]) == {
        "flit": "3.12.0",
        "poetry-core": "2.3.1",
        "setuptools": "77.0.1, 80.9.0",
    }
