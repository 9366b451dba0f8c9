"""Who broke the tests: whom to suspect, what to run, and what of it is claimed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from benchmarks.sequential_search import sequential_runs
from nightly.downstream.isolating.cells import failing_tests, representatives
from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.isolating.rounds import first_round, second_round
from nightly.downstream.isolating.suspects import groups
from nightly.downstream.isolating.verdict import findings
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind, Verdict
from nightly.downstream.records.history import Green, Known
from nightly.downstream.records.proof import Proved
from nightly.downstream.records.result import CellResult, End
from red_cells import NIGHT, Breaks, Lab, Truth, always, any_of, asked, cell, exactly, nightly, plan, planned

THREE = ("a", "b", "c")
MANY = [f"p{number:02}" for number in range(14)]


def isolate(lab: Lab) -> tuple[list[str], list[str], tuple[Finding, ...]]:
    """Both rounds, in short, and what they prove."""
    first = first_round([lab.result], None)
    shown = lab.carry_out(first)
    second = second_round([lab.result], shown)
    shown += lab.carry_out(second)
    return asked(first), asked(second), findings(lab.result, shown)


def of_one_test(breaks: Breaks, *there: str, uninstallable: Collection[frozenset[str]] = ()) -> Finding:
    """What both rounds prove of a cell with one failing test."""
    (finding,) = isolate(Lab(cell(*there), Truth({"t": breaks}, uninstallable=uninstallable)))[2]
    return finding


# Cells


def test_tests_that_failed_are_isolated() -> None:
    assert failing_tests(cell("a", tests=["t2", "t1"])) == ("t1", "t2")


def test_a_crash_is_isolated_by_the_test_that_ran() -> None:
    assert failing_tests(cell("a", tests=["t1"], end=End.CRASHED, stopped_in="t9")) == ("t9",)


def test_a_crash_nowhere_in_particular_is_isolated_by_the_whole_command() -> None:
    assert failing_tests(cell("a", tests=["t1"], end=End.CRASHED)) == ("",)


@pytest.mark.parametrize("end", [end for end in End if end not in (End.FAILED, End.CRASHED)], ids=lambda end: end.value)
def test_what_ended_otherwise_is_not_isolated(end: End) -> None:
    result = cell("a", end=end)
    assert failing_tests(result) == ()
    assert first_round([result], None) == ()
    assert findings(result, ()) == ()


def test_one_cell_is_isolated_for_each_set_of_failures_and_three_at_most() -> None:
    """Those come first that stand for most cells."""
    failing = ["t1", "t2", "t2", "t3", "t1 t2", "t3", "t3", "t4"]
    results = [cell("a", tests=tests.split(), index=index) for index, tests in enumerate(failing)]
    assert [result.cell.index for result in representatives(results)] == [3, 1, 0]
    assert representatives(results[::-1]) == representatives(results)


def test_all_whole_commands_are_one() -> None:
    results = [cell("a", tests=[""]), cell("a", tests=["t"], index=1, end=End.CRASHED)]
    assert [result.cell.index for result in representatives(results)] == [0]


def test_a_cell_without_a_proved_nightly_stands_for_none() -> None:
    results = [cell(), replace(cell(index=1), proof=None), cell("a", index=2)]
    assert [result.cell.index for result in representatives(results)] == [2]
    assert first_round(results[:2], None) == ()


# Suspects

BONDS: dict[str, tuple[list[Proved], list[tuple[str, ...]]]] = {
    "nothing required": ([nightly("b"), nightly("a")], [("a",), ("b",)]),
    "stable is good enough": ([nightly("a", "b>=0.9"), nightly("b", stable="1.0")], [("a",), ("b",)]),
    "only the nightly will do": ([nightly("a", "b>=2.0.dev0"), nightly("b", stable="1.0")], [("a", "b")]),
    "a stable that is itself a pre-release": (
        [nightly("a", "b>=1.5rc1"), nightly("b", stable="1.5rc2")],
        [("a",), ("b",)],
    ),
    "an exact pin": (
        [nightly("awkward", "awkward_cpp==2.0.dev0"), nightly("awkward-cpp")],
        [("awkward", "awkward-cpp")],
    ),
    "an exact pin that stable meets": ([nightly("a", "b==1.0"), nightly("b", stable="1.0")], [("a", "b")]),
    "an exact pin, stable isn't known": ([nightly("a", "b===2"), nightly("b", stable=None)], [("a", "b")]),
    "any of a series": ([nightly("a", "b==1.*"), nightly("b", stable="1.0")], [("a",), ("b",)]),
    "stable isn't known": ([nightly("a", "b>=2.0.dev0"), nightly("b", stable=None)], [("a",), ("b",)]),
    "stable is no version": ([nightly("a", "b>=2.0.dev0"), nightly("b", stable="main")], [("a",), ("b",)]),
    "one after the other": (
        [nightly("a", "b>=2.0.dev0"), nightly("b", "c>=2.0.dev0"), nightly("c"), nightly("d")],
        [("a", "b", "c"), ("d",)],
    ),
    "both require a third": (
        [nightly("a", "c>=2.0.dev0"), nightly("b", "c>=2.0.dev0"), nightly("c")],
        [("a", "b", "c")],
    ),
    "requires what is no nightly here": ([nightly("a", "z>=2"), nightly("b")], [("a",), ("b",)]),
    "requires what nobody can read": ([nightly("a", "b >>= 2", ""), nightly("b")], [("a",), ("b",)]),
    "names that aren't any": ([nightly("a"), nightly("b,c"), nightly(""), nightly("x" * 3 + "\n")], [("a",)]),
}


@pytest.mark.parametrize(("there", "expected"), BONDS.values(), ids=BONDS)
def test_those_that_must_move_together_are_one_suspect(there: list[Proved], expected: list[tuple[str, ...]]) -> None:
    assert list(groups(cell(*there))) == expected
    assert list(groups(cell(*there[::-1]))) == expected


def test_the_plan_tells_stable_versions_too() -> None:
    result = cell(nightly("a", "b>=2.0.dev0"), nightly("b", stable=None))
    assert groups(replace(result, plan=plan(planned("b", stable="1.0")))) == (("a", "b"),)


def test_twelve_are_suspected_at_most_and_by_name() -> None:
    experiments = first_round([cell(*reversed(MANY))], None)
    assert asked(experiments) == ["control", *(f"without {name}" for name in MANY[:12])]


def test_what_changed_since_the_last_green_run_is_suspected_first() -> None:
    """A wheel of another cell is no change; one that wasn't there, or of which no hash is known, is."""
    there = [nightly(name, sha256=f"hash of {name}") for name in MANY]
    there[3] = nightly("p03", sha256=None)
    known = [Known(each.name, "2.0.dev0", (str(each.sha256), "another cell's")) for each in there]
    known[5] = Known("p05", "2.0.dev0", ("an older one",))
    green = Green(NIGHT, "https://github.com/nightly/channel/actions/runs/7", tuple(known[:13]))
    names = [each.suspect for each in first_round([cell(*there)], green)[1:]]
    assert names == ["p03", "p05", "p13", "p00", "p01", "p02", "p04", "p06", "p07", "p08", "p09", "p10"]


