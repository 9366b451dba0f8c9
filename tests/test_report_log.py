"""Report logs, whole, cut, huge and hostile: what is read of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly.downstream.records.experiment import Verdict
from nightly.downstream.running.longrepr import LONGEST_MESSAGE, LONGEST_TEXT, message_of, shortened, text_of
from nightly.downstream.running.report_log import LONGEST_LINE, MOST_FAILURES, SESSION, ReportLog, read_report
from nightly.json_types import Json
from report_lines import START, collect_report, crash, finish, report_of, started, warned, write

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "report.jsonl"


def test_a_log_that_is_missing_or_empty_says_nothing(log: Path) -> None:
    assert read_report(log) == ReportLog()
    assert read_report(write(log)) == ReportLog()


@pytest.mark.parametrize(
    ("phases", "verdict"),
    [
        ([("setup", "passed"), ("call", "passed"), ("teardown", "passed")], PASSED),
        ([("setup", "failed"), ("teardown", "passed")], FAILED),
        ([("setup", "passed"), ("call", "failed"), ("teardown", "passed")], FAILED),
        ([("setup", "passed"), ("call", "passed"), ("teardown", "failed")], FAILED),
        ([("setup", "skipped"), ("teardown", "passed")], UNKNOWN),
        ([("call", "rerun"), ("call", "passed")], PASSED),
        ([("call", "rerun"), ("call", "failed")], FAILED),
        ([("???", "failed")], FAILED),
    ],
    ids=["good", "setup", "call", "teardown", "skip", "rerun", "rerun in vain", "crashed worker"],
)
def test_a_test_failed_if_any_part_of_it_did(log: Path, phases: list[tuple[str, str]], verdict: Verdict) -> None:
    report = read_report(write(log, START, *(report_of("t", outcome, when) for when, outcome in phases), finish()))
    assert report.outcomes == {"t": verdict}
    assert len(report.failures) == (verdict is FAILED)
    assert report.passed == (verdict is PASSED)


def test_an_expected_failure_is_none(log: Path) -> None:
    report = read_report(write(log, START, report_of("t", "skipped", wasxfail="reason"), finish()))
    assert (report.outcomes, report.failures, report.passed) == ({"t": PASSED}, (), 0)


@pytest.mark.parametrize(
    ("number", "name", "told"),
    [(MOST_FAILURES + 5, "t", MOST_FAILURES), (20, "t" * 1_000_000, 7)],
    ids=["many", "long"],
)
def test_of_failures_without_an_end_the_first_are_told(log: Path, number: int, name: str, told: int) -> None:
    """What a cell leaves behind must be read by whoever reports, with that of all others."""
    report = read_report(write(log, START, *(report_of(f"{name}{n}", "failed") for n in range(number)), finish(1)))
    assert (len(report.failures), report.untold) == (told, number - told)
    assert list(report.outcomes.values()).count(FAILED) == number


def test_sessions_of_one_log_are_taken_together(log: Path) -> None:
    first = [START, report_of("both", "failed"), report_of("once"), report_of("skipped", "skipped"), finish(1)]
    second = [START, report_of("both"), report_of("skipped"), finish(5)]
    report = read_report(write(log, *first, *second))
    assert report.outcomes == {"both": FAILED, "once": PASSED, "skipped": PASSED}
    assert (report.is_finished, report.exit_status, report.passed) == (True, 5, 2)


def test_sessions_that_run_at_once_are_read_apart(log: Path) -> None:
    a, b = {"nightly_session": "a"}, {"nightly_session": "b"}
    lines = [START | a, START | b, started("one") | a, started("two") | b, finish(0) | b]
    report = read_report(write(log, *lines))
    assert (report.running, report.is_finished) == ("one", False)


def test_a_log_cut_in_a_line_is_read_up_to_there(log: Path) -> None:
    whole = json.dumps(report_of("lost", "failed")).encode()
    report = read_report(
        write(log, START, report_of("t"), report_of("t", when="teardown"), started("lost"), whole[:-30])
    )
    assert (report.outcomes, report.running) == ({"t": PASSED}, "lost")
    assert (report.is_finished, report.exit_status) == (False, None)


@pytest.mark.parametrize("size", range(0, 400, 7))
def test_wherever_a_log_is_cut_nothing_is_made_up(log: Path, size: int) -> None:
    whole = write(log, START, report_of("t"), report_of("u", "failed", longrepr="E   no"), finish()).read_bytes()
    report = read_report(write(log, whole[:size]))
    assert set(report.outcomes.items()) <= {("t", PASSED), ("u", FAILED)}
    assert report.is_finished is (size >= len(whole) - 1)


def test_a_session_after_a_killed_one_is_read_from_its_start(log: Path) -> None:
    report = read_report(
        write(log, START, started("deadly"), b'{"$report_type": "Te', b"\n", START, report_of("t"), finish())
    )
    assert (report.outcomes, report.running, report.is_finished) == ({"t": PASSED}, "deadly", False)


def test_bytes_that_are_no_utf_8_spoil_nothing(log: Path) -> None:
    line = json.dumps(report_of("t", "failed", longrepr="E   caf#")).encode().replace(b"#", b"\xe9")
    report = read_report(write(log, START, b"\xff\xfe\n", line + b"\n", finish()))
    assert [failure.message for failure in report.failures] == ["caf\ufffd"]


def test_three_thousand_failures_have_one_traceback_for_each_message(log: Path) -> None:
    def line(number: int) -> object:
        return report_of(f"t{number}", "failed", longrepr=f"def test():\nE   AttributeError: {number % 3}")

    report = read_report(write(log, START, *map(line, range(3000)), finish()))
    assert len(report.failures) == 3000
    assert [failure.test for failure in report.failures if failure.traceback] == ["t0", "t1", "t2"]
    assert report.failures[-1].message == "AttributeError: 2"


def test_a_collection_error_of_the_session_has_a_name_and_is_cut(log: Path) -> None:
    long = "\n".join(["def hook():", *["    x = 1"] * 20_000, "E   RuntimeError: no"])
    (failure,) = read_report(write(log, START, collect_report("", longrepr=long), finish(2))).failures
    assert (failure.test, failure.is_collection, failure.message) == (SESSION, True, "RuntimeError: no")
    assert len(failure.traceback) == LONGEST_TEXT
    assert failure.traceback.startswith("def hook():")
    assert failure.traceback.endswith("E   RuntimeError: no")


def test_a_collection_error_of_the_session_stands_beside_others(log: Path) -> None:
    lines = [collect_report("", longrepr="E   A"), collect_report("b.py", longrepr="E   B"), report_of("c", "failed")]
    report = read_report(write(log, START, *lines, finish(2)))
    assert [(failure.test, failure.is_collection) for failure in report.failures] == [
        (SESSION, True),
        ("b.py", True),
        ("c", False),
    ]


def test_a_run_without_tests_is_finished_and_says_so(log: Path) -> None:
    report = read_report(write(log, START, collect_report("", "passed"), collect_report("a.py", "skipped"), finish(5)))
    assert (report.outcomes, report.is_finished, report.exit_status, report.passed) == ({}, True, 5, 0)


def test_environments_are_told_once_each_and_python_by_the_first(log: Path) -> None:
    lines = [{"$report_type": "NightlySession", "prefix": each, "python": each * 2} for each in ("a", "b", "a")]
    report = read_report(write(log, *lines))
    assert (report.prefixes, report.python) == (("a", "b"), "aa")


def test_the_test_that_started_last_is_the_one_that_ran(log: Path) -> None:
    lines = [started("one"), started("two"), started("three"), report_of("three", when="teardown"), started("one")]
    assert read_report(write(log, START, *lines)).running == "one"


def test_warnings_are_counted_with_the_projects_that_the_log_knows(log: Path) -> None:
    raised = warned(filename="/x/site-packages/sklearn/base.py", lineno=3)
    known = {"$report_type": "NightlyProjects", "projects": {"sklearn": "scikit_learn", "odd": 3}}
    (warning,) = read_report(write(log, START, raised, raised, known, finish())).warnings
    assert (warning.project, warning.count, warning.where) == ("scikit-learn", 2, "sklearn/base.py:3")


KINDS = ["SessionStart", "NightlySession", "NightlyStart", "NightlyCollected", "NightlyProjects"]
KINDS += ["CollectReport", "TestReport", "WarningMessage", "SessionFinish", "Else"]
FIELDS = ["nodeid", "outcome", "when", "longrepr", "exitstatus", "prefix", "python", "projects", "message", "category"]
FIELDS += ["filename", "lineno", "category_module", "nightly_session", "wasxfail"]
LONGREPR = ["reprcrash", "reprtraceback", "chain", "reprentries", "data", "lines", "reprfuncargs", "args", "reprlocals"]

anything: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["failed", "call"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(LONGREPR, inner),
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.fixed_dictionaries({"$report_type": st.sampled_from(KINDS)}, optional=dict.fromkeys(FIELDS, anything))
        | anything,
        max_size=8,
    )
)
def test_whatever_a_line_holds_the_log_is_read(tmp_path_factory: pytest.TempPathFactory, lines: list[Json]) -> None:
    report = read_report(write(tmp_path_factory.getbasetemp() / "hostile.jsonl", *lines))
    assert set(report.outcomes) >= {failure.test for failure in report.failures}
    assert all(type(failure.message) is str and failure.message for failure in report.failures)


@pytest.mark.parametrize(
    "line",
    [b"[" * 100_000, b"[1, 2]", b"null", b'"text"', b"1" * 10_000, b'{"$report_type": ["TestReport"]}', b"\x00"],
    ids=["deep", "list", "null", "text", "number", "no kind", "zero"],
)
def test_a_line_that_is_no_report_is_passed_over(log: Path, line: bytes) -> None:
    report = read_report(write(log, START, line + b"\n", report_of("t"), finish(0)))
    assert (report.outcomes, report.is_finished) == ({"t": PASSED}, True)


def test_a_line_that_is_far_too_long_is_passed_over(log: Path) -> None:
    long = json.dumps(report_of("long", "failed", longrepr="x" * LONGEST_LINE)).encode() + b"\n"
    assert read_report(write(log, START, long, report_of("t"), finish(0))).outcomes == {"t": PASSED}


@pytest.mark.parametrize(
    ("longrepr", "message"),
    [
        (crash("ValueError: no\nmore of it"), "ValueError: no"),
        (
            crash("AssertionError: \nNot equal to tolerance rtol=1e-07"),
            "AssertionError: Not equal to tolerance rtol=1e-07",
        ),
        (crash("TypeError: <object at 0x7f01ab34>"), "TypeError: <object at 0x...>"),
        (crash("\n\x1b[31mError: red\x1b[0m"), "Error: red"),
        (
            "a.py:1: in f\nE   KeyError: 1\nE\nE   more\nduring\nE   ValueError: 2\nE   and so\na.py:9: ValueError",
            "ValueError: 2",
        ),
        ("Traceback\n  E = 3\nImportError: no\n\n", "ImportError: no"),
        ("worker 'gw0' crashed while running 't'", "worker 'gw0' crashed while running 't'"),
        (["a.py", 3, "Skipped: no"], "Skipped: no"),
        (None, "It failed without a message."),
        ("", "It failed without a message."),
        ({"reprcrash": None, "reprtraceback": {"reprentries": [{"data": {"lines": ["E   A: b", 3]}}]}}, "A: b"),
        ({"reprcrash": [1], "chain": "x"}, "It failed without a message."),
    ],
    ids=[
        *("first line", "after a colon", "address", "colours", "last block", "plain traceback", "crashed worker"),
        *("list", "none", "empty", "hidden crash", "nonsense"),
    ],
)
def test_the_message_is_the_line_that_says_most(longrepr: object, message: str) -> None:
    assert message_of(longrepr) == message


def test_a_message_is_cut() -> None:
    assert len(message_of(crash("x" * 1000))) == LONGEST_MESSAGE


def test_the_traceback_of_a_chain_has_all_its_exceptions() -> None:
    def link(line: str, place: object = None) -> dict[str, object]:
        return {"reprentries": [{"type": "ReprEntry", "data": {"lines": [line], "reprfileloc": place}}]}

    place = {"path": "a.py", "lineno": 3, "message": "KeyError"}
    chain = [
        [link("E   ValueError: first", place), None, "The above caused:"],
        [link("E   KeyError: second"), None, None],
    ]
    text = text_of({"reprtraceback": link("E   KeyError: second"), "chain": chain, "sections": [["Said", "out", "-"]]})
    assert [line for line in text.splitlines() if line] == [
        *("E   ValueError: first", "a.py:3: KeyError", "The above caused:", "E   KeyError: second", "Said", "out"),
    ]


def test_a_traceback_says_with_what_the_test_was_called_and_its_variables_where_pytest_does() -> None:
    data = {
        "reprfuncargs": {"args": [["css", "b'@'"], ["expected", "[]"]]},
        "lines": [">   assert css == expected", "E   assert b'@' == []"],
        "reprlocals": {"lines": ["value      = 3"]},
    }
    assert text_of({"reprtraceback": {"reprentries": [{"data": data}]}}).splitlines() == [
        *("css = b'@'", "expected = []", "", ">   assert css == expected", "E   assert b'@' == []", "value      = 3"),
    ]


def test_a_short_traceback_is_left_whole() -> None:
    assert shortened("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
