"""Which version a commit gets, and which ones are refused, since installers would not see them grow."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from nightly.errors import UserError
from nightly.stamping.numbering import guess_next
from nightly.stamping.source import Source, Way
from nightly.stamping.stamping import decide
from nightly.stamping.variables import build_variables
from nightly.stamping.warning import warnings
from stamping_sources import a_source, static

OTHER = Way.OTHER

DECIDED = [
    ("none", a_source(), ""),
    ("", a_source(shallow=True), ""),
    ("none", a_source(way=OTHER), ""),
    # of a tag, as setuptools-scm guesses
    ("dev-date", a_source("v1.2.0"), "1.2.1.dev20261121"),
    ("dev-date", a_source("v1.2.0@here"), "1.2.1.dev20261121"),
    ("dev-date", a_source("v1.2"), "1.3.dev20261121"),
    ("dev-date", a_source("v1.2.0", "v1.10.0", "v1.9.3"), "1.10.1.dev20261121"),
    ("dev-date", a_source("v1.3.0rc1"), "1.3.0rc2.dev20261121"),
    ("dev-date", a_source("v1.2.0.post1"), "1.2.0.post2.dev20261121"),
    ("dev-date", a_source("v8.0.dev"), "8.0.dev20261121"),
    ("dev-date", a_source("v1!2.0"), "1!2.1.dev20261121"),
    ("dev-date", a_source("v1.2.0", "v2.0.0@elsewhere"), "1.2.1.dev20261121"),
    ("dev-hour", a_source("v1.2.0"), "1.2.1.dev2026112103"),
    ("dev-count", a_source("v1.2.0"), "1.2.1.dev7"),
    (" dev-date\n", a_source("v1.2.0"), "1.2.1.dev20261121"),
    # of what is written down
    ("dev-date", static("1.3.0.dev0", "v1.2.0"), "1.3.0.dev20261121"),
    ("dev-date", static("1.3.0.dev0"), "1.3.0.dev20261121"),
    ("dev-date", static("1.3.0.dev0", shallow=True), "1.3.0.dev20261121"),
    ("dev-date", static("1.3.0.dev20261120", "v1.2.0"), "1.3.0.dev20261121"),
    ("dev-date", static("1.3.0rc1.dev0", "v1.2.0"), "1.3.0rc1.dev20261121"),
    ("dev-date", static("1.3.0", "v1.2.0"), "1.3.0.dev20261121"),
    ("dev-date", static("1.2.0", "v1.2.0"), "1.2.1.dev20261121"),
    ("dev-date", static("1.2.0", "v1.2.0@here"), "1.2.1.dev20261121"),
    ("dev-date", static("1.2.0", "v1.1.0", "v1.2.0@elsewhere"), "1.2.1.dev20261121"),
    ("dev-date", static("1.1.0", "v1.2.0"), "1.2.1.dev20261121"),
    ("dev-count", static("1.3.0.dev0", "v1.2.0"), "1.3.0.dev7"),
    ("dev-date", a_source("v1.2.0", way=OTHER, hook="./bump"), "1.2.1.dev20261121"),
    ("dev-date", a_source(way=OTHER, declared="2.0.0.dev0", hook="./bump"), "2.0.0.dev20261121"),
    # of a release that is named
    ("1.4.0.dev-date", a_source("v1.2.0"), "1.4.0.dev20261121"),
    ("1.4.0.dev-date", a_source(shallow=True), "1.4.0.dev20261121"),
    ("1.4.0.dev-date", a_source("v1.2.0", scheme="calver-by-date"), "1.4.0.dev20261121"),
    ("1.3.0rc2.dev-hour", a_source("v1.3.0rc1"), "1.3.0rc2.dev2026112103"),
    ("0.1.0.dev-date", a_source(), "0.1.0.dev20261121"),
    # just so
    ("1.3.0.dev5", a_source("v1.2.0"), "1.3.0.dev5"),
    ("v1.3-rc.1", a_source("v1.2.0"), "1.3rc1"),
    ("1.3.0", a_source("v1.3.0@here"), "1.3.0"),
    ("1.3.0.dev5+gabc", a_source("v1.2.0"), "1.3.0.dev5+gabc"),
    ("1.3.0.dev0+20261121.gabc", a_source("v1.2.0"), "1.3.0.dev0+20261121.gabc"),
    ("1.2.0.post0.dev5", a_source("v1.2.0"), "1.2.0.post0.dev5"),
]


@pytest.mark.parametrize(("wanted", "source", "version"), DECIDED)
def test_a_version_is_decided_by_the_wish_and_the_source(wanted: str, source: Source, version: str) -> None:
    assert decide(wanted, source) == version


REFUSED = [
    ("dev-date", a_source(), "no tag that names a version"),
    ("dev-date", a_source("v2.0@elsewhere"), "no tag that names a version"),
    ("dev-date", a_source("v1.2.0", shallow=True), "shallow"),
    ("dev-count", a_source("v1.2.0", shallow=True), "shallow"),
    ("1.4.0.dev-count", a_source(), "can't be counted"),
    ("dev-count", static("1.3.0.dev0"), "can't be counted"),
    ("dev-date", static("1.2.0"), "no tag that names a version"),
    ("dev-date", static("one", "v1.2.0"), "isn't one as PEP 440 has it"),
    ("dev-date", a_source("v1.2.0", scheme="calver-by-date"), "calver-by-date"),
    ("dev-date", a_source("v1.2.0", way=OTHER), "a way of its own"),
    ("1.3.0.dev5", a_source(way=OTHER, style="pep440"), "by versioneer"),
    ("1.3.0.dev0", a_source("v1.2.0"), "doesn't grow"),
    ("1.3.0.dev0+g1a2b3c", a_source("v1.2.0"), "doesn't grow"),
    ("dev-count", a_source("v1.2.0@here", commits=0), "A count is 0"),
    ("0.0.0", a_source(), "finds no tag"),
    ("0.0.0.dev5", a_source(), "finds no tag"),
    ("0+unknown", a_source(), "finds no tag"),
    ("0+untagged.3.gabc", a_source(), "finds no tag"),
    ("0.post1.dev3", a_source(), "finds no tag"),
    ("0.1.dev3", a_source(), "finds no tag"),
    ("0.1.dev-date", a_source(), "0.1.0 for 0.1"),
    ("dev-date", static("0.0.0.dev0"), "finds no tag"),
    ("1.2.0+3.gabc", a_source("v1.2.0"), "above the release 1.2.0"),
    ("dev-date", a_source("v1.2.0", at="2026-11-23 00:00"), "yet to come"),
    ("1.3.0.dev20270101", a_source("v1.2.0"), "yet to come"),
    ("dev-date", a_source("v1.2.0", "v1.2.1@elsewhere"), "the tag v1.2.1"),
    ("dev-date", static("1.3.0.dev0", "v1.3.0"), "the tag v1.3.0"),
    ("1.3.0.dev5", a_source("v1.3.0@here"), "the tag v1.3.0"),
    ("1.3.0", a_source("v1.3.0"), "the tag v1.3.0"),
    ("1.3.0", a_source("v1.3.0@elsewhere"), "the tag v1.3.0"),
    ("dev-date", static("1.3.0.dev0", "v1.3.0rc1"), "lower than the tag v1.3.0rc1"),
    ("1.1.0.dev-date", a_source("v1.2.0"), "lower than the tag v1.2.0"),
    ("1.1.0", a_source("v1.2.0"), "lower than the tag v1.2.0"),
]


@pytest.mark.parametrize(("wanted", "source", "why"), REFUSED)
def test_what_can_not_sort_or_be_known_is_refused_with_the_reason(wanted: str, source: Source, why: str) -> None:
    with pytest.raises(UserError) as refusal:
        decide(wanted, source)
    assert why in str(refusal.value)
    assert refusal.value.means
    assert refusal.value.do


@pytest.mark.parametrize("wanted", ["nightly", "dev", "x.dev-date", "1.3.0.dev0.dev-date", "1.3+g.dev-date"])
def test_what_is_no_wish_is_a_bad_input(wanted: str) -> None:
    with pytest.raises(UserError, match="version_stamp") as refusal:
        decide(wanted, a_source("v1.2.0"))
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("built", ["demo-1.0-py3-none-any.whl", "dist/demo-1.0.tar.gz"])
def test_what_is_built_already_gets_no_other_name(built: str) -> None:
    with pytest.raises(UserError, match="is built already") as refusal:
        decide(built, a_source("v1.2.0"))
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(("wanted", "code"), [("1.1.0.dev-date", 1), ("1.1.0", 2)])
def test_only_a_version_that_was_given_is_a_bad_input(wanted: str, code: int) -> None:
    with pytest.raises(UserError) as refusal:
        decide(wanted, a_source("v1.2.0"))
    assert refusal.value.exit_code == code


@pytest.mark.parametrize(
    ("wanted", "earlier", "why"),
    [
        ("dev-date", ["1.2.1.dev20261120"], ""),
        ("dev-date", ["1.2.1.dev20261121"], ""),
        ("dev-date", ["1.2.0.dev2026112003"], ""),  # before another release
        ("dev-count", ["1.2.1.dev6", "1.2.1.dev5"], ""),
        ("1.2.1.dev10", ["1.2.1.dev9"], ""),
        ("dev-date", ["1.2.1.dev20261122"], "older than 1.2.1.dev20261122"),
        ("dev-date", ["1.3.0.dev20261120"], "older than 1.3.0.dev20261120"),
        ("dev-count", ["1.2.1.dev8"], "older than 1.2.1.dev8"),
        ("dev-date", ["1.2.1.dev2026112003"], "another length"),
        ("dev-hour", ["1.2.1.dev20261120"], "another length"),
        ("dev-date", ["1.2.1.dev6"], "another length"),
        ("dev-count", ["1.2.1.dev20261120"], "another length"),
        ("1.2.1.dev2024053101", ["1.2.1.dev20240530"], "another length"),
    ],
)
def test_a_version_has_to_be_newer_than_earlier_builds_and_of_their_form(
    wanted: str, earlier: list[str], why: str
) -> None:
    source = a_source("v1.2.0")
    if not why:
        assert decide(wanted, source, earlier=earlier)
        return
    with pytest.raises(UserError, match=re.escape(why)):
        decide(wanted, source, earlier=earlier)


def test_the_builds_of_a_day_are_numbered_by_two_digits() -> None:
    source = a_source("v1.2.0")
    versions = [decide("dev-date", source, serial=serial) for serial in (0, 9, 10, 99)]
    assert versions == [f"1.2.1.dev20261121{digits}" for digits in ("00", "09", "10", "99")]


@pytest.mark.parametrize("wanted", ["dev-hour", "dev-count", "1.3.0"])
def test_only_a_day_has_a_number_of_builds(wanted: str) -> None:
    with pytest.raises(UserError, match="serial"):
        decide(wanted, a_source("v1.2.0"), serial=1)


times = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 21), timezones=st.just(timezone.utc))  # noqa: DTZ001


@settings(max_examples=50)
@given(times, times)
def test_versions_come_in_the_order_of_the_commits_hours(one: datetime, other: datetime) -> None:
    def version(at: datetime) -> Version:
        source = a_source("v1.2.0")
        return Version(decide("dev-hour", replace(source, repository=replace(source.repository, committed_at=at))))

    hours = [at.replace(minute=0, second=0, microsecond=0) for at in (one, other)]
    assert (version(one) < version(other)) == (hours[0] < hours[1])


@settings(max_examples=50)
@given(
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2})?(\.post[0-9])?(\.dev[0-9]{1,3})?", fullmatch=True)
)
def test_the_next_release_is_above_the_tag_and_so_are_its_nightlies(tag: str) -> None:
    guessed = guess_next(Version(tag))
    assert Version(tag) < Version(f"{guessed}.dev20261121") < guessed
    assert not guessed.is_devrelease


VARIABLES = [
    (a_source(name="Demo.scm_Pkg"), {"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO_SCM_PKG": "1.3"}),
    (a_source(name=""), {"SETUPTOOLS_SCM_PRETEND_VERSION": "1.3"}),
    (a_source(way=Way.HATCH_VCS), {"SETUPTOOLS_SCM_PRETEND_VERSION": "1.3"}),
    (a_source(way=Way.PDM_BACKEND), {"PDM_BUILD_SCM_VERSION": "1.3"}),
    (a_source(way=Way.POETRY_DYNAMIC), {"POETRY_DYNAMIC_VERSIONING_BYPASS": "1.3"}),
    (static("1.2"), {}),
    (a_source(way=OTHER), {}),
]


@pytest.mark.parametrize(("source", "variables"), VARIABLES)
def test_each_backend_has_the_variable_that_it_reads(source: Source, variables: dict[str, str]) -> None:
    epoch = {"SOURCE_DATE_EPOCH": str(int(source.repository.committed_at.timestamp()))}
    assert build_variables(source, "1.3") == {**variables, **epoch}
    assert build_variables(source, "") == epoch


WARNED = [
    ("1.3.0.dev5", a_source("v1.2.0"), ""),
    ("1.3.0.dev5", a_source(shallow=True), "wasn't compared with tags"),
    ("1.3.0.dev5", a_source("v1.2.0", "v2.0.0@elsewhere"), "lower than the tag v2.0.0"),
    ("1.3.0.dev5", a_source("v1.2.0", way=Way.HATCH_VCS), "every project"),
    ("1.3.0.dev5", a_source("v1.2.0", name=""), "every project"),
    ("1.3.0.dev5", a_source("v1.2.0", way=OTHER, of_commit=True), "makes an sdist of what is committed"),
    ("", a_source("v1.2.0", way=OTHER, of_commit=True), ""),
    ("", a_source("v1.2.0"), ""),
    ("", a_source(), "0.1.dev1"),
    ("", a_source("v1.2.0", way=Way.HATCH_VCS, shallow=True), "0.1.dev1"),
    ("", static("1.2.0", shallow=True), ""),
    ("", a_source("v1.2.0", way=OTHER, style="pep440"), "above the release"),
    ("", a_source("v1.2.0", way=OTHER, style="pep440-pre"), ""),
]


@pytest.mark.parametrize(("version", "source", "gist"), WARNED)
def test_what_may_go_wrong_is_said(version: str, source: Source, gist: str) -> None:
    said = warnings(version, source)
    assert len(said) == bool(gist)
    assert gist in "".join(said)


def test_a_commit_of_the_next_day_is_right_where_that_has_begun_already() -> None:
    source = a_source("v1.2.0", at="2026-11-22 09:00")
    assert decide("dev-date", source) == "1.2.1.dev20261122"
