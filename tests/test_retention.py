"""What each key of a policy means for a file, and how it's said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from packaging.specifiers import SpecifierSet

from channel_files import MAIN, NOW, night, remote
from file_names import coverage_keys
from nightly.channel import RemoteFile
from reasons import RULES
from retention import Verdict, decide
from rules import Exemption, Override, Pin, Policy, Rules

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)

BARE = Rules(floor=0, coverage=0, min_age=timedelta(0), allow_empty=True)
"""Nothing but N and M."""


def rules_of(files: Sequence[RemoteFile], policy: Policy | Rules, labels: frozenset[str] = MAIN) -> dict[str, str]:
    policy = Policy(policy) if isinstance(policy, Rules) else policy
    return {each.file.version: f"{each.verdict.value} {each.rule}" for each in decide(files, policy, NOW, labels)}


def gone(files: Sequence[RemoteFile], rules: Rules, now: datetime = NOW) -> list[str]:
    decisions = decide(files, Policy(rules), now, MAIN)
    return [each.file.version for each in decisions if each.verdict is Verdict.DELETE]


def test_both_keeps_what_is_newest_and_young() -> None:
    files = [*night("1", 50), *night("2", 40), *night("3", 3), *night("4", 2)]
    assert rules_of(files, replace(BARE, keep=3)) == {
        "1": "delete beyond-both",
        "2": "delete beyond-max-age",
        "3": "keep newest-and-young",
        "4": "keep newest-and-young",
    }


def test_either_keeps_what_is_newest_or_young() -> None:
    files = [*night("1", 50), *night("2", 20), *night("3", 3), *night("4", 2)]
    assert rules_of(files, replace(BARE, keep=2, keep_if="either")) == {
        "1": "delete beyond-both",
        "2": "keep young",
        "3": "keep newest",
        "4": "keep newest",
    }


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (replace(BARE, keep=1, max_age=None), ["delete beyond-keep", "keep newest"]),
        (replace(BARE, keep=1, max_age=None, keep_if="either"), ["keep unlimited", "keep newest"]),
        (replace(BARE, keep=0), ["delete beyond-both", "delete beyond-both"]),
    ],
    ids=["no max_age", "no max_age, either", "keep nothing"],
)
def test_limits_may_be_absent(rules: Rules, expected: list[str]) -> None:
    assert list(rules_of([*night("1", 400), *night("2", 300)], rules).values()) == expected


@pytest.mark.parametrize(
    ("limit", "rules"),
    [
        (30 * DAY, BARE),
        (5 * HOUR, replace(BARE, max_age=timedelta(0), min_age=5 * HOUR)),
        (40 * DAY, replace(BARE, floor=1, floor_max_age=40 * DAY)),
        (50 * DAY, replace(BARE, coverage=1, coverage_max_age=50 * DAY)),
    ],
    ids=["max_age", "min_age", "floor_max_age", "coverage_max_age"],
)
def test_a_limit_is_reached_to_the_instant(limit: timedelta, rules: Rules) -> None:
    younger, older = remote(age=limit - INSTANT), remote(age=limit)
    assert gone([younger], rules) == []
    assert gone([older], rules) == [older.version]
    assert decide([younger], Policy(rules), NOW, MAIN)[0].goes_at == NOW + INSTANT


def test_the_last_batch_is_what_came_within_two_days_of_a_versions_newest_file() -> None:
    files = [remote(tag="win", age=33 * DAY), remote(age=35 * DAY), remote(tag="mac", age=35 * DAY + INSTANT)]
    going = {each.file.filename: each.verdict for each in decide(files, Policy(replace(BARE, floor=1)), NOW, MAIN)}
    assert list(going.values()) == [Verdict.DELETE, Verdict.HOLD, Verdict.HOLD]  # mac, linux, win


def test_coverage_holds_as_many_files_as_it_says_for_every_key() -> None:
    files = [*night("1", 43, "win"), *night("2", 42, "win"), *night("3", 41, "win"), *night("4", 40, "linux")]
    assert gone(files, replace(BARE, coverage=2)) == ["1"]


def test_a_file_for_several_keys_stays_for_any_of_them() -> None:
    universal = remote("1", "cp312-cp312-macosx_10_13_universal2", 50 * DAY)
    arm = remote("2", "cp312-cp312-macosx_11_0_arm64", 40 * DAY)
    intel = remote("3", "cp312-cp312-macosx_11_0_x86_64", 40 * DAY)
    assert "1" not in gone([universal, arm], replace(BARE, coverage=1))
    assert "1" in gone([universal, arm, intel], replace(BARE, coverage=1))


def test_an_sdist_is_covered_for_itself() -> None:
    files = [*night("1", 50, "sdist"), *night("2", 40, "linux")]
    assert gone(files, replace(BARE, coverage=1)) == []


def test_the_last_files_are_the_last_batch_of_the_newest_version_of_all_streams() -> None:
    files = [*night("1.0", 200), *night("1.1", 300), *night("1.0", 250, "win")]
    rules = replace(BARE, allow_empty=False, streams="minor")
    held = [each for each in decide(files, Policy(rules), NOW, MAIN) if each.verdict is Verdict.HOLD]
    assert [(each.file, each.rule, each.goes_at) for each in held] == [(files[0], "last-files", None)]


def test_versions_are_one_however_they_are_spelled() -> None:
    files = [*night("1.0", 3), *night("1.0.0", 2, "win"), *night("2", 1)]
    assert gone(files, replace(BARE, keep=2)) == []


def test_projects_are_one_however_they_are_spelled() -> None:
    files = [*night("1", 2, project="My.Demo"), *night("2", 1, project="my_demo")]
    assert gone(files, replace(BARE, keep=1)) == ["1"]


def test_projects_do_not_compete() -> None:
    files = [*night("1", 2, project="one"), *night("2", 1, project="two")]
    assert gone(files, replace(BARE, keep=1)) == []


def test_versions_of_one_time_are_ordered_by_number() -> None:
    assert gone([*night("1.dev10", 1), *night("1.dev9", 1)], replace(BARE, keep=1)) == ["1.dev9"]


@pytest.mark.parametrize(
    ("streams", "going"),
    [
        ("none", ["1.2.dev1", "1.2.dev2", "1.3.dev1"]),
        ("minor", ["1.2.dev1", "1.3.dev1"]),
        (r"dev(\d)", ["1.2.dev1", "1.2.dev2"]),
        (r"(nothing like it)", ["1.2.dev1", "1.2.dev2", "1.3.dev1"]),
    ],
)
def test_streams_do_not_compete(streams: str, going: list[str]) -> None:
    files = [*night("1.2.dev1", 4), *night("1.2.dev2", 3), *night("1.3.dev1", 2), *night("1.3.dev2", 1)]
    assert gone(files, replace(BARE, keep=1, streams=streams)) == going


def test_streams_may_be_labels() -> None:
    labels = frozenset({"main", "maintenance"})
    files = [remote("1", age=2 * DAY, labels=["maintenance"]), *night("2", 1)]
    policy = replace(BARE, keep=1, streams="label")
    assert rules_of(files, policy, labels)["1"] == "keep newest-and-young"
    assert rules_of(files, replace(policy, streams="none"), labels)["1"] == "delete beyond-keep"


def test_a_directory_has_no_labels() -> None:
    files = [remote("1", age=40 * DAY, labels=[]), remote("2", age=40 * DAY)]
    assert rules_of(files, BARE, frozenset()) == {"1": "delete beyond-max-age", "2": "hold label"}


def test_a_project_may_have_rules_of_its_own() -> None:
    files = [*night("1", 40, project="slow"), *night("2", 40, project="other")]
    policy = Policy(BARE, projects=(Override("SLOW", replace(BARE, max_age=None)),))
    assert rules_of(files, policy) == {"1": "keep newest", "2": "delete beyond-max-age"}


def test_what_is_pinned_takes_no_place() -> None:
    files = [*night("1", 2), *night("2.0", 1), *night("2.1", 0)]
    pin = Pin("demo", SpecifierSet("==2.*"), "others build against it")
    assert rules_of(files, Policy(replace(BARE, keep=1), pin=(pin,)))["1"] == "keep newest-and-young"


def test_a_pin_is_for_development_releases_too() -> None:
    pin = Pin("demo", SpecifierSet(">=2.dev1"), "why")
    assert rules_of(night("2.dev3", 99), Policy(BARE, pin=(pin,))) == {"2.dev3": "hold pin"}


@pytest.mark.parametrize("version", ["", "unknown", "1.0-g1-dirty!", "2026-06-01 12:00"])
def test_a_version_that_cannot_be_read_is_held(version: str) -> None:
    file = remote(version, age=400 * DAY, name="demo-1.0-py3-none-any.whl")
    assert rules_of([file], BARE) == {version: "hold unknown-version"}


@pytest.mark.parametrize(
    "name", ["demo-1.0.exe", "demo.whl", "my-demo-1.0-py3-none-any.whl", "demo-x-py3-none-any.whl", "demo.tar.gz", ""]
)
def test_what_is_neither_a_wheel_nor_an_sdist_is_held(name: str) -> None:
    assert rules_of([remote("1.0", age=400 * DAY, name=name)], BARE) == {"1.0": "hold not-python"}


def test_a_file_from_the_future_is_held_and_takes_a_place_when_its_time_comes() -> None:
    files = [*night("1", 1), *night("2", -3)]
    first, second = decide(files, Policy(replace(BARE, keep=1)), NOW, MAIN)
    assert (first.verdict, first.goes_at) == (Verdict.KEEP, NOW + 3 * DAY)
    assert (second.verdict, second.rule, second.goes_at) == (Verdict.HOLD, "future-time", NOW + 33 * DAY)


def test_a_time_without_a_zone_is_unknown() -> None:
    file = replace(remote(), uploaded_at=datetime(2020, 1, 1))  # noqa: DTZ001 - that's what it is about
    assert rules_of([file], BARE) == {"1.0.dev1": "hold unknown-time"}


def test_a_moment_after_the_last_year_is_never() -> None:
    file = replace(remote(), uploaded_at=datetime.max.replace(tzinfo=timezone.utc))
    assert decide([file], Policy(BARE), NOW, MAIN)[0].goes_at is None


def test_now_has_to_say_where_its_clock_is() -> None:
    with pytest.raises(ValueError, match="clock"):
        decide([], Policy(), NOW.replace(tzinfo=None))


def test_max_bytes_takes_the_oldest_and_stops_as_soon_as_it_fits() -> None:
    files = [remote(str(n), age=n * DAY, size=4) for n in range(1, 5)]
    assert gone(files, replace(BARE, max_bytes=16)) == []
    assert gone(files, replace(BARE, max_bytes=15)) == ["4"]
    assert gone(files, replace(BARE, max_bytes=8)) == ["3", "4"]


def test_max_bytes_counts_what_the_policy_lets_go_as_gone() -> None:
    files = [remote("1", age=40 * DAY, size=10), remote("2", age=2 * DAY, size=5), remote("3", age=DAY, size=5)]
    assert gone(files, replace(BARE, max_bytes=10)) == ["1"]


def test_max_bytes_counts_what_is_pinned_but_not_what_belongs_to_others() -> None:
    pin = Pin("demo", SpecifierSet("==9"), "why")
    small = remote("1", age=DAY, size=5)
    policy = Policy(replace(BARE, max_bytes=10), pin=(pin,))
    assert rules_of([small, remote("9", size=6)], policy)["1"] == "delete beyond-max-bytes"
    assert rules_of([small, remote("9", size=6, labels=["dev"])], policy)["1"] == "keep newest-and-young"


def test_a_file_of_unknown_size_does_not_go_for_room() -> None:
    files = [remote("1", age=3 * DAY, size=None), remote("2", age=2 * DAY, size=6), remote("3", age=DAY, size=6)]
    assert gone(files, replace(BARE, max_bytes=10)) == ["2"]


def test_a_large_project_shrinks_as_soon_as_nothing_holds_it() -> None:
    files = [remote("1", age=3 * HOUR, size=6), remote("2", age=2 * HOUR, size=6)]
    old, new = decide(files, Policy(replace(BARE, min_age=DAY, max_bytes=10)), NOW, MAIN)
    assert (old.verdict, old.goes_at) == (Verdict.KEEP, NOW + 21 * HOUR)
    assert (new.verdict, new.goes_at) == (Verdict.KEEP, NOW + 30 * DAY - 2 * HOUR)


def test_max_bytes_makes_no_room_by_what_goes_anyway() -> None:
    files = [remote("1", age=40 * DAY, size=10), *(remote(str(n), age=(5 - n) * DAY, size=5) for n in (2, 3, 4))]
    assert rules_of(files, replace(BARE, max_bytes=10)) == {
        "1": "delete beyond-max-age",
        "2": "delete beyond-max-bytes",
        **dict.fromkeys("34", "keep newest-and-young"),
    }


def test_max_bytes_counts_what_lies_ahead() -> None:
    files = [remote("1", age=2 * DAY, size=5), remote("2", age=DAY, size=5), remote("3", age=-DAY, size=5)]
    assert gone(files, replace(BARE, max_bytes=10)) == ["1"]


def test_what_goes_by_another_rule_at_the_same_moment_leaves_room() -> None:
    rules = replace(BARE, keep=1, coverage=1, coverage_max_age=10 * DAY, max_bytes=5)
    files = [remote("1", "win", 9 * DAY, size=6), remote("2", age=9 * DAY, size=5)]
    leaving, staying = decide(files, Policy(rules), NOW, MAIN)
    assert (leaving.goes_at, staying.goes_at) == (NOW + DAY, NOW + 21 * DAY)


def test_what_goes_by_another_rule_is_not_saved_by_what_is_squeezed_out_at_the_same_moment() -> None:
    rules = replace(BARE, keep=1, coverage=1, coverage_max_age=10 * DAY, max_bytes=5)
    files = [remote("1", "win", 9 * DAY, size=None), remote("2", age=9 * DAY, size=6)]
    assert [each.goes_at for each in decide(files, Policy(rules), NOW, MAIN)] == [NOW + DAY, NOW + DAY]


def test_what_arrives_is_there_before_anything_goes_at_that_moment() -> None:
    either = replace(BARE, keep=1, keep_if="either")
    saved = [*night("1", 29), *night("2", 0), remote("1", "win", -DAY)]
    assert decide(saved, Policy(either), NOW, MAIN)[0].goes_at is None
    rules = replace(BARE, coverage=1, min_age=DAY, max_bytes=12)
    covered, younger = remote("1", "win", 10 * DAY, size=6), remote("2", age=HOUR, size=6)
    others = [remote("3", size=None), remote("4", "win", -23 * HOUR, size=6)]
    first, second, *_ = decide([covered, younger, *others], Policy(rules), NOW, MAIN)
    assert (first.goes_at, second.goes_at) == (NOW + 23 * HOUR, NOW + 30 * DAY - HOUR)


def test_a_rule_is_told_from_the_instant_on_at_which_it_decides() -> None:
    old = remote("1", age=30 * DAY)
    assert rules_of([old], Rules()) == {"1": "hold floor"}
    assert rules_of([old], Rules(floor_max_age=30 * DAY)) == {"1": "hold coverage"}
    assert rules_of([old], replace(BARE, keep=0)) == {"1": "delete beyond-both"}


def test_decisions_are_ordered_by_project_version_and_name() -> None:
    files = [*night("2", 1, "win", "linux"), *night("1", 1), *night("1", 1, project="Another")]
    names = [each.file.filename.partition("cp")[0] + each.file.filename[-9:] for each in decide(files, Policy(), NOW)]
    assert names == ["Another-1-86_64.whl", "demo-1-86_64.whl", "demo-2-86_64.whl", "demo-2-amd64.whl"]


REASONS = [
    (night("1", 3), Policy(), "version 1 of the newest 5, and 3 d old, younger than 30 d"),
    (night("1", 3), Policy(Rules(keep_if="either")), "version 1 of the newest 5"),
    (night("1", 3), Policy(Rules(keep=0, keep_if="either")), "3 d old, younger than 30 d"),
    (
        night("1", 3),
        Policy(Rules(keep=0, max_age=None, keep_if="either")),
        "the policy has no max_age, and keeps what is newest or young",
    ),
    (night("1", 3), Policy(exempt=(Exemption("demo", "slow"),)), "the project is exempt: slow"),
    (night("1", 3), Policy(pin=(Pin("demo", SpecifierSet("==1"), "built on"),)), "pinned by demo==1: built on"),
    ([remote(name="x.exe")], Policy(), "its name is neither a wheel's nor an sdist's, so it isn't touched"),
    (
        [remote(labels=["dev"])],
        Policy(),
        "it isn't under the labels of this cleanup alone (main), so it isn't touched",
    ),
    (
        [remote("?", name="demo-1-py3-none-any.whl")],
        Policy(),
        "its version can't be read, and unknown is not old",
    ),
    (
        [remote(age=None)],
        Policy(),
        "the channel doesn't say when it was uploaded, and unknown is not old",
    ),
    (night("1", -2), Policy(), "its upload lies 2 d ahead, which can't be, and unknown is not old"),
    (night("1", 0.5), Policy(Rules(keep=0)), "12 h old: nothing goes before it is 1 d old"),
    (night("1", 31.25), Policy(), "31 d 6 h old, in the last upload of version 1, which holds it for 90 d"),
    (
        night("1", 31),
        Policy(Rules(floor_max_age=None)),
        "31 d old, in the last upload of version 1, which holds it for ever",
    ),
    (
        night("1", 31, "win"),
        Policy(Rules(floor=0)),
        "31 d old, among the newest 1 for cp312-cp312-win_amd64, which holds it for 90 d",
    ),
    (night("1", 91), Policy(), "91 d old, THE LAST FILES of the project: they don't go without allow_empty"),
    (night("1", 3), Policy(replace(BARE, keep=0)), "version 1, and only the newest 0 stay"),
    (night("1", 31), Policy(BARE), "31 d old, and what is 30 d old goes"),
    (night("1", 31), Policy(replace(BARE, keep=0)), "version 1, beyond the newest 0, and 31 d old, beyond 30 d"),
    (
        night("1", 3),
        Policy(replace(BARE, max_bytes=10)),
        "3 d old, the oldest of what nothing holds, while the project has 1 MB of 10 B",
    ),
]


@pytest.mark.parametrize(("files", "policy", "reason"), REASONS, ids=[reason for _, _, reason in REASONS])
def test_a_reason_is_one_readable_line(files: list[RemoteFile], policy: Policy, reason: str) -> None:
    assert [each.reason for each in decide(files, policy, NOW, MAIN)] == [reason]


def test_every_rule_has_its_line_tried() -> None:
    assert {decide(files, policy, NOW, MAIN)[0].rule for files, policy, _ in REASONS} == RULES.keys()


def test_figures_are_data() -> None:
    (decision,) = decide(night("1.2.dev1", 3), Policy(Rules(streams="minor")), NOW, MAIN)
    assert decision.figures == {
        "place": 1,
        "keep": 5,
        "stream": "1.2",
        "age_seconds": 259_200,
        "max_age_seconds": 2_592_000,
    }


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("d-1-cp312-cp312-manylinux_2_28_x86_64.whl", ["cp312-cp312-manylinux_x86_64"]),
        ("d-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ["cp312-cp312-manylinux_x86_64"]),
        ("d-1-cp312-cp312-manylinux1_i686.whl", ["cp312-cp312-manylinux_i686"]),
        ("d-1-cp312-cp312-musllinux_1_2_aarch64.whl", ["cp312-cp312-musllinux_aarch64"]),
        ("d-1-cp312-cp312-linux_x86_64.whl", ["cp312-cp312-linux_x86_64"]),
        ("d-1-cp312-cp312-macosx_11_0_arm64.whl", ["cp312-cp312-macosx_arm64"]),
        ("d-1-cp312-cp312-macosx_10_9_universal2.whl", ["cp312-cp312-macosx_arm64", "cp312-cp312-macosx_x86_64"]),
        ("d-1-cp312-cp312-win32.whl", ["cp312-cp312-win32"]),
        ("d-1-cp312-cp312-ios_13_0_arm64_iphoneos.whl", ["cp312-cp312-ios_arm64_iphoneos"]),
        ("d-1-cp312-cp312-pyodide_2024_0_wasm32.whl", ["cp312-cp312-pyodide_wasm32"]),
        ("d-1-py2.py3-none-any.whl", ["py2-none-any", "py3-none-any"]),
        ("d-1+g1-7x-cp39-abi3-win_amd64.whl", ["cp39-abi3-win_amd64"]),
        ("d-1.tar.gz", ["sdist"]),
        ("d-1.zip", ["sdist"]),
        ("d-1-7_x64.egg", []),
    ],
)
def test_a_platforms_family_is_without_the_systems_version(name: str, keys: list[str]) -> None:
    assert list(coverage_keys(name)) == keys