def test_the_hash_may_be_known_from_the_plan_alone() -> None:
    green = Green(NIGHT, "", (Known("a", "2.0.dev0", ("aaa",)), Known("b", "2.0.dev0", ("bbb",))))
    result = replace(cell("a", "b"), plan=plan(planned("a", sha256="aaa"), planned("b", sha256="new")))
    assert asked(first_round([result], green)) == ["control", "without b", "without a"]


def test_a_group_has_changed_when_one_of_it_has() -> None:
    there = [nightly("a", sha256="aaa"), nightly("b", "c==2.0.dev0", sha256="bbb"), nightly("c", sha256="new")]
    green = Green(NIGHT, "", tuple(Known(name, "2.0.dev0", (name * 3,)) for name in "abc"))
    assert asked(first_round([cell(*there)], green)) == ["control", "without b,c", "without a"]


# Rounds


def test_each_experiment_says_where_it_runs() -> None:
    results = [cell("a", "b", tests=["t1"], index=4), cell("a", tests=["t2"], index=2)]
    assert first_round(results, None) == (
        Experiment(0, 1, 2, Kind.CONTROL, "", "3.2", "ubuntu-latest"),
        Experiment(1, 1, 4, Kind.CONTROL, "", "3.4", "ubuntu-latest"),
        Experiment(2, 1, 4, Kind.WITHOUT, "a", "3.4", "ubuntu-latest"),
        Experiment(3, 1, 4, Kind.WITHOUT, "b", "3.4", "ubuntu-latest"),
    )


