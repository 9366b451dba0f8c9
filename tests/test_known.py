"""The file of known failures: how it is read, and what it excuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import Failure, Known
from nightly.downstream.running.known import MOST_TESTS, Entry, read_known, sort_out
from nightly.errors import UserError

TODAY = date(2026, 9, 1)
ISSUE = "https://github.com/numpy/numpy/issues/1"
WHOLE = f"issue = {ISSUE}\nexpires = 2026-12-31\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known.ini"


def entry(pattern: str = "t.py::test", expires: str = "2026-12-31", package: str = "", *, at: Path) -> Entry:
    """What is read of an entry."""
    line = f"package = {package}\n" if package else ""
    at.write_text(f"[{pattern}]\nissue = {ISSUE}\nexpires = {expires}\n{line}", encoding="utf-8")
    (only,) = read_known(at)
    return only


def proof_of(version: str | None) -> Proof:
    return Proof(("env",), (Proved("numpy", ProofState.NIGHTLY, "", version=version),))


def failures(*tests: str) -> tuple[Failure, ...]:
    return tuple(Failure(test, "no") for test in tests)


def test_a_file_is_read_entry_by_entry(file: Path) -> None:
    file.write_text(f"# ours\n[a.py::*]\n{WHOLE}\n[b.py::test]\nPackage = numpy>=2.6.0.dev0\n{WHOLE}", encoding="utf-8")
    first, second = read_known(file)
    assert (first.pattern, first.issue, first.expires, first.package) == ("a.py::*", ISSUE, date(2026, 12, 31), None)
    assert (second.pattern, str(second.package)) == ("b.py::test", "numpy>=2.6.0.dev0")


def test_an_empty_file_knows_nothing(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    assert read_known(file) == ()


@pytest.mark.parametrize(
    ("pattern", "test", "covers"),
    [
        ("t.py::test", "t.py::test", True),
        ("t.py::test", "t.py::test_more", False),
        ("t.py::test[a-[x]]", "t.py::test[a-[x]]", True),
        ("t.py::test[?]", "t.py::test[a]", False),
        ("t.py::test[ab]", "t.py::testa", False),
        ("t.py::test[*]", "t.py::test[a\nb]", True),
        ("*::test_*_io", "deep/t.py::Test::test_my_io", True),
        ("t.py::test", "T.py::test", False),
        ("t.py::test[50%(x)s; # a=b]", "t.py::test[50%(x)s; # a=b]", True),
        ("DEFAULT", "DEFAULT", True),
        ("t.py", "t.py::test", False),
    ],
    ids=[
        *("itself", "a longer one", "brackets", "question mark", "no class of letters", "newline", "stars", "case"),
        *("odd characters", "default", "a file alone"),
    ],
)
def test_only_a_star_is_special_in_a_pattern(file: Path, pattern: str, test: str, *, covers: bool) -> None:
    left, (known,) = sort_out([entry(pattern, at=file)], failures(test), (), None, TODAY)
    assert (left == (), known.tests) == (covers, (test,) if covers else ())


def test_what_is_known_is_excused_and_counted_apart(file: Path) -> None:
    left, known = sort_out(
        [entry("t.py::*", at=file)], failures("t.py::a", "u.py::b"), ["t.py::c", "u.py::d"], None, TODAY
    )
    assert left == failures("u.py::b")
    assert known == (Known("t.py::*", ISSUE, "2026-12-31", is_expired=False, tests=("t.py::a",), passed=("t.py::c",)),)


def test_an_entry_whose_tests_all_pass_is_told(file: Path) -> None:
    left, (known,) = sort_out([entry(at=file)], (), ["t.py::test"], None, TODAY)
    assert (left, known.tests, known.passed) == ((), (), ("t.py::test",))


def test_an_entry_of_all_tests_tells_the_first(file: Path) -> None:
    names = [f"t.py::{number}" for number in range(2 * MOST_TESTS)]
    left, (known,) = sort_out([entry("*", at=file)], failures(*names), names, None, TODAY)
    assert (left, len(known.tests), len(known.passed)) == ((), MOST_TESTS, MOST_TESTS)


@pytest.mark.parametrize(
    ("expires", "is_expired"),
    [("2026-08-31", True), ("2026-09-01", False), ("2026-09-02", False)],
    ids=["yesterday", "today", "tomorrow"],
)
def test_an_entry_excuses_up_to_its_day_and_is_told_afterwards(file: Path, expires: str, *, is_expired: bool) -> None:
    failed = failures("t.py::test")
    left, (known,) = sort_out([entry(expires=expires, at=file)], failed, ["t.py::test"], None, TODAY)
    assert (left == failed, known.is_expired) == (is_expired, is_expired)
    assert (known.tests, known.passed) == (((), ()) if is_expired else (("t.py::test",), ("t.py::test",)))


@pytest.mark.parametrize(
    ("package", "proof", "excuses"),
    [
        ("numpy >= 2.6.0.dev0", proof_of("2.6.0.dev0"), True),
        ("numpy >= 2.6.0.dev0", proof_of("2.6.0.dev0+git20260621.abc1234"), True),
        ("numpy < 2.7", proof_of("2.6.0.dev0"), True),
        ("NumPy", proof_of("2.6.0.dev0"), True),
        ("numpy >= 2.6.0.dev0", proof_of("2.5.1"), False),
        ("numpy", proof_of(None), False),
        ("numpy", proof_of("what?"), False),
        ("scipy", proof_of("2.6.0"), False),
        ("numpy", None, False),
    ],
    ids=[
        *("nightly", "with its commit", "below", "another spelling", "too old", "not installed", "no version"),
        *("another package", "nothing proved"),
    ],
)
def test_an_entry_concerns_only_its_package(file: Path, package: str, proof: Proof | None, *, excuses: bool) -> None:
    failed = failures("t.py::test")
    left, known = sort_out([entry(package=package, at=file)], failed, (), proof, TODAY)
    assert (left == (), len(known)) == (excuses, int(excuses))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[t.py]\nexpires = 2026-12-31", ["[t.py]", "issue"]),
        ("[t.py]\nissue = #12\nexpires = 2026-12-31", ["[t.py]", "URL"]),
        (f"[t.py]\nissue = {ISSUE}", ["[t.py]", "expires", "2026-12-31"]),
        (f"[t.py]\nissue = {ISSUE}\nexpires = 31.12.2026", ["[t.py]", "expires"]),
        (f"[t.py]\n{WHOLE}reason = x", ["[t.py]", "'reason'"]),
        (f"[t.py]\n{WHOLE}package = numpy >=", ["[t.py]", "'numpy >='"]),
        (f"[t.py]\n{WHOLE}package = numpy[x]", ["[t.py]", "'numpy[x]'"]),
        (f"[t.py]\n{WHOLE}[t.py]\n{WHOLE}", ["known.ini", "t.py"]),
        (WHOLE, ["known.ini"]),
        (f"[t.py]\n{WHOLE}nonsense", ["known.ini", "nonsense"]),
    ],
    ids=[
        *("no issue", "no URL", "no day", "no date", "unknown key", "no requirement", "an extra", "twice"),
        *("no pattern", "no key"),
    ],
)
def test_an_entry_that_is_none_is_refused_by_name(file: Path, text: str, told: list[str]) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        read_known(file)
    assert refused.value.exit_code == 2
    assert [each for each in told if each not in str(refused.value)] == []


def test_a_file_that_is_not_there_is_refused_by_name(file: Path) -> None:
    with pytest.raises(UserError, match=r"known\.ini"):
        read_known(file)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"[t\xff]")
    with pytest.raises(UserError, match=r"known\.ini"):
        read_known(file)
