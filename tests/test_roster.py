"""The roster is read to the letter, and every line of it that is wrong is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cadence import Rhythm
from nightly.errors import UserError
from roster import Entry, parse_roster, read_roster

ROOT = Path(__file__).resolve().parent.parent


def test_an_entry_says_where_a_project_lives_how_often_it_uploads_and_where_it_is_told() -> None:
    roster = parse_roster(
        "numpy: {repository: numpy/numpy, cadence: 4d}\n"
        "Scikit_Learn:\n  repository: scikit-learn/scikit-learn\n  issues: repository\n"
        "hist: {repository: scikit-hep/hist, cadence: irregular, issues: here}\n",
        "roster.yml",
    )
    assert roster == {
        "numpy": Entry("numpy", "numpy/numpy", Rhythm(timedelta(days=4))),
        "scikit-learn": Entry("Scikit_Learn", "scikit-learn/scikit-learn", told_there=True),
        "hist": Entry("hist", "scikit-hep/hist", Rhythm(is_irregular=True)),
    }


REFUSED = {
    "no mapping": ("- numpy\n", 1, "has to be a mapping"),
    "nothing in it": ("", 1, "empty"),
    "an unknown key": ("numpy:\n  repository: a/b\n  cadense: 4d\n", 3, "did you mean 'cadence'"),
    "no repository": ("numpy: {cadence: 4d}\n", 1, "needs a repository"),
    "half a repository": ("numpy: {repository: numpy}\n", 1, "OWNER/NAME"),
    "a repository's URL": ("numpy: {repository: 'https://github.com/numpy/numpy'}\n", 1, "OWNER/NAME"),
    "no duration": ("numpy:\n  repository: a/b\n  cadence: often\n", 3, "isn't a duration"),
    "no time between uploads": ("numpy:\n  repository: a/b\n  cadence: 0\n", 3, "irregular"),
    "somewhere else": ("numpy: {repository: a/b, issues: there}\n", 1, "has to be here or repository"),
    "a project twice": ("a_b: {repository: a/b}\nA-B: {repository: a/b}\n", 2, "first in line 1"),
    "a key twice": ("numpy:\n  repository: a/b\n  repository: a/c\n", 3, "twice, first in line 2"),
    "no name": ("'two words': {repository: a/b}\n", 1, "two words"),
    "an alias": ("a: &x {repository: a/b}\nb: *x\n", 1, "anchors"),
}


@pytest.mark.parametrize(("text", "line", "gist"), REFUSED.values(), ids=REFUSED)
def test_a_mistake_is_named_with_its_line(text: str, line: int, gist: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_roster(text, "roster.yml")
    assert f"roster.yml:{line}: " in str(refused.value)
    assert gist in str(refused.value)
    assert refused.value.exit_code == 2


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(UserError, match=r"2 to correct(.|\n)*:1: (.|\n)*:2: "):
        parse_roster("a: {repository: a}\nb: {repository: b}\n", "roster.yml")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["is not there", "is no text"])
def test_a_file_that_can_not_be_read_is_refused_by_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roster.yml"
    if content:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"roster\.yml can't be read"):
        read_roster(path)


def test_the_roster_of_this_repository_is_one() -> None:
    roster = read_roster(ROOT / "cleanup" / "roster.yml")
    assert roster["numpy"].repository == "numpy/numpy"
    assert not any(entry.told_there for entry in roster.values())