def test_with_one_suspect_the_control_is_enough() -> None:
    lab = Lab(cell("numpy"), Truth({"t": any_of("numpy")}))
    first, second, (finding,) = isolate(lab)
    assert (first, second) == (["control"], [])
    assert (finding.proves, finding.projects) == (Proves.CULPRIT, ("numpy",))
    assert finding.because == "With numpy back at 1.0, 1 of 1 passes; there was no other nightly."


def test_with_two_suspects_one_round_shows_all_there_is() -> None:
    first, second, (finding,) = isolate(Lab(cell("a", "b"), Truth({"t": any_of("a", "b")})))
    assert (first, second) == (["control", "without a", "without b"], [])
    assert (finding.proves, finding.projects) == (Proves.SEVERAL, ("a", "b"))


ROUNDS: dict[str, tuple[Breaks, list[str]]] = {
    "a culprit needs no second round": (any_of("b"), []),
    "nor does an interaction": (any_of("a+b"), []),
    "nor does a break of the project's own": (always, []),
    "when nobody mends it, each is tried alone": (any_of("a", "b"), ["alone a", "alone b", "alone c"]),
}


@pytest.mark.parametrize(("breaks", "second"), ROUNDS.values(), ids=ROUNDS)
def test_a_second_round_is_only_for_what_is_open(breaks: Breaks, second: list[str]) -> None:
    assert isolate(Lab(cell(*THREE), Truth({"t": breaks})))[1] == second


def test_a_second_round_is_run_for_the_one_test_that_needs_it() -> None:
    truth = Truth(
        {"clear": any_of("a"), "own": always, "open": any_of("a", "b+c"), "flaky": any_of("a", "b")}, flaky=["flaky"]
    )
    assert isolate(Lab(cell(*THREE, tests=truth.breaks), truth))[1] == ["alone a", "alone b", "alone c"]


def test_without_a_control_there_is_no_second_round() -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a", "b")}), lost=[(Kind.CONTROL, "")])
    _, second, (finding,) = isolate(lab)
    assert (second, finding.proves) == ([], Proves.NOTHING)
    assert "without it no nightly can be blamed" in finding.because


def test_the_second_round_of_many_is_of_those_of_the_first() -> None:
    _, second, (finding,) = isolate(Lab(cell(*MANY), Truth({"t": any_of("p12", "p13")})))
    assert second == [f"alone {name}" for name in MANY[:12]]
    assert (finding.proves, finding.projects) == (Proves.NOTHING, ())
    assert finding.because.endswith("Of 14 suspects 12 are tried at most: not p12 or p13.")


# Findings

