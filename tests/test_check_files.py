"""A file of a build is believed only if all its bytes are what it says; whatever is wrong is said, with what to do."""

from __future__ import annotations

import os
import struct
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check_samples import (
    INFO,
    SDIST,
    WHEEL,
    altered,
    header_only,
    link,
    members,
    rezipped,
    sdist,
    wheel,
    wrong_with,
)
from nightly.checking import members as zip_members
from nightly.checking.gathering import gather
from nightly.errors import UserError
from nightly.wheels import hashes

RECORD = f"{INFO}/RECORD"
DATA = "demo_pkg/data.bin"


def one_fault(path: Path) -> str:
    """The only thing that is wrong with the only file."""
    ((file, said),) = wrong_with(path)
    assert file == path.name
    return said


def test_sound_files_are_read_with_what_they_say_of_themselves(tmp_path: Path) -> None:
    paths = wheel(tmp_path), sdist(tmp_path)
    found = gather([tmp_path], None)
    assert found.faults == ()
    assert found.names == tuple(sorted(path.name for path in paths))
    read = {each.filename: each for each in found.distributions}
    for path in paths:
        each = read[path.name]
        size, sha256, _ = hashes(path)
        assert (each.project, str(each.version), each.licensed) == ("demo-pkg", "1.0", True)
        assert (each.size, each.sha256) == (size, sha256)
    assert read[WHEEL].generator == "samples (2.1)"
    assert (read[WHEEL].is_wheel, read[SDIST].is_wheel) == (True, False)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_members_of_many_pieces_are_held_against_record(tmp_path: Path, method: int) -> None:
    path = wheel(tmp_path, changes={"demo_pkg/large.bin": os.urandom(700_000) + bytes(2_000_000)})
    rezipped(path, members(path), method)
    assert wrong_with(path) == []


@pytest.mark.parametrize(
    ("step", "gist"),
    [
        pytest.param(
            altered(DATA, lambda data: data[:-1] + b"x"),
            f"The hash of {DATA!r} isn't the one in RECORD",
            id="a changed byte",
        ),
        pytest.param(altered(DATA, lambda data: data + b"x"), f"The hash of {DATA!r} isn't", id="a longer member"),
        pytest.param(altered("demo_pkg/new.py", lambda _: b"new"), "RECORD doesn't list 'demo_pkg/new.py'", id="extra"),
        pytest.param(altered(DATA, lambda _: None), f"RECORD lists {DATA!r}, not in the zip", id="a lost member"),
        pytest.param(
            altered(RECORD, lambda record: b"\n".join(row for row in record.split(b"\n") if b"data" not in row)),
            f"RECORD doesn't list {DATA!r}",
            id="a missing row",
        ),
        pytest.param(
            altered(RECORD, lambda record: record.replace(b"sha256=", b"sha256=AA", 1)),
            "The hash of 'demo_pkg/__init__.py' isn't the one in RECORD",
            id="a changed hash",
        ),
        pytest.param(
            altered(RECORD, lambda record: record.replace(b"sha256=", b"sha256=\xc3\xa9!", 1)),
            "The hash of 'demo_pkg/__init__.py' isn't the one in RECORD",
            id="a hash that is none",
        ),
        pytest.param(
            altered(RECORD, lambda record: record.replace(b",10240", b",10241")),
            f"The size of {DATA!r} isn't the one in RECORD, though the hash is",
            id="a changed size",
        ),
        pytest.param(
            altered(RECORD, lambda record: record.replace(b"sha256=", b"md5=", 1)),
            "RECORD has no hash of 'demo_pkg/__init__.py' that can be trusted",
            id="a weak hash",
        ),
        pytest.param(
            altered(RECORD, lambda record: record + record.split(b"\n")[0] + b"\n"),
            "'demo_pkg/__init__.py' is there more than once",
            id="a row twice",
        ),
        pytest.param(
            altered(RECORD, lambda record: record + b'"'),
            "RECORD",
            id="no table",
            marks=pytest.mark.filterwarnings("ignore"),
        ),
    ],
)
def test_a_wheel_whose_record_lies_is_told(tmp_path: Path, step: Callable[[Path], None], gist: str) -> None:
    path = wheel(tmp_path)
    step(path)
    assert gist in one_fault(path)


