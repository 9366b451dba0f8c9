"""What holds of every decision, whatever files there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename

from channel_files import MAIN, NOW, TAGS, filename
from file_names import coverage_keys
from nightly.channel import RemoteFile
from reasons import RULES
from retention import Decision, Verdict, decide
from rules import Exemption, Pin, Policy, Rules

unhurried = settings(deadline=None)
"""A busy machine is no failure."""

INSTANT = timedelta(microseconds=1)

VERSIONS = ["1.0.dev1", "1.0.dev2", "1.0.dev3", "1.0.dev0+gabc", "1.1.dev1", "1.1.dev2", "2.0", "0.1.dev9"]

ages = st.one_of(
    st.integers(0, 120).map(timedelta),  # so that boundaries and equal ages are met
    st.timedeltas(timedelta(0), timedelta(130)),
)
lengths = st.integers(0, 100).map(timedelta)
limits = st.none() | lengths


@st.composite
def files(draw: st.DrawFn, *, odd: bool = True) -> RemoteFile:
    """A file; an odd one may lie ahead, tell no time or size, have other labels or be no wheel."""
    version, tag = draw(st.sampled_from(VERSIONS)), draw(st.sampled_from([*TAGS, "sdist"]))
    age = draw(st.one_of(ages, ages.map(lambda age: -age), st.none()) if odd else ages)
    return RemoteFile(
        project="demo",
        version=version,
        filename=filename("demo", version, tag) if not odd or draw(st.integers(0, 9)) else "notes.txt",
        size=draw(st.none() | st.integers(0, 10)) if odd else 1,
        sha256=None,
        md5=None,
        uploaded_at=None if age is None else NOW - age,
        labels=draw(st.sampled_from([MAIN, MAIN, MAIN, MAIN | {"dev"}, frozenset[str]()])) if odd else MAIN,
        url="",
        handle=draw(st.uuids()).hex,
    )


odd_channels = st.lists(files(), max_size=14)
channels = st.lists(files(odd=False), max_size=14)

policies = st.builds(
    Rules,
    keep=st.integers(0, 4),
    max_age=limits,
    keep_if=st.sampled_from(["both", "either"]),
    min_age=st.integers(0, 3).map(timedelta),
    floor=st.integers(0, 2),
    floor_max_age=limits,
    coverage=st.integers(0, 2),
    coverage_max_age=limits,
    max_bytes=st.none(),
    streams=st.sampled_from(["none", "none", "minor", "label", r"\.(dev)"]),
    allow_empty=st.booleans(),
)
budgets = st.builds(lambda rules, size: dataclasses.replace(rules, max_bytes=size), policies, st.integers(1, 40))


def decided(there: Sequence[RemoteFile], rules: Rules, now: datetime = NOW) -> tuple[Decision, ...]:
    return decide(there, Policy(rules), now, MAIN)


def going(there: Sequence[RemoteFile], rules: Rules, now: datetime = NOW) -> set[str]:
    return {each.file.handle for each in decided(there, rules, now) if each.verdict is Verdict.DELETE}


def staying(there: Sequence[RemoteFile], rules: Rules, now: datetime = NOW) -> list[RemoteFile]:
    return [each.file for each in decided(there, rules, now) if each.verdict is not Verdict.DELETE]


@unhurried
@given(odd_channels, policies | budgets, st.randoms(use_true_random=False))
def test_the_order_of_the_listing_does_not_matter(there: list[RemoteFile], rules: Rules, random: Random) -> None:
    shuffled = list(there)
    random.shuffle(shuffled)
    assert decided(shuffled, rules) == decided(there, rules)


@unhurried
@given(odd_channels, policies | budgets)
def test_every_file_is_decided_once_with_a_reason(there: list[RemoteFile], rules: Rules) -> None:
    decisions = decided(there, rules)
    assert sorted(each.file.handle for each in decisions) == sorted(file.handle for file in there)
    assert {each.rule for each in decisions} <= RULES.keys()
    assert all(each.reason and "\n" not in each.reason and "{" not in each.reason for each in decisions)


@unhurried
@given(odd_channels, policies, st.integers(0, 3))
def test_more_keep_never_deletes_more(there: list[RemoteFile], rules: Rules, more: int) -> None:
    assert going(there, dataclasses.replace(rules, keep=rules.keep + more)) <= going(there, rules)


@unhurried
@given(odd_channels, policies, limits)
def test_more_max_age_never_deletes_more(there: list[RemoteFile], rules: Rules, more: timedelta | None) -> None:
    later = None if rules.max_age is None or more is None else rules.max_age + more
    assert going(there, dataclasses.replace(rules, max_age=later)) <= going(there, rules)


@unhurried
@given(odd_channels, policies | budgets)
def test_a_plan_after_apply_is_empty(there: list[RemoteFile], rules: Rules) -> None:
    assert going(staying(there, rules), rules) == set()


@unhurried
@given(odd_channels, policies)
def test_what_went_changes_nothing_for_the_others(there: list[RemoteFile], rules: Rules) -> None:
    predicted = {each.file.handle: each.goes_at for each in decided(there, rules)}
    assert all(each.goes_at == predicted[each.file.handle] for each in decided(staying(there, rules), rules))


@unhurried
@given(odd_channels, policies)
def test_the_predicted_moment_is_when_it_goes(there: list[RemoteFile], rules: Rules) -> None:
    for each in decided(there, rules):
        if each.verdict is Verdict.DELETE:
            assert each.goes_at == NOW
        elif each.goes_at:
            assert each.file.handle not in going(there, rules, each.goes_at - INSTANT)
            assert each.file.handle in going(there, rules, each.goes_at)
        else:
            assert each.file.handle not in going(there, rules, NOW + timedelta(1000))


@unhurried
@given(odd_channels, policies | budgets)
def test_day_by_day_everything_goes_when_the_first_plan_said(there: list[RemoteFile], rules: Rules) -> None:
    predicted = {each.file.handle: each.goes_at for each in decided(there, rules)}
    left, now = staying(there, rules), NOW
    while moments := [at for file in left if (at := predicted[file.handle])]:
        now = min(moments)
        assert going(left, rules, now - INSTANT) == set()
        assert going(left, rules, now) == {file.handle for file in left if predicted[file.handle] == now}
        left = staying(left, rules, now)
    assert going(left, rules, now + timedelta(1000)) == set()


@unhurried
@given(channels, policies | budgets)
def test_a_key_younger_than_its_limit_keeps_its_newest(there: list[RemoteFile], rules: Rules) -> None:
    assume(rules.coverage)
    gone = going(there, rules)
    limit = timedelta.max if rules.coverage_max_age is None else rules.coverage_max_age
    young = [file for file in there if file.uploaded_at and NOW - file.uploaded_at < limit]
    newest = {key for file in young for key in coverage_keys(file.filename)}
    assert newest == {key for file in young if file.handle not in gone for key in coverage_keys(file.filename)}


@unhurried
@given(odd_channels, policies | budgets)
def test_no_file_with_an_unknown_time_goes(there: list[RemoteFile], rules: Rules) -> None:
    gone = going(there, rules)
    assert not [file for file in there if file.handle in gone and (not file.uploaded_at or file.uploaded_at > NOW)]


@unhurried
@given(odd_channels, policies | budgets)
def test_nothing_goes_that_is_younger_than_min_age(there: list[RemoteFile], rules: Rules) -> None:
    gone = going(there, rules)
    assert not [
        file for file in there if file.handle in gone and file.uploaded_at and NOW - file.uploaded_at < rules.min_age
    ]


@unhurried
@given(channels, policies | budgets)
def test_a_project_is_never_emptied_without_allow_empty(there: list[RemoteFile], rules: Rules) -> None:
    assume(there and not rules.allow_empty)
    assert staying(there, rules, NOW + timedelta(1000))


@unhurried
@given(channels, budgets)
def test_a_project_is_below_max_bytes_or_something_holds_all_that_is_left(
    there: list[RemoteFile], rules: Rules
) -> None:
    left = staying(there, rules)
    strict = dataclasses.replace(rules, keep=0, keep_if="both", max_bytes=None)
    size = sum(file.size or 0 for file in left)
    assert rules.max_bytes is not None
    assert size <= rules.max_bytes or going(left, strict) == set()


@unhurried
@given(channels, budgets)
def test_max_bytes_takes_no_more_than_it_has_to(there: list[RemoteFile], rules: Rules) -> None:
    squeezed = [each.file for each in decided(there, rules) if each.rule == "beyond-max-bytes"]
    size = sum(file.size or 0 for file in staying(there, rules))
    assert rules.max_bytes is not None
    assert all(size + (file.size or 0) > rules.max_bytes for file in squeezed)


texts = st.text(max_size=12) | st.sampled_from(["1.0", "1.0.dev1", "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"])


class NoZone(tzinfo):
    """A clock that doesn't say where it is."""

    def utcoffset(self, _time: datetime | None) -> None:
        return None

    def dst(self, _time: datetime | None) -> None:
        return None

    def tzname(self, _time: datetime | None) -> None:
        return None