PROVED: dict[str, tuple[Breaks, Proves, str, str]] = {
    "one": (any_of("a"), Proves.CULPRIT, "a", "With a back at 1.0 and every other nightly in place, 1 of 1 passes"),
    "one with any of two others": (any_of("a+b", "a+c"), Proves.CULPRIT, "a", "without any nightly it passes too"),
    "two together": (any_of("a+c"), Proves.INTERACTION, "a c", "With a back at 1.0 or with c back at 1.0"),
    "all together": (any_of("a+b+c"), Proves.INTERACTION, "a b c", "With a back at 1.0, with b back at 1.0 or with c"),
    "two apart": (any_of("a", "b"), Proves.SEVERAL, "a b", "With only one nightly, which is a or b, 1 of 1 fails"),
    "each": (any_of(*THREE), Proves.SEVERAL, "a b c", "without any nightly it passes."),
    "one, and two others together": (any_of("a", "b+c"), Proves.NOTHING, "", "With a as the only nightly it fails."),
    "any two": (any_of("a+b", "b+c", "a+c"), Proves.NOTHING, "", "a combination of a, b and c that these runs don't"),
    "the project itself": (always, Proves.OWN, "", "Without any nightly, 1 of 1 fails too."),
    "the project, and all others hide it": (exactly("", "a+b+c"), Proves.OWN, "", "Without any nightly"),
    "one alone only": (exactly("a", "a+b+c", "a+b", "a+c"), Proves.CULPRIT, "a", "With a back at 1.0"),
    "no two": (exactly("a", "a+b+c"), Proves.INTERACTION, "a b c", "With a back at 1.0"),
}


@pytest.mark.parametrize(("breaks", "proves", "projects", "gist"), PROVED.values(), ids=PROVED)
def test_what_is_claimed_is_what_was_shown(breaks: Breaks, proves: Proves, projects: str, gist: str) -> None:
    finding = of_one_test(breaks, *THREE)
    assert (finding.proves, finding.projects) == (proves, tuple(projects.split()))
    assert gist in finding.because


def test_who_breaks_it_alone_and_mends_nothing_is_told_but_not_blamed() -> None:
    finding = of_one_test(any_of("a", "b+c"), *THREE)
    assert finding.projects == ()
    assert "With a back at 1.0 it fails as well, so others break it too." in finding.because


def test_tests_of_which_the_same_is_proved_are_told_together() -> None:
    one = any_of("b")
    truth = Truth({"t1": one, "t2": always, "t3": one, "t4": any_of("a+b"), "t5": one}, flaky=["t4"])
    _, _, found = isolate(Lab(cell(*THREE, tests=truth.breaks), truth))
    assert [(each.proves, each.tests) for each in found] == [
        (Proves.CULPRIT, ("t1", "t3", "t5")),
        (Proves.OWN, ("t2",)),
        (Proves.FLAKY, ("t4",)),
    ]
    because = "With b back at 1.0 and every other nightly in place, 3 of 3 pass; without any nightly they pass too."
    assert found[0].because == because


def test_the_whole_command_is_a_test_too() -> None:
    result = cell(*THREE, tests=[""])
    (finding,) = isolate(Lab(result, Truth({"": any_of("a")})))[2]
    assert (finding.proves, finding.projects, finding.tests) == (Proves.CULPRIT, ("a",), ("",))
    assert "the whole command passes; without any nightly it passes too" in finding.because


def test_a_group_is_one_culprit() -> None:
    there: list[Proved | str] = [
        nightly("awkward", "awkward-cpp==2.0.dev0", stable="2.8"),
        nightly("awkward-cpp", stable="52"),
        "numpy",
    ]
    lab = Lab(cell(*there), Truth({"t": any_of("awkward+awkward-cpp")}))
    first, _, (finding,) = isolate(lab)
    assert first == ["control", "without awkward,awkward-cpp", "without numpy"]
    assert (finding.proves, finding.projects) == (Proves.CULPRIT, ("awkward", "awkward-cpp"))
    assert "With awkward and awkward-cpp back at 2.8 and 52 and every other" in finding.because


def test_a_stable_version_that_nobody_knows_is_not_made_up() -> None:
    (finding,) = isolate(Lab(cell(nightly("a", stable=None), "b"), Truth({"t": any_of("a")})))[2]
    assert "With a back at stable and every other" in finding.because


def test_one_run_in_which_a_test_is_flaky_frees_all() -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a")}))
    shown = lab.carry_out(first_round([lab.result], None))
    shown[3] = replace(shown[3], tests={"t": Verdict.FLAKY})
    assert second_round([lab.result], shown) == ()
    (finding,) = findings(lab.result, shown)
    assert (finding.proves, finding.projects) == (Proves.FLAKY, ())
    assert "passed once and failed once" in finding.because


