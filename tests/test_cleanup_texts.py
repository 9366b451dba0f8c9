"""A plan is the same as JSON and back; and what a channel says is data, wherever it's shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel_files import NOW, TAGS, remote
from nightly.actions import printable
from nightly.channel import Deletion, End, RemoteFile
from plan import Plan, Unread
from plan_summary import plan_lines, plan_summary
from planfile import plan_json, read_plan
from result import Missing, Result
from result_summary import ended, result_summary
from retention import decide
from rules import Policy, Rules
from test_markdown import ANY_TEXT, Page, seen

TEXT = st.text(max_size=20)
FILES = st.builds(
    remote,
    version=st.integers(0, 9).map("1.0.dev{}".format) | TEXT,
    tag=st.sampled_from([*TAGS, "sdist"]),
    age=st.none() | st.timedeltas(timedelta(-9), timedelta(99)),
    project=st.sampled_from(["alpha", "Beta", "be_ta"]),
    name=st.none() | TEXT,
    size=st.none() | st.integers(0, 10**12),
    labels=st.sets(st.sampled_from(["main", "rc"])),
)
RULES = st.builds(Rules, keep=st.integers(1, 3), max_bytes=st.none() | st.integers(1, 10**12), streams=st.just("minor"))
REASON = st.lists(TEXT, max_size=2).map(tuple)


def planned(files: list[RemoteFile], rules: Rules = Rules(keep=1)) -> Plan:  # noqa: B008 - frozen
    decisions = decide(files, Policy(rules), NOW, ["main"])
    return Plan(decisions, "memory", ("main",), "0" * 64, NOW)


@given(st.lists(FILES, max_size=9), RULES, st.lists(st.builds(Unread, TEXT, TEXT), max_size=2), REASON)
def test_a_plan_comes_back_from_json_as_it_was(
    files: list[RemoteFile], rules: Rules, unread: list[Unread], doubts: tuple[str, ...]
) -> None:
    plan = replace(planned(files, rules), unread=tuple(unread), doubts=doubts)
    again = read_plan(plan_json(plan))
    assert again == plan
    assert plan_json(again) == plan_json(plan)


def test_times_of_other_zones_are_written_in_utc() -> None:
    east = timezone(timedelta(hours=3))
    file = replace(remote(), uploaded_at=datetime(2026, 5, 31, 2, tzinfo=east))
    (row,) = json.loads(plan_json(planned([file])))["files"]
    assert row["uploaded_at"] == "2026-05-30T23:00:00+00:00"


@given(st.lists(FILES, max_size=9))
def test_the_digest_doesnt_depend_on_the_order_of_an_answer(files: list[RemoteFile]) -> None:
    assert planned(files).digest == planned(files[::-1]).digest


@pytest.mark.parametrize("change", [{"handle": "other"}, {"version": "0.dev9"}], ids=str)
def test_another_file_is_another_digest(change: dict[str, str]) -> None:
    old, new = remote("1.0.dev1", age=timedelta(99)), remote("1.0.dev2")
    assert planned([old, new]).digest != planned([replace(old, **change), new]).digest  # type: ignore[arg-type]  # text


@given(ANY_TEXT, ANY_TEXT)
def test_summaries_show_whatever_a_channel_says_as_it_is(name: str, reason: str) -> None:
    file = replace(remote("1.0.dev1", age=timedelta(99)), project=name, filename=f"{name}-1-py3-none-any.whl")
    plan = replace(planned([file]), channel=name, unread=(Unread(name, reason),), doubts=(reason,))
    result = Result(plan, (Deletion(file, End.FAILED, reason),), reason, (Missing(name, name, reason),))
    for text in (plan_summary(plan, [reason]), result_summary(result)):
        page = Page(text)
        assert page.tags <= {"h2", "h3", "p", "ul", "li", "code", "details", "summary", *TABLE}
        assert page.attributes == []
        assert seen(" ".join(printable(name).split())) in seen(page.text)


TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


def test_a_summary_of_thousands_of_files_fits_into_a_step() -> None:
    files = [remote(f"1.0.dev{number}", age=timedelta(days=199, hours=-number)) for number in range(2000)]
    plan = planned(files, Rules(keep=1, floor=0, coverage=0, allow_empty=True))
    assert len(plan.going) == 2000
    summary = plan_summary(plan, [])
    assert len(summary.encode()) < 2**20
    assert "and 1500 more" in summary
    assert sum("    delete " in line for line in plan_lines(plan)) == 2000


def test_a_headline_says_how_it_ended() -> None:
    file = remote(size=10**9)
    ends = (
        Deletion(file, End.DELETED),
        Deletion(file, End.GONE),
        Deletion(file, End.CHANGED),
        Deletion(file, End.FAILED),
    )
    result = Result(planned([]), ends, missing=(Missing("demo", "demo.whl", "gone"),))
    assert ended(result) == "1 deleted, 1 gone, 1 changed, 1 failed, 1 MISSING, 1 GB freed"
    assert ended(Result(planned([]))) == "nothing to do"
