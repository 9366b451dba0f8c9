"""What holds for every file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Written in two parts, so that this file passes too.
UNWANTED = {
    "a package registry": ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".", "debian" + ".org"],
    "a path of one machine": ["/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/", "/tm" + "p/"],
    "a token": ["ghp" + "_", "github" + "_pat_"],
}


def tracked() -> list[Path]:
    call = ["git", "-c", f"safe.directory={ROOT.as_posix()}", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(call, check=True, capture_output=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def containing(pattern: str) -> list[str]:
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


@pytest.mark.parametrize("unwanted", UNWANTED.values(), ids=UNWANTED)
def test_no_file_names_what_belongs_to_one_machine_or_person(unwanted: list[str]) -> None:
    assert len(tracked()) > 50
    assert containing("|".join(map(re.escape, unwanted))) == []


def test_no_file_has_anyones_address() -> None:
    harmless = r"(?!users\.noreply\.github\.com|example\.|[a-z]\.)"
    assert containing(rf"[\w.+-]+@{harmless}[\w-]+(\.[\w-]+)*\.(org|com|net|edu|de|io|dev)\b") == []


def test_no_name_differs_from_another_by_case_alone() -> None:
    names = [path.relative_to(ROOT).as_posix().lower() for path in tracked()]
    assert len(set(names)) == len(names)


def test_nothing_is_a_symbolic_link() -> None:
    assert [path for path in tracked() if path.is_symlink()] == []