def test_a_flaky_test_is_no_reason_for_a_second_round() -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a", "b")}))
    shown = lab.carry_out(first_round([lab.result], None))
    assert len(second_round([lab.result], shown)) == 3
    shown[2] = replace(shown[2], tests={"t": Verdict.FLAKY})
    assert second_round([lab.result], shown) == ()


def test_a_test_is_flaky_even_where_a_run_shows_nothing_else() -> None:
    shown = _shown_of_culprit("a")
    shown[2] = replace(shown[2], tests={"t": Verdict.FLAKY}, installed={"a": "1.0"})
    assert [each.proves for each in findings(cell(*THREE), shown)] == [Proves.FLAKY]


def test_two_runs_that_differ_under_the_same_conditions_are_flaky() -> None:
    """All but the one of two is the other alone: two jobs of the same may be there after a rerun."""
    lab = Lab(cell("a", "b"), Truth({"t": any_of("a")}))
    shown = lab.carry_out(first_round([lab.result], None))
    alone = Experiment(0, 2, 0, Kind.ALONE, "b", "3.0", "ubuntu-latest")
    shown.append(ExperimentResult(alone, 2, End.FAILED, {"t": Verdict.FAILED}))
    assert [each.proves for each in findings(lab.result, shown)] == [Proves.FLAKY]


def test_a_lone_suspect_that_passes_alone_is_flaky() -> None:
    """That is the cell itself once more, where the test failed twice."""
    lab = Lab(cell("a"), Truth({"t": exactly()}))
    alone = Experiment(0, 2, 0, Kind.ALONE, "a", "3.0", "ubuntu-latest")
    shown = lab.carry_out([*first_round([lab.result], None), alone])
    assert [each.proves for each in findings(lab.result, shown)] == [Proves.FLAKY]


def test_what_could_not_be_run_is_said_beside_a_culprit() -> None:
    """That the test passes without it is proved; and that it fails with it alone."""
    finding = of_one_test(any_of("a"), *THREE, uninstallable=[frozenset("ac")])
    assert (finding.proves, finding.projects) == (Proves.CULPRIT, ("a",))
    assert "With a as the only nightly it fails." in finding.because
    assert finding.because.endswith("What happens without b these runs don't show.")


def test_an_interaction_is_proved_of_two_whatever_a_third_does() -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a+b")}, uninstallable=[frozenset("ab")]))
    _, second, (finding,) = isolate(lab)
    assert (second, finding.proves, finding.projects) == ([], Proves.INTERACTION, ("a", "b"))
    assert finding.because.endswith("What happens without c these runs don't show.")


def test_of_two_no_more_is_said_than_it_takes() -> None:
    because = "With a back at 1.0 and every other nightly in place, 1 of 1 passes; without any nightly it passes too."
    assert of_one_test(any_of("a"), "a", "b").because == because


def test_a_culprit_that_is_harmless_alone_is_said_to_be() -> None:
    finding = of_one_test(any_of("a+b"), *THREE, uninstallable=[frozenset("ac")])
    assert (finding.proves, finding.projects) == (Proves.CULPRIT, ("a",))
    assert "With a as the only nightly it passes, so it takes another one too." in finding.because


def test_whoever_could_not_be_put_back_is_not_blamed() -> None:
    finding = of_one_test(any_of("a"), *THREE, uninstallable=[frozenset("bc")])
    assert (finding.proves, finding.projects) == (Proves.NOTHING, ())
    assert "With a as the only nightly it fails." in finding.because
    assert "others break it too" not in finding.because
    assert "What happens without a these runs don't show." in finding.because


def test_nothing_is_claimed_while_runs_are_missing() -> None:
    lab = Lab(cell(*THREE), Truth({"t": any_of("a", "b+c")}), lost=[(Kind.ALONE, "a"), (Kind.WITHOUT, "b")])
    (finding,) = isolate(lab)[2]
    assert (finding.proves, finding.projects) == (Proves.NOTHING, ())
    assert "Which of a, b and c it is, or which of them together, these runs don't tell." in finding.because
    assert "without b these runs don't show" in finding.because


