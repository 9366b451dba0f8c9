"""How a run is called: green only where it is proved, and a nightly's fault only where the runs show it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightly.data import parse, to_json
from nightly.downstream.records.experiment import ExperimentResult, Kind, Verdict
from nightly.downstream.records.history import History
from nightly.downstream.records.proof import ProofState
from nightly.downstream.records.result import WHOLE_COMMAND, CellResult, End, Failure
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling.headline import headline, title
from nightly.downstream.telling.lifecycle import RULES, Rule, When, rule_of
from nightly.downstream.telling.outcome import IMPORTANCE, Outcome, most_important
from nightly.downstream.telling.remembering import KEPT
from nightly.downstream.telling.story import Story
from weeks import (
    FAILURES,
    MONDAY,
    NO_PROOF,
    NUMPY,
    PROOF,
    SCENE,
    SCIPY,
    cell,
    culprit_numpy,
    failed,
    green_week,
    own,
    result,
    still,
    story,
    tried,
    weeks,
)

RED = failed()
ONE = failed(failures=FAILURES[2:])
CRASHED = result(end=End.CRASHED, problem="SIGSEGV", stopped_in="tests/test_a.py::test_a", by_test=True)
EACH_ALONE = (
    tried(RED, Kind.CONTROL),
    *(
        tried(RED, kind, name, index=index, end=End.FAILED, tests=still(RED))
        for kind in (Kind.WITHOUT, Kind.ALONE)
        for index, name in enumerate(("numpy", "scipy"), 1)
    ),
)
TOGETHER = (tried(RED, Kind.CONTROL), *(tried(RED, Kind.WITHOUT, name) for name in ("numpy", "scipy")))
UNPROVED = (tried(RED, Kind.CONTROL), tried(RED, Kind.WITHOUT, "numpy", end=End.CANNOT_INSTALL, tests={}))
CRASH_OF_NUMPY = (
    tried(CRASHED, Kind.CONTROL),
    tried(CRASHED, Kind.WITHOUT, "numpy", index=1),
    tried(CRASHED, Kind.WITHOUT, "scipy", index=2, end=End.CRASHED, tests={CRASHED.stopped_in: Verdict.FAILED}),
)
SHAKY = {failure.test: Verdict.FLAKY for failure in RED.failures}

CELLS: dict[str, tuple[CellResult, tuple[ExperimentResult, ...], Outcome, tuple[str, ...]]] = {
    "all passed": (result(), (), Outcome.GREEN, ()),
    "passed, a test only the second time": (result(flaky=("a",)), (), Outcome.FLAKY, ()),
    "passed without any nightly": (result(proof=NO_PROOF), (), Outcome.NO_NIGHTLY, ()),
    "passed, with what isn't known": (result(proof=None), (), Outcome.UNKNOWN, ()),
    "all skipped": (result(passed=0), (), Outcome.UNKNOWN, ()),
    "passed, and tests can't be told apart": (result(passed=0, by_test=False), (), Outcome.GREEN, ()),
    "a culprit": (RED, culprit_numpy(RED), Outcome.UPSTREAM_BREAK, ("numpy",)),
    "several, each alone": (RED, EACH_ALONE, Outcome.UPSTREAM_BREAK, ("numpy", "scipy")),
    "an interaction": (RED, TOGETHER, Outcome.UPSTREAM_BREAK, ("numpy", "scipy")),
    "a nightly, and which isn't shown": (RED, UNPROVED, Outcome.UPSTREAM_BREAK, ()),
    "the control failed too": (RED, own(RED), Outcome.OWN_BREAK, ()),
    "no experiments": (RED, (), Outcome.TESTS_FAIL, ()),
    "a control that couldn't be installed": (
        RED,
        (tried(RED, Kind.CONTROL, end=End.CANNOT_INSTALL, tests={}),),
        Outcome.TESTS_FAIL,
        (),
    ),
    "a control in which a nightly was left": (
        RED,
        (tried(RED, Kind.CONTROL, installed={"numpy": "2.6.0.dev0", "scipy": "1.19.0"}),),
        Outcome.TESTS_FAIL,
        (),
    ),
    "flaky without nightlies": (RED, (tried(RED, Kind.CONTROL, tests=SHAKY),), Outcome.FLAKY, ()),
    "a crash": (CRASHED, (), Outcome.CRASHED, ()),
    "a crash with a culprit": (CRASHED, CRASH_OF_NUMPY, Outcome.CRASHED, ("numpy",)),
    "a crash without nightlies too": (
        CRASHED,
        (tried(CRASHED, Kind.CONTROL, end=End.CRASHED, tests={CRASHED.stopped_in: Verdict.FAILED}),),
        Outcome.OWN_BREAK,
        (),
    ),
    "can't be installed": (result(end=End.CANNOT_INSTALL, proof=None), (), Outcome.CANNOT_INSTALL, ()),
    "took too long": (result(end=End.TIMED_OUT), (), Outcome.TIMED_OUT, ()),
    "the channel changed": (result(end=End.CHANNEL_MOVED), (), Outcome.CHANNEL_MOVED, ()),
    "no nightly is left": (result(end=End.NO_NIGHTLY, proof=None), (), Outcome.NO_NIGHTLY, ()),
    "the channel is down": (result(end=End.CHANNEL_DOWN, proof=None), (), Outcome.CHANNEL_DOWN, ()),
}


@pytest.mark.parametrize(("ended", "shown", "outcome", "culprits"), CELLS.values(), ids=CELLS)
def test_a_run_of_one_cell_is_called_by_what_is_proved(
    ended: CellResult, shown: tuple[ExperimentResult, ...], outcome: Outcome, culprits: tuple[str, ...]
) -> None:
    told = story(ended, experiments=shown)
    assert (told.outcome, told.culprits) == (outcome, culprits)
    assert title(told).startswith(f"{outcome.value}: ")
    assert all(name in title(told) for name in culprits)


def test_what_is_not_proved_is_not_claimed_in_the_title() -> None:
    assert title(story(RED)) == "tests-fail: 3 tests fail with nightlies, and whose doing it is isn't known"
    assert title(story(RED, experiments=UNPROVED)) == (
        "upstream-break: a nightly breaks 3 tests, and which one couldn't be shown"
    )


def test_several_causes_are_all_told() -> None:
    mixed = failed(failures=FAILURES)
    tests = {FAILURES[2].test: Verdict.FAILED, **{each.test: Verdict.PASSED for each in FAILURES[:2]}}
    shown = [replace(each, tests=tests) for each in culprit_numpy(mixed)[:2]]
    told = story(mixed, experiments=[*shown, culprit_numpy(mixed)[2]])
    assert told.outcome is Outcome.UPSTREAM_BREAK
    assert [(cause.proves.value, len(cause.tests)) for cause in told.causes] == [("culprit", 2), ("own", 1)]


def test_of_several_cells_the_most_important_one_counts() -> None:
    other = failed(cell(1, "3.13"))
    assert story(result(), other, experiments=own(other)).outcome is Outcome.OWN_BREAK
    assert story(result(end=End.CANNOT_INSTALL), failed(cell(1)), experiments=()).outcome is Outcome.TESTS_FAIL


def test_every_outcome_has_its_importance_and_its_rule() -> None:
    assert set(IMPORTANCE) == set(RULES) == set(Outcome)
    assert len(IMPORTANCE) == len(Outcome)


@given(st.lists(st.sampled_from(Outcome)))
def test_only_what_is_green_everywhere_is_green(outcomes: list[Outcome]) -> None:
    assert (most_important(outcomes) is Outcome.GREEN) == (set(outcomes) == {Outcome.GREEN})


def test_a_cell_that_fails_alike_is_told_by_what_was_shown_in_another() -> None:
    other = failed(cell(1, "3.13"))
    told = story(RED, other, experiments=culprit_numpy(RED))
    assert [each.outcome for each in told.cells] == [Outcome.UPSTREAM_BREAK] * 2
    (cause,) = told.causes
    assert (cause.cells, cause.shown_in) == ((0, 1), (0,))


def test_a_cell_with_other_failures_is_not_told_by_another() -> None:
    other = failed(cell(1, "3.13"), (Failure("tests/test_else.py::test_else", "assert 1"),))
    told = story(RED, other, experiments=culprit_numpy(RED))
    assert [each.outcome for each in told.cells] == [Outcome.UPSTREAM_BREAK, Outcome.TESTS_FAIL]


@pytest.mark.parametrize("end", [End.TIMED_OUT, End.CANNOT_INSTALL, End.CRASHED])
def test_a_whole_command_that_fails_in_one_cell_tells_nothing_of_another_end(end: End) -> None:
    whole = failed(failures=[Failure(WHOLE_COMMAND, "exit code 1")], by_test=False)
    told = story(whole, result(cell(1, "3.13"), end=end, by_test=False), experiments=own(whole))
    assert [each.outcome.value for each in told.cells] == ["own-break", end.value]
    assert [cause.cells for cause in told.causes] == [(0,)]


def test_experiments_of_an_earlier_attempt_say_nothing_of_a_cell_that_passes_now() -> None:
    told = story(result(attempt=2), experiments=culprit_numpy(RED))
    assert (told.outcome, told.culprits) == (Outcome.GREEN, ())


UNKNOWN = {
    "nothing at all": story(),
    "a cell is missing": story(result(), cells=[cell(), cell(1, "3.13")]),
    "a job was cancelled": story(result(), jobs={"test": "cancelled"}),
    "a job failed after its cell had passed": story(result(), jobs={"plan": "success", "test": "failure"}),
    "planning failed, and the rest was skipped": story(jobs={"plan": "failure", "test": "skipped"}),
}


@pytest.mark.parametrize("told", UNKNOWN.values(), ids=UNKNOWN)
def test_what_a_job_could_not_tell_is_never_green(told: Story) -> None:
    assert told.outcome is Outcome.UNKNOWN


def test_a_job_that_failed_for_a_flaky_test_is_told_by_it() -> None:
    shown = (tried(RED, Kind.CONTROL, tests=SHAKY),)
    assert story(RED, experiments=shown, jobs={"test": "failure"}).outcome is Outcome.FLAKY


def test_a_red_cell_counts_though_another_one_is_missing() -> None:
    assert story(RED, cells=[cell(), cell(1)], experiments=own(RED)).outcome is Outcome.OWN_BREAK


def test_jobs_that_were_skipped_are_no_reason_to_doubt() -> None:
    jobs = {"plan": "success", "test": "success", "suspects": "skipped", "isolate": "skipped"}
    assert story(result(), jobs=jobs).outcome is Outcome.GREEN


def test_a_channel_that_cannot_be_read_is_down() -> None:
    told = story(jobs={"plan": "failure", "test": "skipped"}, trouble=Trouble("502 Bad Gateway"))
    assert told.outcome is Outcome.CHANNEL_DOWN


def test_trouble_of_an_earlier_attempt_is_over_when_cells_have_run() -> None:
    assert story(result(), trouble=Trouble("502 Bad Gateway")).outcome is Outcome.GREEN


DOWN = Trouble("502 Bad Gateway")


@pytest.mark.parametrize(
    ("before", "rule"),
    [
        ((), Rule.LEAVE),
        (("channel-down",), Rule.LEAVE),
        (("channel-down", "channel-down"), Rule.OPEN),
        (("channel-down", "green", "channel-down"), Rule.LEAVE),
        (("channel-down", "channel-down", "green"), Rule.OPEN),
    ],
    ids=lambda value: " then ".join(value) if isinstance(value, tuple) else "",
)
def test_a_channel_that_is_down_is_told_from_the_third_week_in_a_row_on(before: tuple[str, ...], rule: Rule) -> None:
    assert rule_of(story(trouble=DOWN, history=weeks(*before))) is rule


def test_several_runs_of_one_week_are_one_week() -> None:
    history = weeks("channel-down", "channel-down")
    same = History(tuple(replace(week, at=MONDAY - timedelta(hours=1)) for week in history.weeks))
    assert rule_of(story(trouble=DOWN, history=same)) is Rule.LEAVE


def test_a_run_that_is_run_again_counts_once() -> None:
    history = weeks("channel-down", "channel-down")
    again = History((replace(history.weeks[0], run_url=SCENE.run_url), history.weeks[1]))
    told = story(trouble=DOWN, history=again)
    assert rule_of(told) is Rule.LEAVE
    assert len(told.history.weeks) == 2


def test_the_third_week_is_said() -> None:
    assert headline(story(trouble=DOWN, history=weeks("channel-down", "channel-down"))) == (
        "the channel can't be read, third week in a row"
    )


@pytest.mark.parametrize(
    ("when", "event", "writes"),
    [
        ("schedule", "schedule", True),
        ("schedule", "workflow_dispatch", False),
        ("always", "workflow_dispatch", True),
        ("never", "schedule", False),
    ],
)
def test_which_runs_write_the_issue_is_an_input(when: str, event: str, writes: bool) -> None:  # noqa: FBT001 - a case
    assert When(when).allows(event) is writes


def test_the_state_changes_with_outcome_culprit_and_failing_set_only() -> None:
    same = story(failed(cell(0, "3.13")), experiments=culprit_numpy(failed(cell(0, "3.13"))), history=green_week())
    told = story(RED, experiments=culprit_numpy(RED))
    assert told.state == same.state
    others = [story(RED), story(RED, experiments=TOGETHER), story(ONE, experiments=culprit_numpy(ONE))]
    assert len({told.state, *(each.state for each in others)}) == 4


def test_the_proof_of_a_run_is_the_worst_of_its_cells() -> None:
    fell_back = replace(PROOF, packages=tuple(replace(each, state=ProofState.NOT_NIGHTLY) for each in PROOF.packages))
    not_needed = replace(PROOF, packages=tuple(replace(each, state=ProofState.NOT_NEEDED) for each in PROOF.packages))
    assert [each.state.value for each in story(result(), result(cell(1), proof=fell_back)).proof.packages] == [
        "not-nightly"
    ] * 3
    merged = story(result(proof=not_needed), result(cell(1))).proof
    assert sorted(merged.packages, key=lambda each: each.name) == sorted(PROOF.packages, key=lambda each: each.name)


def test_only_a_green_run_is_remembered_as_green() -> None:
    before = green_week()
    red = story(RED, experiments=culprit_numpy(RED), history=before).history
    assert red.green == before.green
    assert [week.outcome for week in red.weeks] == ["upstream-break", "green"]
    green = story(result(), history=before).history.green
    assert green
    assert (green.at, [each.name for each in green.packages]) == (MONDAY, ["numpy", "scipy"])


def test_of_a_wheel_whose_hash_the_installer_did_not_write_down_the_planned_one_is_remembered() -> None:
    proof = replace(PROOF, packages=tuple(replace(each, sha256=None) for each in PROOF.packages))
    green = story(result(proof=proof)).history.green
    assert green
    assert [each.sha256s for each in green.packages] == [("a" * 64,), ("b" * 64,)]


def test_it_is_remembered_when_the_first_wheel_of_a_green_run_was_uploaded() -> None:
    """What its project has changed since then is what may have broken the tests."""
    later = replace(PROOF, packages=tuple(replace(each, uploaded_at=MONDAY) for each in PROOF.packages))
    green = story(result(cell(0), proof=later), result(cell(1))).history.green
    assert green
    assert [each.uploaded_at for each in green.packages] == [NUMPY.uploaded_at, SCIPY.uploaded_at]


def test_ten_weeks_are_remembered_and_come_back_from_the_file() -> None:
    history = story(RED, history=weeks(*["green"] * 30)).history
    assert len(history.weeks) == KEPT == 10
    assert history.weeks[0].outcome == "tests-fail"
    text = json.dumps(to_json(history))
    assert parse(History, text, "state.json") == history