def in_directory(name: str, offset: int, change: Callable[[int], int]) -> Callable[[Path], None]:
    """Another number in the entry that the zip's directory has for a member (APPNOTE 4.3.12)."""

    def patch(path: Path) -> None:
        content = bytearray(path.read_bytes())
        at = content.rindex(name.encode()) - 46 + offset
        (value,) = struct.unpack_from("<L", content, at)
        struct.pack_into("<L", content, at, change(value) & 0xFFFFFFFF)
        path.write_bytes(content)

    return patch


def in_header(name: str, offset: int, value: bytes) -> Callable[[Path], None]:
    """Other bytes in a member's own header (offset below 30), its name, or its content behind that."""

    def patch(path: Path) -> None:
        content = bytearray(path.read_bytes())
        at = content.index(name.encode()) - 30 + offset
        content[at : at + len(value)] = value
        path.write_bytes(content)

    return patch


CRC, PACKED, UNPACKED = 16, 20, 24


@pytest.mark.parametrize(
    ("step", "gist"),
    [
        pytest.param(in_directory(DATA, CRC, lambda crc: crc ^ 1), "has another checksum (CRC-32)", id="checksum"),
        pytest.param(
            in_directory(DATA, UNPACKED, lambda size: size - 1), "has more bytes than the 10239", id="more than it says"
        ),
        pytest.param(in_directory(DATA, UNPACKED, lambda size: size + 1), "has 10240 bytes", id="less than it says"),
        pytest.param(in_directory(DATA, PACKED, lambda size: size - 1), "ends before its end", id="cut off"),
        pytest.param(in_directory(DATA, PACKED, lambda size: size + 1), "has bytes behind its end", id="bytes behind"),
        pytest.param(in_header(DATA, 0, b"PK\x07\x08"), "has no header", id="no header"),
        pytest.param(in_header(DATA, 30, b"demo_pkg/DATA.bin"), "has another name in its own header", id="two names"),
        pytest.param(in_header(DATA, 30 + len(DATA), b"\xff" * 9), "can't be unpacked", id="broken content"),
    ],
)
def test_a_member_that_is_not_as_the_zip_says_is_told(tmp_path: Path, step: Callable[[Path], None], gist: str) -> None:
    path = wheel(tmp_path)
    rezipped(path, members(path))
    step(path)
    said = one_fault(path)
    assert said.startswith(f"Damaged wheel: Its member {DATA!r} ")
    assert gist in said