def test_a_control_that_could_not_be_installed_is_said_to_be() -> None:
    finding = of_one_test(any_of("a"), *THREE, uninstallable=[frozenset()])
    assert (finding.proves, finding.projects) == (Proves.NOTHING, ())
    assert "shows nothing (it ended with cannot-install), and without it no nightly can be blamed" in finding.because


def test_without_experiments_nothing_is_proved() -> None:
    (finding,) = findings(cell(*THREE, tests=["t1", "t2"]), ())
    assert (finding.proves, finding.tests, finding.projects) == (Proves.NOTHING, ("t1", "t2"), ())


def test_without_a_nightly_there_is_nobody_to_suspect() -> None:
    (finding,) = findings(cell(), ())
    assert finding.proves is Proves.NOTHING
    assert "No nightly was proved to be there" in finding.because


@pytest.mark.parametrize(
    "end", [End.CANNOT_INSTALL, End.CHANNEL_MOVED, End.CHANNEL_DOWN, End.NO_NIGHTLY], ids=lambda end: end.value
)
def test_a_run_that_could_not_be_made_shows_nothing_whatever_it_says(end: End) -> None:
    shown = _shown_of_culprit("a")
    shown[1] = replace(shown[1], end=end)
    assert [each.proves for each in findings(cell(*THREE), shown)] == [Proves.NOTHING]


@pytest.mark.parametrize("end", [End.CRASHED, End.TIMED_OUT], ids=lambda end: end.value)
def test_a_run_that_was_cut_off_shows_what_it_had_shown(end: End) -> None:
    shown = _shown_of_culprit("a")
    shown[1] = replace(shown[1], end=end)
    assert [each.proves for each in findings(cell(*THREE), shown)] == [Proves.CULPRIT]


INSTALLED = {
    "as asked": (1, {"a": "1.0.0", "b": "2.0.dev0", "c": "2.0.dev0"}, Proves.CULPRIT),
    "one isn't needed any more": (1, {"a": "1.0", "c": "2.0.dev0"}, Proves.CULPRIT),
    "the suspect's nightly is still there": (1, {"a": "2.0.dev0", "b": "2.0.dev0", "c": "2.0.dev0"}, Proves.NOTHING),
    "another nightly is gone too": (1, {"a": "1.0", "b": "1.0", "c": "2.0.dev0"}, Proves.NOTHING),
    "a control with a nightly": (0, {"a": "1.0", "b": "2.0.dev0", "c": "1.0"}, Proves.NOTHING),
}


@pytest.mark.parametrize(("index", "installed", "proves"), INSTALLED.values(), ids=INSTALLED)
def test_only_what_was_really_installed_counts(index: int, installed: dict[str, str], proves: Proves) -> None:
    shown = _shown_of_culprit("a")
    shown[index] = replace(shown[index], installed=installed)
    assert [each.proves for each in findings(cell(*THREE), shown)] == [proves]


def test_the_version_that_was_put_back_is_the_one_that_was_installed() -> None:
    shown = _shown_of_culprit("a")
    shown[1] = replace(shown[1], installed={"a": "0.9.7"})
    assert "With a back at 0.9.7 and" in findings(cell(*THREE), shown)[0].because


def test_one_version_on_both_sides_speaks_against_nobody() -> None:
    result = cell(nightly("a", stable="2.0.dev0"), "b")
    shown = Lab(result, Truth({"t": any_of("a")})).carry_out(first_round([result], None))
    shown[1] = replace(shown[1], installed={"a": "2.0.dev0", "b": "2.0.dev0"})
    assert [each.proves for each in findings(result, shown)] == [Proves.CULPRIT]