@unhurried
@given(
    st.lists(
        st.builds(
            RemoteFile,
            project=texts,
            version=texts,
            filename=texts,
            size=st.none() | st.integers(),
            sha256=st.none(),
            md5=st.none(),
            uploaded_at=st.none()
            | st.datetimes(timezones=st.none() | st.sampled_from([timezone.utc, NoZone()]) | st.timezones()),
            labels=st.frozensets(texts, max_size=2),
            url=texts,
            handle=texts,
        )
    ),
    policies | budgets,
)
def test_no_file_is_too_odd_to_be_decided(there: list[RemoteFile], rules: Rules) -> None:
    pin = Pin("demo", SpecifierSet("==1.0"), "why")
    policy = Policy(rules, exempt=(Exemption("glob:x*", "why"),), pin=(pin,))
    assert all(each.reason for each in decide(there, policy, NOW))


@unhurried
@given(odd_channels, policies)
def test_either_keeps_what_both_keeps(there: list[RemoteFile], rules: Rules) -> None:
    either, both = (dataclasses.replace(rules, keep_if=word) for word in ("either", "both"))
    assert going(there, either) <= going(there, both)


names = st.from_regex(
    r"[A-Za-z_.-]{1,8}-[0-9a-z.+]{1,8}(-[0-9a-z]{1,3})?-[a-z0-9.]{1,7}-[a-z0-9.]{1,5}-[a-z0-9_.]{1,9}\.whl",
    fullmatch=True,
)


@unhurried
@given(names | texts)
def test_a_wheel_has_keys_where_packaging_reads_its_name(name: str) -> None:
    try:
        tags = parse_wheel_filename(name)[3] if name.endswith(".whl") else frozenset()
    except ValueError:
        tags = frozenset()
    assert {key.split("-")[0] for key in coverage_keys(name)} - {"sdist"} == {tag.interpreter for tag in tags}
