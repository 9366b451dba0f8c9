"""A wheel is believed only if it is whole and says one thing of itself; all else is refused in one line."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag

from nightly.metadata import Metadata, parse_metadata
from nightly.wheels import BadWheel, Wheel, metadata_headers, read_wheel
from sample_wheels import make_wheel

INFO = "demo_pkg-1.0.dev1.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.0.dev1\n"
DEMO = "demo_pkg-1.0.dev1-py3-none-any.whl"


def members(changes: Mapping[str, bytes | None] | None = None) -> dict[str, bytes]:
    """The members of a sound wheel, and `changes` to them; None takes one away."""
    sound: dict[str, bytes | None] = {
        "demo_pkg/__init__.py": b"",
        f"{INFO}/METADATA": METADATA,
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\n",
        f"{INFO}/RECORD": b"demo_pkg/__init__.py,,\n",
    }
    return {name: content for name, content in (sound | dict(changes or {})).items() if content is not None}


def zipped(path: Path, content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadWheel) as caught:
        read_wheel(path)
    message = str(caught.value)
    assert message.isprintable()
    return message


def test_a_sound_wheel_is_read(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "Demo.Pkg", "1.0.dev1+g12ab", "cp312-abi3-linux_x86_64.linux_i686", build="7b")
    content = path.read_bytes()
    wheel = read_wheel(path)
    assert (wheel.path, wheel.filename) == (path, path.name)
    assert (wheel.name, wheel.project, wheel.version) == ("Demo.Pkg", "demo-pkg", "1.0.dev1+g12ab")
    assert wheel.build == (7, "b")
    assert wheel.tags == {Tag("cp312", "abi3", "linux_x86_64"), Tag("cp312", "abi3", "linux_i686")}
    assert wheel.size == len(content)
    assert wheel.sha256 == hashlib.sha256(content).hexdigest()
    assert wheel.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert b"Name: Demo.Pkg" in wheel.metadata


def test_the_name_and_version_are_those_of_metadata_to_the_letter(tmp_path: Path) -> None:
    content = members(
        {f"{INFO}/METADATA": METADATA.replace(b"demo-pkg", b"Demo_Pkg").replace(b"1.0.dev1", b"1.0-DEV01")}
    )
    wheel = read_wheel(zipped(tmp_path / DEMO, content))
    assert (wheel.name, wheel.project, wheel.version) == ("Demo_Pkg", "demo-pkg", "1.0-DEV01")
    assert str(wheel.parsed_version) == "1.0.dev1"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"demo_pkg/generated.py": b""}, id="a member that RECORD doesn't list"),
        pytest.param({"demo_pkg/": b"", "demo_pkg/data/": b""}, id="directories"),
        pytest.param({f"{INFO}/RECORD.jws": b"", f"{INFO}/licenses/LICENSE": b""}, id="signature and licence"),
        pytest.param({"demo_pkg/..data": b"", "demo_pkg/a..b": b""}, id="dots that lead nowhere"),
        pytest.param({"demo_pkg/vendor.dist-info/METADATA": b""}, id="a vendored .dist-info"),
        pytest.param({f"{INFO}/RECORD": b'"demo_pkg/__init__.py",sha256=x,0\r\n\r\n'}, id="a quoted RECORD with CRLF"),
    ],
)
def test_what_pip_installs_passes(tmp_path: Path, changes: dict[str, bytes]) -> None:
    assert read_wheel(zipped(tmp_path / DEMO, members(changes))).project == "demo-pkg"


@pytest.mark.parametrize(
    ("content", "gist"),
    [
        pytest.param(b"", "is empty (0 bytes)", id="zero bytes"),
        pytest.param(b"\n <!DOCTYPE html><title>Sign in</title>", "is an HTML or XML page", id="HTML"),
        pytest.param(b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "HTML or XML page", id="XML"),
        pytest.param(b"\x1f\x8b\x08\x00" + bytes(60), "doesn't start like a zip", id="gzip"),
        pytest.param(b"PK\x03\x04" + bytes(200), "usually the file was cut off", id="only a beginning"),
    ],
)
def test_a_file_of_other_content_is_refused_by_name(tmp_path: Path, content: bytes, gist: str) -> None:
    path = tmp_path / DEMO
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path}: ")
    assert gist in refusal(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_wheel_is_refused(tmp_path: Path, kept: float) -> None:
    path = make_wheel(tmp_path, payload=bytes(5000))
    os.truncate(path, int(path.stat().st_size * kept))
    assert "usually the file was cut off" in refusal(path)


def test_a_wheel_that_lost_bytes_before_its_directory_is_refused(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, payload=bytes(5000))
    content = path.read_bytes()
    path.write_bytes(content[:300] + content[2000:])
    assert "are missing" in refusal(path) or "can't be read" in refusal(path)


def test_a_directory_called_like_a_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / DEMO).mkdir()
    assert "is a directory" in refusal(tmp_path / DEMO)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no regular file" in refusal(tmp_path / DEMO)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions don't bind this user")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = make_wheel(tmp_path)
    path.chmod(0)
    assert "Permission denied" in refusal(path)


def test_an_sdist_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "demo_pkg-1.0.tar.gz"
    path.write_bytes(b"\x1f\x8b")
    assert "an sdist" in refusal(path)


@pytest.mark.parametrize(
    ("filename", "gist"),
    [
        ("demo-pkg-1.0.dev1-py3-none-any.whl", "name it demo_pkg-1.0.dev1-py3-none-any.whl"),
        ("demo-pkg-1.0.dev1-3-py3-none-any.whl", "name it demo_pkg-1.0.dev1-3-py3-none-any.whl"),
        ("demo__pkg-1.0.dev1-py3-none-any.whl", "name it demo_pkg-1.0.dev1-py3-none-any.whl"),
        ("demo_pkg-py3-none-any.whl", "name it demo_pkg-1.0.dev1-py3-none-any.whl"),
        ("demo_pkg-1.0.dev2-py3-none-any.whl", "METADATA says 'demo-pkg' '1.0.dev1'; usually it was renamed"),
        ("other-1.0.dev1-py3-none-any.whl", "METADATA says 'demo-pkg' '1.0.dev1'; usually it was renamed"),
        ("demo_pkg-1.0.dev1-x3-py3-none-any.whl", "isn't named like a wheel"),
        ("demo_pkg-nightly-py3-none-any.whl", "isn't named like a wheel"),
        ("demo.whl", "isn't named like a wheel"),
        ("-----.whl", "isn't named like a wheel"),
    ],
)
def test_a_name_that_installers_do_not_read_is_refused_with_the_right_one(
    tmp_path: Path, filename: str, gist: str
) -> None:
    assert gist in refusal(zipped(tmp_path / filename, members()))


def test_a_dash_in_the_name_is_refused_even_if_the_rest_parses(tmp_path: Path) -> None:
    # Read as project "name", version 2 and build tag 1.0.
    path = make_wheel(tmp_path, "name-2", "1.0")
    assert "name it name_2-1.0-py3-none-any.whl" in refusal(path.rename(tmp_path / "name-2-1.0-py3-none-any.whl"))


MOVED = {f"{INFO}/{name}": None for name in ("METADATA", "WHEEL", "RECORD")}


@pytest.mark.parametrize(
    ("changes", "gist"),
    [
        pytest.param(MOVED, "no .dist-info directory", id="no dist-info"),
        pytest.param({"other-1.dist-info/METADATA": b""}, "2 .dist-info directories", id="two dist-infos"),
        pytest.param({f"{INFO}/METADATA": None}, "METADATA is not in it", id="no METADATA"),
        pytest.param({f"{INFO}/WHEEL": None}, "WHEEL is not in it", id="no WHEEL"),
        pytest.param({f"{INFO}/RECORD": None}, "RECORD is not in it", id="no RECORD"),
        pytest.param({"demo_pkg/__init__.py": None}, "RECORD lists 'demo_pkg/__init__.py', not in", id="lost a file"),
        pytest.param({f"{INFO}/RECORD": b"a,,\nb,,\n"}, "RECORD lists 'a' and 1 more", id="lost two files"),
        pytest.param({f"{INFO}/RECORD": b"\xff,,\n"}, "RECORD isn't a table in UTF-8", id="RECORD of other bytes"),
        pytest.param({f"{INFO}/METADATA": b"\xff" + METADATA}, "METADATA isn't UTF-8", id="METADATA not UTF-8"),
        pytest.param({f"{INFO}/METADATA": b"\x00\x01"}, "no single Name", id="METADATA unparsable"),
        pytest.param({f"{INFO}/METADATA": b"Name: demo-pkg\n"}, "no single Version", id="no Version"),
        pytest.param({f"{INFO}/METADATA": METADATA + b"Name: other\n"}, "no single Name", id="two Names"),
        pytest.param({f"{INFO}/METADATA": b"Name: demo-pkg\nVersion: 1.x\n"}, "isn't a version", id="bad Version"),
        pytest.param({f"{INFO}/METADATA": b"Name: -\nVersion: 1\n"}, "isn't a project name", id="bad Name"),
        pytest.param({f"{INFO}/METADATA": bytes(11 * 2**20)}, "has 11534336 bytes", id="METADATA is a bomb"),
        pytest.param({"/etc/x": b""}, "outside of the target", id="an absolute member"),
        pytest.param({"demo_pkg/../../x": b""}, "outside of the target", id="a member above"),
        pytest.param({"..": b""}, "outside of the target", id="a member that is the parent"),
        pytest.param({"C:\\x": b""}, "outside of the target", id="a drive"),
        pytest.param({"a\\..\\..\\x": b""}, "outside of the target", id="a member above, with backslashes"),
    ],
)
def test_a_zip_that_is_no_sound_wheel_is_refused(tmp_path: Path, changes: dict[str, bytes | None], gist: str) -> None:
    assert gist in refusal(zipped(tmp_path / DEMO, members(changes)))


@pytest.mark.parametrize("directory", ["other-1.0.dev1.dist-info", "demo_pkg-2.0.dist-info", "demo_pkg.dist-info"])
def test_a_dist_info_of_another_name_is_refused(tmp_path: Path, directory: str) -> None:
    content = {name.replace(INFO, directory): data for name, data in members().items()}
    assert "isn't named like it" in refusal(zipped(tmp_path / DEMO, content))


def test_two_entries_of_metadata_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / DEMO, members())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(f"{INFO}/METADATA", METADATA)
    assert "METADATA is 2 times in it" in refusal(path)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / DEMO, members())
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


def test_a_compression_whose_output_is_not_bounded_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / DEMO, members(), zipfile.ZIP_BZIP2)
    assert "only stored and deflate are portable" in refusal(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_control_character_in_a_name_does_not_reach_the_message(tmp_path: Path) -> None:
    assert "�[31m.whl" in refusal(zipped(tmp_path / "\n\x1b[31m.whl", members()))


CUT = st.tuples(st.integers(0, 10**4), st.integers(0, 10**4)).map(
    lambda span: lambda data: data[: span[0]] + data[span[0] + span[1] % 50 :]
)
FLIP = st.lists(st.tuples(st.integers(0, 10**4), st.integers(1, 255)), min_size=1, max_size=4).map(
    lambda flips: lambda data: flipped(data, flips)
)


def flipped(data: bytes, flips: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for position, mask in flips:
        changed[position % len(data)] ^= mask
    return bytes(changed)


def read_or_refuse(content: bytes) -> Wheel | None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, DEMO)
        path.write_bytes(content)
        try:
            return read_wheel(path)
        except BadWheel:
            return None


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return zipped(tmp_path_factory.mktemp("sound") / DEMO, members()).read_bytes()


@given(change=CUT | FLIP)
def test_a_damaged_wheel_is_read_or_refused_and_nothing_else(sound: bytes, change: Callable[[bytes], bytes]) -> None:
    wheel = read_or_refuse(change(sound))
    assert wheel is None or (wheel.project, str(wheel.parsed_version)) == ("demo-pkg", "1.0.dev1")


@given(content=st.binary() | st.binary().map(lambda data: b"PK\x03\x04" + data))
def test_arbitrary_bytes_are_refused(content: bytes) -> None:
    assert read_or_refuse(content) is None


HEADER = st.sampled_from(["Name", "Version", "Summary", "Description", "Project-URL", "Content-Type", "License"])


@given(lines=st.lists(st.tuples(HEADER, st.text())), body=st.text(), tail=st.binary(max_size=3))
def test_arbitrary_metadata_is_read_or_refused(lines: list[tuple[str, str]], body: str, tail: bytes) -> None:
    text = "\n".join(["Name: demo-pkg", *(f"{name}: {value}" for name, value in lines), "", body])
    try:
        metadata = parse_metadata(text.encode() + tail)
    except BadWheel:
        return
    assert metadata.name
    assert metadata.version


@given(name=st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?", fullmatch=True), number=st.integers(0, 10**9))
def test_whatever_a_project_is_called_its_wheel_is_read(name: str, number: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        wheel = read_wheel(make_wheel(Path(directory), name, f"1.dev{number}"))
    assert (wheel.name, wheel.version) == (name, f"1.dev{number}")


def test_the_headers_of_a_wheel_are_what_metadata_says(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, requires=["numpy>=2", "pytest; extra == 'test'"], summary="Größe | *x*")
    assert metadata_headers(read_wheel(path)) == Metadata(
        name="demo-pkg",
        version="1.0.dev1",
        summary="Größe | *x*",
        license="",
        home_page="https://example.org/demo",
        description="# demo-pkg\n",
        requires_dist=("numpy>=2", "pytest; extra == 'test'"),
        requires_python="",
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param("Home-page: A\nProject-URL: homepage, B", "A", id="the header first"),
        pytest.param("Project-URL: Docs, D\nProject-URL: Home-Page, B", "B", id="the label, normalised"),
        pytest.param("Project-URL: Docs, D", "", id="neither"),
        pytest.param("Project-URL: x, B\nProject-URL: x, C", "", id="unreadable ones"),
    ],
)
def test_the_home_page_is_found(headers: str, expected: str) -> None:
    assert parse_metadata(METADATA + headers.encode()).home_page == expected


@pytest.mark.parametrize("text", ["Description: D\n", "\nD"], ids=["header", "body"])
def test_the_description_is_found(text: str) -> None:
    assert parse_metadata(METADATA + text.encode()).description == "D"


def test_a_large_wheel_is_read_with_little_memory(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, payload=bytes(64 * 2**20))
    tracemalloc.start()
    read_wheel(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20