def test_a_member_in_a_packing_that_not_all_installers_read_is_told(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    content = members(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data, zipfile.ZIP_BZIP2 if name == DATA else zipfile.ZIP_DEFLATED)
    assert "is compressed by method 12" in one_fault(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_told(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(DATA, members(path)[DATA])
    assert f"{DATA!r} is there more than once" in one_fault(path)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    rezipped(path, members(path))
    in_directory(DATA, UNPACKED, lambda _: 2**31)(path)
    assert "Zip bomb: It isn't unpacked, as it would unpack to 2147" in one_fault(path)


def test_members_that_overlap_are_a_bomb_whatever_they_unpack_to() -> None:
    entries = [zipfile.ZipInfo(str(number)) for number in range(3)]
    for entry in entries:
        entry.compress_size, entry.file_size = 400, 500
    assert "they overlap" in zip_members.bomb(entries, 1000)
    assert zip_members.bomb(entries, 2000) == ""


def test_memory_stays_small_however_large_a_member_is(tmp_path: Path) -> None:
    path = wheel(tmp_path, changes={"demo_pkg/zeros.bin": bytes(60_000_000)})
    rezipped(path, members(path))
    tracemalloc.start()
    found = gather([path], None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.faults == ()
    assert peak < 8_000_000


@pytest.mark.parametrize(
    ("filename", "content", "gist"),
    [
        (WHEEL, b"", "is empty (0 bytes)"),
        (WHEEL, b"<html>Sign in", "is an HTML or XML page"),
        (WHEEL, b"PK\x03\x04" + bytes(99), "usually the file was cut off"),
        (SDIST, b"", "is empty (0 bytes)"),
        (SDIST, b"<html>Sign in", "is an HTML or XML page"),
        (SDIST, b"PK\x03\x04", "doesn't start like a .tar.gz"),
        (SDIST, b"\x1f\x8b\x08\x00" + bytes(99), "can't be unpacked"),
        ("demo.tar.gz", b"", "isn't named like an sdist"),
        ("demo_pkg-1.0.zip", b"PK\x03\x04", "An sdist is a .tar.gz (PEP 625)"),
        ("demo_pkg-x-py3-none-any.whl", b"PK\x03\x04", "can't be read"),
    ],
)
def test_a_file_that_is_no_wheel_or_sdist_is_told_by_its_name(
    tmp_path: Path, filename: str, content: bytes, gist: str
) -> None:
    (tmp_path / filename).write_bytes(content)
    found = gather([tmp_path], None)
    assert found.distributions == ()
    assert gist in one_fault(tmp_path / filename)


@pytest.mark.parametrize("make", [wheel, sdist], ids=["wheel", "sdist"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_a_truncated_file_is_told(tmp_path: Path, make: Callable[[Path], Path], kept: float) -> None:
    path = make(tmp_path)
    os.truncate(path, int(path.stat().st_size * kept))
    assert "cut off" in one_fault(path)


@pytest.mark.parametrize("make", [wheel, sdist], ids=["wheel", "sdist"])
@settings(max_examples=50, deadline=None)
@given(at=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), length=st.integers(1, 8))
def test_whatever_bytes_were_changed_it_is_told_and_never_a_crash(
    make: Callable[[Path], Path], at: float, change: int, length: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = make(Path(directory))
        content = bytearray(path.read_bytes())
        first = int(at * len(content))
        content[first : first + length] = bytes(byte ^ change for byte in content[first : first + length])
        path.write_bytes(content)
        found = gather([path], None)
    assert found.faults or [each.project for each in found.distributions] == ["demo-pkg"]


def test_a_wheel_that_was_renamed_is_told_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    altered(DATA, lambda _: b"x")(path)
    renamed = path.rename(tmp_path / WHEEL.replace("1.0", "1.1"))
    (_, name), (_, lie) = wrong_with(renamed)
    assert "METADATA says 'demo_pkg' '1.0'; usually it was renamed" in name
    assert "RECORD lies" in lie


@pytest.mark.parametrize(
    ("changes", "gist"),
    [
        ({f"{INFO}/licenses/LICENSE": None}, "names the licence files 'LICENSE', which aren't in it"),
        ({f"{INFO}/licenses/LICENSE": None, "demo_pkg/LICENSE": b"x"}, "names the licence files 'LICENSE'"),
    ],
    ids=["dropped", "elsewhere"],
)
def test_a_licence_that_metadata_names_has_to_be_there(
    tmp_path: Path, changes: Mapping[str, bytes | None], gist: str
) -> None:
    assert gist in one_fault(wheel(tmp_path, changes=changes))


@pytest.mark.parametrize("place", ["LICENSE", "license_files/LICENSE", "licenses/LICENSE"])
def test_a_licence_is_found_where_build_backends_have_put_it(tmp_path: Path, place: str) -> None:
    path = wheel(tmp_path, changes={f"{INFO}/licenses/LICENSE": None, f"{INFO}/{place}": b"Free.\n"})
    assert wrong_with(path) == []


@pytest.mark.parametrize(
    ("path", "gist"),
    [
        ({"demo_pkg-1.0/PKG-INFO": None}, "has no PKG-INFO"),
        ({"demo_pkg-1.0/PKG-INFO": b"Name: demo-pkg\n"}, "PKG-INFO has no single Version"),
        ({"demo_pkg-1.0/PKG-INFO": b"Name: demo-pkg\nVersion: 1.1\n"}, "PKG-INFO says 'demo-pkg' '1.1'"),
        ({"demo_pkg-1.0/PKG-INFO": b"Name: other\nVersion: 1.0\n"}, "PKG-INFO says 'other' '1.0'"),
        ({"demo_pkg-1.0/pyproject.toml": None}, "neither pyproject.toml nor setup.py"),
        ({"demo_pkg-1.0/LICENSE": None}, "names the licence files 'LICENSE'"),
        ({"README": b""}, "unpacks to 'demo_pkg-1.0', 'README', and not to 'demo_pkg-1.0' alone"),
        ({"demo_pkg-1.0/../../evil": b""}, "'demo_pkg-1.0/../../evil' would be unpacked"),
        ({"/etc/evil": b""}, "'/etc/evil' would be unpacked"),
        ({"C:\\evil": b""}, "would be unpacked, or point, outside"),
    ],
    ids=[
        *("no PKG-INFO", "no version", "another version", "another name", "not to be built", "no licence"),
        *("two tops", "parent", "absolute", "a drive"),
    ],
)
def test_a_broken_sdist_is_told(tmp_path: Path, path: Mapping[str, bytes | None], gist: str) -> None:
    assert gist in one_fault(sdist(tmp_path, path))


@pytest.mark.parametrize(
    ("entry", "gist"),
    [
        (link("demo_pkg-1.0/a", "../../secret"), "outside"),
        (link("demo_pkg-1.0/a", "/secret"), "outside"),
        (link("demo_pkg-1.0/a", "elsewhere/b", tarfile.LNKTYPE), "outside"),
        (link("demo_pkg-1.0/a", "", tarfile.FIFOTYPE), "neither a file, a directory nor a link"),
    ],
    ids=["a link up", "an absolute link", "a hard link", "a pipe"],
)
def test_a_member_of_an_sdist_that_leads_elsewhere_is_told(tmp_path: Path, entry: tarfile.TarInfo, gist: str) -> None:
    assert gist in one_fault(sdist(tmp_path, extra=(entry,)))


def test_links_within_an_sdist_and_a_directory_entry_are_sound(tmp_path: Path) -> None:
    top = link("demo_pkg-1.0/", "", tarfile.DIRTYPE)
    inner = link("demo_pkg-1.0/docs/a", "../LICENSE"), link("demo_pkg-1.0/b", "demo_pkg-1.0/LICENSE", tarfile.LNKTYPE)
    assert wrong_with(sdist(tmp_path, extra=(top, *inner))) == []


def test_an_sdist_of_an_old_spelling_is_told_as_a_warning(tmp_path: Path) -> None:
    path = sdist(tmp_path, filename="demo-pkg-1.0.tar.gz")
    (fault,) = gather([path], None).faults
    assert fault.warning
    assert "demo_pkg-1.0.tar.gz" in fault.what


@pytest.mark.parametrize(
    ("size", "kind", "gist"),
    [
        (2**40, tarfile.REGTYPE, "it would unpack to more than"),
        (2**31, tarfile.XHDTYPE, "a header in it says that it has 2147483648 bytes"),
        (2**31, tarfile.GNUTYPE_LONGNAME, "a header in it says that it has 2147483648 bytes"),
    ],
    ids=["a member", "a pax header", "a long name"],
)
def test_an_sdist_that_claims_to_be_huge_is_refused(tmp_path: Path, size: int, kind: bytes, gist: str) -> None:
    header_only(tmp_path / SDIST, size, kind)
    assert gist in one_fault(tmp_path / SDIST)


def test_one_name_in_two_folders_has_one_content(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        wheel(tmp_path / folder)
    assert gather([tmp_path], None).faults == ()
    altered(DATA, lambda data: data)(tmp_path / "b" / WHEEL)
    found = gather([tmp_path], None)
    (fault,) = found.faults
    assert fault.title == "Same name, other bytes"
    assert str(tmp_path / "a" / WHEEL) in fault.what
    assert str(tmp_path / "b" / WHEEL) in fault.what
    assert found.names == (WHEEL,)


@pytest.mark.skipif(os.name == "nt", reason="links take a privilege there")
def test_a_link_that_leads_nowhere_is_told_and_a_pipe_isnt_waited_for(tmp_path: Path) -> None:
    wheel(tmp_path / "sound")
    (tmp_path / WHEEL).symlink_to("gone")
    os.mkfifo(tmp_path / SDIST)
    found = gather([tmp_path], None)
    assert [each.filename for each in found.distributions] == [WHEEL]
    assert [(each.title, each.file) for each in found.faults] == [("Not a file", WHEEL), ("Not a file", SDIST)]


def test_other_files_are_passed_over_and_named(tmp_path: Path) -> None:
    wheel(tmp_path / "wheels")
    (tmp_path / "build-plan.json").write_text("{}")
    assert gather([tmp_path], None).others == (tmp_path / "build-plan.json",)


def test_what_lies_in_the_output_is_not_gathered(tmp_path: Path) -> None:
    wheel(tmp_path)
    wheel(tmp_path / "out", tag="py3-none-any")
    assert gather([tmp_path], tmp_path / "out").names == (WHEEL,)


def test_nothing_to_check_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("")
    with pytest.raises(UserError, match=r"neither a wheel nor an sdist in .*, but 'log.txt'") as nothing:
        gather([tmp_path], None)
    with pytest.raises(UserError, match=r"Not there: .*lost") as lost:
        gather([tmp_path, tmp_path / "lost"], None)
    assert (nothing.value.exit_code, lost.value.exit_code) == (2, 2)
