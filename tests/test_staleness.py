"""Who has gone quiet, which platforms are lost and which holds are about to end, by the channel's own forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from packaging.specifiers import SpecifierSet

from cadence import Rhythm
from channel_files import MAIN, NOW, night, remote
from looking import DAY, POLICY, look, uploads
from nightly.channel import RemoteFile
from retention import Verdict, decide
from rules import Exemption, Pin, Policy, Rules
from staleness import Finding, Gap, Silence, Stage, gone

HOUR = timedelta(hours=1)

WINDOWS = "cp312-cp312-win_amd64"


def silence(
    files: Iterable[RemoteFile],
    policy: Policy = POLICY,
    later: timedelta = timedelta(0),
    rhythms: Mapping[str, Rhythm] | None = None,
) -> Silence | None:
    (finding,) = look(files, policy, later, rhythms) or [Finding("demo")]
    return finding.silence


CADENCES = {
    "matplotlib, every night": ([1, 1, 1, 1], 3),
    "numpy, on Sundays and Wednesdays": ([4, 3, 4, 3], 7),
    "contourpy, on Sundays": ([7, 7, 7, 7], 14),
    "PyWavelets, two or three times a month": ([10, 10, 11, 10], 20),
    "boost-histogram, several merges in a day": ([9, 0.1, 0.2, 0.1], 23),
    "hist, by event, now and then": ([2, 9, 1, 16], 11),
    "pybind11, by event, months apart": ([50, 60, 70], 83),
    "a new project, since yesterday": ([1], 23),
    "one night missed": ([1, 1, 2, 1, 1], 3),
    "two variants a night": ([0, 7, 0, 7, 0, 7, 0], 14),
}


@pytest.mark.parametrize(("gaps", "days"), CADENCES.values(), ids=CADENCES)
def test_silence_is_odd_after_twice_the_usual_gap(gaps: Sequence[float], days: int) -> None:
    files = uploads(gaps)
    assert silence(files, later=days * DAY - HOUR) is None
    found = silence(files, later=days * DAY)
    assert found
    assert found.since == NOW


def test_a_fixed_version_tells_nothing_of_its_cadence_but_the_roster_may() -> None:
    """As numpy overwrites X.Y.0.dev0, what is left of old nights are the wheels of dropped Pythons (numpy#27645)."""
    fixed = [*night("2.4.0.dev0", 0, "linux", "win"), *night("2.4.0.dev0", 50, "cp310")]
    assert silence(fixed, later=22 * DAY) is None
    assert silence(fixed, later=23 * DAY)
    assert silence(fixed, later=8 * DAY, rhythms={"demo": Rhythm(4 * DAY)})
    assert silence(fixed, later=7 * DAY, rhythms={"demo": Rhythm(4 * DAY)}) is None


def test_a_project_without_a_rhythm_is_warned_of_a_week_before_its_last_upload_goes() -> None:
    irregular = {"demo": Rhythm(is_irregular=True)}
    assert silence(uploads([1, 1, 1]), later=82 * DAY, rhythms=irregular) is None
    found = silence(uploads([1, 1, 1]), later=83 * DAY, rhythms=irregular)
    assert found
    assert (found.stage, found.gap) == (Stage.ENDING, None)


STAGES = {60: Stage.QUIET, 82: Stage.QUIET, 83: Stage.ENDING, 89: Stage.ENDING, 90: Stage.OVER, 400: Stage.OVER}


@pytest.mark.parametrize(("days", "stage"), STAGES.items())
def test_a_silence_is_odd_then_about_to_end_then_over(days: int, stage: Stage) -> None:
    found = silence(uploads([1, 1, 1, 1]), later=days * DAY)
    assert found
    assert found.stage is stage
    assert found.ends_at == (None if stage is Stage.OVER else NOW + 90 * DAY)
    assert found.is_kept


def test_the_day_that_is_told_is_the_day_it_goes() -> None:
    policy = replace(POLICY, rules=Rules(floor=0, coverage=0, allow_empty=True))
    files = uploads([7, 7, 7])
    found = silence(files, policy=policy, later=23 * DAY)
    assert found
    assert (found.ends_at, found.is_kept) == (NOW + 30 * DAY, False)
    (last,) = (each for each in decide(files, policy, NOW + 30 * DAY, MAIN) if each.file.uploaded_at == NOW)
    assert last.verdict is Verdict.DELETE


def test_a_short_policy_warns_after_three_days_at_the_earliest() -> None:
    policy = replace(POLICY, rules=Rules(max_age=5 * DAY, floor=0, coverage=0, allow_empty=True))
    assert silence(uploads([30, 30, 30]), policy=policy, later=3 * DAY - HOUR) is None
    assert silence(uploads([30, 30, 30]), policy=policy, later=3 * DAY)


def test_older_versions_that_go_as_ever_are_nothing_to_warn_of() -> None:
    weekly = uploads([7] * 9)
    assert any(each.verdict is Verdict.DELETE for each in decide(weekly, POLICY, NOW, MAIN))
    assert look(weekly) == []


def test_an_exempt_project_is_looked_at_only_if_its_cadence_is_known() -> None:
    policy = replace(POLICY, exempt=(Exemption("demo", "by hand"),))
    assert look(uploads([1, 1, 1]), policy, 50 * DAY) == []
    (finding,) = look(uploads([1, 1, 1]), policy, 50 * DAY, {"demo": Rhythm(7 * DAY)})
    assert finding.silence
    assert finding.silence.ends_at is None


UNJUDGED = {
    "an sdist": remote("1.0.dev9", "sdist", -5 * DAY),
    "of another label": remote("1.0.dev9", age=-5 * DAY, labels=["dev"]),
    "of no time": remote("1.0.dev9", age=None),
    "from the future": remote("1.0.dev9", age=-9 * DAY),
    "no Python file": remote("1.0.dev9", age=-5 * DAY, name="demo-1.0.dev9.conda"),
    "of no version": remote("nightly", age=-5 * DAY, name="demo-1.0.dev9-py3-none-any.whl"),
}


@pytest.mark.parametrize("file", UNJUDGED.values(), ids=UNJUDGED)
def test_what_is_no_nightly_wheel_ends_no_silence(file: RemoteFile) -> None:
    found = silence([*uploads([1, 1, 1]), file], later=6 * DAY)
    assert found
    assert found.since == NOW
    assert silence([*uploads([1, 1, 1]), remote("1.0.dev9", age=-5 * DAY)], later=6 * DAY) is None


def test_a_pinned_version_is_no_nightly_one() -> None:
    policy = replace(POLICY, pin=(Pin("demo", SpecifierSet("==9.*"), "others need it"),))
    assert look([remote("9.0", age=9 * DAY), *uploads([1, 1, 1])], policy) == []


def test_a_platform_that_is_left_behind_is_named_with_what_came_without_it() -> None:
    """arrow#40216: Windows was broken for 15 days while five newer versions came."""
    files = [*uploads([1, 1, 1, 1, 1]), remote("1.0.dev1", "win", 4 * DAY)]
    (finding,) = look(files)
    assert finding == Finding(
        "demo", None, (Gap(WINDOWS, "1.0.dev1", NOW - 4 * DAY, 4, NOW + 86 * DAY, is_ending=False),)
    )


def test_one_failed_night_of_one_platform_is_none_of_it() -> None:
    assert look([*uploads([1, 1, 1, 1]), remote("1.0.dev3", "win", DAY)]) == []


def test_a_dropped_python_of_a_fixed_version_is_found_by_its_age() -> None:
    fixed = [*night("2.4.0.dev0", 0), *night("2.4.0.dev0", 50, "cp310")]
    (finding,) = look(fixed)
    assert [(gap.key, gap.newer) for gap in finding.gaps] == [("cp310-cp310-manylinux_x86_64", 0)]


def test_the_last_wheel_of_a_platform_is_told_of_a_week_before_it_goes() -> None:
    files = [*uploads([1, 1, 1]), remote("0.9.dev1", "win", 84 * DAY)]
    (finding,) = look(files)
    (gap,) = finding.gaps
    assert (gap.key, gap.is_ending, gap.goes_at) == (WINDOWS, True, NOW + 6 * DAY)


def test_what_is_due_has_no_day_for_that_would_be_another_one_each_day() -> None:
    (finding,) = look([*uploads([1, 1, 1]), remote("0.9.dev1", "win", 91 * DAY)])
    assert [(gap.is_ending, gap.goes_at) for gap in finding.gaps] == [(True, None)]


def test_the_platforms_of_a_project_that_is_as_ever_are_no_matter() -> None:
    assert look(uploads([1, 1, 1, 1], "linux", "win", "mac", "cp313t")) == []


def test_each_project_is_looked_at_by_itself() -> None:
    quiet = [replace(file, project="Quiet_Pkg") for file in uploads([1, 1, 1])]
    weekly = [replace(file, project="weekly") for file in uploads([7, 7, 7])]
    findings = look([*quiet, *weekly], later=7 * DAY)
    assert [(each.project, each.silence is not None) for each in findings] == [("Quiet_Pkg", True)]


def test_what_is_known_but_not_there_is_gone_in_whatever_spelling() -> None:
    assert list(gone(["Scikit_Learn", "scikit-learn", "numpy"], ["NumPy"])) == [Finding("Scikit_Learn", is_gone=True)]
