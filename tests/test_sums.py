"""Files are held against SHA256SUMS before anything is done with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from nightly.building.modes import sums
from nightly.sums import parse_sums
from planning_runs import Caller, ModeRun

A, B = "a" * 64, "b" * 64


def gathered(directory: Path, **files: bytes) -> Path:
    """A directory of files, as a build leaves it."""
    directory.mkdir()
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    for name, content in {**files, "SHA256SUMS": "".join(lines).encode(), "BUILD-INFO.json": b"{}"}.items():
        (directory / name).write_bytes(content)
    return directory


def name_none(dist: Path) -> None:
    """Leave no files but SHA256SUMS, which names none."""
    for name in ("one", "two"):
        (dist / name).unlink()
    (dist / "SHA256SUMS").write_bytes(b"")


def run(directory: Path) -> ModeRun:
    return Caller(directory.parent).run(sums.run, files=str(directory))


def test_what_was_gathered_is_accepted(tmp_path: Path) -> None:
    ran = run(gathered(tmp_path / "dist", one=b"1", two=b"2"))
    assert ran.code == 0
    assert "2 files" in ran.log


def test_what_speaks_of_the_files_may_be_listed_too(tmp_path: Path) -> None:
    directory = gathered(tmp_path / "dist", one=b"1")
    with (directory / "SHA256SUMS").open("a") as file:
        file.write(f"{hashlib.sha256(b'{}').hexdigest()} *BUILD-INFO.json\n")
    assert run(directory).code == 0
    (directory / "BUILD-INFO.json").write_bytes(b"{ }")
    assert "BUILD-INFO.json has the sha256" in str(run(directory).error)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda dist: (dist / "one").write_bytes(b"other"), "one has the sha256 "),
        (lambda dist: (dist / "one").unlink(), "one is in SHA256SUMS, and isn't there"),
        (lambda dist: (dist / "three").write_bytes(b"3"), "three isn't in SHA256SUMS"),
        (lambda dist: (dist / "folder").mkdir(), "folder is no file"),
        (lambda dist: (dist / "SHA256SUMS").unlink(), "SHA256SUMS"),
        (lambda dist: (dist / "SHA256SUMS").write_bytes(b"\xff"), "utf-8"),
        (lambda dist: (dist / "SHA256SUMS").write_text("one\n"), "has the line 'one'"),
        (lambda dist: (dist / "SHA256SUMS").write_text(f"{A}  ../one\n"), "../one is in SHA256SUMS, and isn't there"),
        (lambda dist: [path.unlink() for path in dist.iterdir() if path.name in ("one", "two")], "isn't there"),
        (name_none, "no files"),
    ],
    ids=["changed", "missing", "added", "folder", "no sums", "not text", "no hash", "outside", "empty", "nothing"],
)  # fmt: skip
def test_what_was_changed_since_is_refused(tmp_path: Path, spoil: Callable[[Path], object], said: str) -> None:
    directory = gathered(tmp_path / "dist", one=b"1", two=b"2")
    spoil(directory)
    ran = run(directory)
    assert ran.code == 2
    assert said in str(ran.error)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere").code == 2


def test_lines_are_read_as_sha256sum_writes_them() -> None:
    text = f"{A}  one.whl\n{B.upper()} *two words.whl\r\n\n{A}  one.whl\n"
    assert parse_sums(text) == {"one.whl": A, "two words.whl": B}


@pytest.mark.parametrize("line", [f"{A} one", A, f"{A[:-1]}  one", f"SHA256 (one) = {A}", f"{B}  zero"])
def test_a_line_of_another_kind_or_that_contradicts_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="has the line"):
        parse_sums(f"{A}  zero\n{line}\n")