STRANGERS: dict[str, Experiment] = {
    "of another cell": Experiment(9, 1, 7, Kind.CONTROL, "", "3.0", "ubuntu-latest"),
    "on another Python": Experiment(9, 1, 0, Kind.CONTROL, "", "3.9", "ubuntu-latest"),
    "on another system": Experiment(9, 1, 0, Kind.CONTROL, "", "3.0", "macos-latest"),
    "of another suspect": Experiment(9, 1, 0, Kind.WITHOUT, "z", "3.0", "ubuntu-latest"),
    "of no suspect": Experiment(9, 1, 0, Kind.WITHOUT, "", "3.0", "ubuntu-latest"),
    "of two suspects": Experiment(9, 1, 0, Kind.ALONE, "b,c", "3.0", "ubuntu-latest"),
    "a control of a suspect": Experiment(9, 1, 0, Kind.CONTROL, "a", "3.0", "ubuntu-latest"),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_experiments_about_something_else_count_for_nothing(stranger: Experiment) -> None:
    shown = _shown_of_culprit("a")
    expected = findings(cell(*THREE), shown)
    for verdict in Verdict:
        more = [*shown, ExperimentResult(stranger, 1, End.FAILED, {"t": verdict})]
        assert findings(cell(*THREE), more) == expected


def test_experiments_on_an_earlier_attempt_of_the_cell_count_for_nothing() -> None:
    (finding,) = findings(cell(*THREE, attempt=2), _shown_of_culprit("a"))
    assert finding.proves is Proves.NOTHING
    assert second_round([cell(*THREE, attempt=2)], _shown_of_culprit("a")) == ()


def test_experiments_may_be_of_a_later_attempt_than_the_cell() -> None:
    shown = [replace(each, attempt=3) for each in _shown_of_culprit("a")]
    assert [each.proves for each in findings(cell(*THREE, attempt=2), shown)] == [Proves.CULPRIT]


def test_the_order_of_results_changes_nothing() -> None:
    truth = Truth({"t1": any_of("a"), "t2": any_of("a", "b+c"), "t3": always})
    lab = Lab(cell(*THREE, tests=truth.breaks), truth)
    first = lab.carry_out(first_round([lab.result], None))
    shown = first + lab.carry_out(second_round([lab.result], first))
    for turn in range(len(shown)):
        mixed = [*shown[turn:], *shown[:turn]][::-1]
        assert findings(lab.result, mixed) == findings(lab.result, shown)


def test_thousands_of_failures_are_two_findings() -> None:
    breaks = {f"t{number:04}": any_of("a") if number % 2 else any_of("b+c") for number in range(3000)}
    found = isolate(Lab(cell(*THREE, tests=breaks), Truth(breaks)))[2]
    assert [(each.proves, len(each.tests)) for each in found] == [(Proves.INTERACTION, 1500), (Proves.CULPRIT, 1500)]


# Beside a search that goes from package to package

SEQUENTIAL: dict[str, tuple[Sequence[str], Breaks, int]] = {
    "the first of twelve": (MANY[:12], any_of("p00"), 6),
    "the sixth of twelve": (MANY[:12], any_of("p05"), 12),
    "the eleventh of twelve": (MANY[:12], any_of("p10"), 17),
    "the last of twelve, which are all back then": (MANY[:12], any_of("p11"), 16),
    "the only one": (["p00"], any_of("p00"), 4),
    "two that don't go together": (MANY[:12], any_of("p02+p07"), 9),
}


@pytest.mark.parametrize(("packages", "breaks", "runs"), SEQUENTIAL.values(), ids=SEQUENTIAL)
def test_a_sequential_search_takes_so_many_runs(packages: Sequence[str], breaks: Breaks, runs: int) -> None:
    assert sequential_runs(packages, breaks) == runs


def test_twelve_suspects_take_thirteen_jobs_at_once() -> None:
    first, second, (finding,) = isolate(Lab(cell(*MANY[:12]), Truth({"t": any_of("p10")})))
    assert (len(first), second, finding.projects) == (13, [], ("p10",))


def _shown_of_culprit(name: str) -> list[ExperimentResult]:
    """The first round of a cell with three suspects, in which this one breaks the test."""
    result: CellResult = cell(*THREE)
    return Lab(result, Truth({"t": any_of(name)})).carry_out(first_round([result], None))
