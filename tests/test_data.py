"""What one job hands to the next: whole, or unreadable, and never something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightly.data import Unreadable, from_json, load, parse, save, to_json
from nightly.downstream.records.experiment import Experiment, ExperimentResult
from nightly.downstream.records.history import History
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import CellResult
from nightly.downstream.records.snapshot import Snapshot
from nightly.json_types import Json

RECORDS = [CellResult, Experiment, ExperimentResult, History, Plan, Proof, Snapshot]


class Colour(str, Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    at: datetime
    colour: Colour


@dataclass(frozen=True)
class Outer:
    name: str
    count: int
    share: float
    sure: bool
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    named: Mapping[str, Colour] = field(default_factory=dict)


NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
INNER = Inner(NOON, Colour.RED)
WHOLE = Outer("a", 1, 0.5, sure=True, inner=INNER, many=(INNER,), named={"x": Colour.RED})


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@settings(deadline=None)
@given(data=st.data())
def test_whatever_a_record_holds_it_is_the_same_after_it_was_written_and_read(
    kind: type[object], data: st.DataObject
) -> None:
    times = st.datetimes(timezones=st.just(timezone.utc))
    names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    with_types = {datetime: times, str: names, float: st.floats(allow_nan=False, allow_infinity=False)}
    for each, strategy in with_types.items():
        st.register_type_strategy(each, strategy)
    value = data.draw(st.from_type(kind))
    assert parse(kind, json.dumps(to_json(value)), "it") == value


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    save(tmp_path / "it.json", WHOLE)
    assert load(Outer, tmp_path / "it.json") == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == ["it.json"]


def test_times_are_written_in_utc() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert to_json(elsewhere) == "2026-11-21T12:00:00+00:00"


def test_what_is_missing_takes_its_default_and_what_is_unknown_is_passed_over() -> None:
    given: dict[str, Json] = {"name": "a", "count": 1, "share": 2, "sure": False, "more": 3}
    assert from_json(Outer, given) == Outer("a", 1, 2.0, sure=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 1}, "it.name isn't of type str"),
        ({"name": None}, "it.name isn't of type str"),
        ({"count": True}, "it.count isn't of type int"),
        ({"count": 1.0}, "it.count isn't of type int"),
        ({"share": "0.5"}, "it.share isn't of type float"),
        ({"sure": 1}, "it.sure isn't of type bool"),
        ({"inner": []}, "it.inner isn't an object"),
        ({"inner": {"at": "2026-11-21T12:00:00Z"}}, "it.inner"),
        ({"inner": {"at": "2026-11-21T12:00:00", "colour": "red"}}, "it.inner.at isn't a time with a time zone"),
        ({"inner": {"at": 7, "colour": "red"}}, "it.inner.at isn't a time with a time zone"),
        ({"inner": {"at": "0001-01-01T00:00:00+14:00", "colour": "red"}}, "it.inner.at isn't a time"),
        ({"inner": {"at": "9999-12-31T23:00:00-01:30", "colour": "red"}}, "it.inner.at isn't a time"),
        ({"share": 10**400}, "it.share is too large"),
        ({"many": {}}, "it.many isn't a list"),
        ({"many": [{"at": "2026-11-21T12:00:00+00:00", "colour": "blue"}]}, "it.many[0].colour can't be 'blue'"),
        ({"named": []}, "it.named isn't an object"),
        ({"named": {"x": ["red"]}}, "it.named.x can't be ['red']"),
    ],
    ids=lambda value: str(value)[:80],
)
def test_what_has_another_type_is_unreadable_and_says_where(change: Mapping[str, Json], said: str) -> None:
    whole = to_json(WHOLE)
    assert isinstance(whole, dict)
    with pytest.raises(Unreadable) as raised:
        from_json(Outer, {**whole, **change})
    assert said in str(raised.value)


LONG = "x" * 1_000_000


@pytest.mark.parametrize("named", [{"x": LONG}, {LONG: "blue"}], ids=["value", "name"])
def test_an_error_is_short_whatever_was_read(named: Json) -> None:
    whole = to_json(WHOLE)
    assert isinstance(whole, dict)
    with pytest.raises(Unreadable) as raised:
        from_json(Outer, {**whole, "named": named})
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    "content", ["", "{", '{"name": "a"', "[" * 100_000, '"a"', "null", "[]", "{}"], ids=lambda c: c[:9]
)
def test_what_is_not_a_whole_record_is_unreadable(tmp_path: Path, content: str) -> None:
    (tmp_path / "it.json").write_text(content, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"it\.json"):
        load(Outer, tmp_path / "it.json")


def test_bytes_that_are_no_text_are_unreadable() -> None:
    with pytest.raises(Unreadable):
        parse(Outer, b"\xff\xfe{}", "it")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@given(value=ANY_JSON)
def test_no_json_at_all_breaks_the_reading(kind: type[object], value: Json) -> None:
    with suppress(Unreadable):
        assert isinstance(from_json(kind, value), kind)


def test_what_has_no_form_is_a_bug() -> None:
    with pytest.raises(TypeError):
        to_json({1, 2})
