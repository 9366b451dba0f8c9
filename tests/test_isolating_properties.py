"""What holds of every isolation, whoever breaks what: nothing is claimed but what the runs that exist prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import event, given
from hypothesis import strategies as st

from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.isolating.rounds import first_round, second_round
from nightly.downstream.isolating.verdict import findings
from nightly.downstream.records.experiment import ExperimentResult, Verdict
from nightly.downstream.records.result import End
from red_cells import Breaks, Lab, Truth, cell, nightly

PROJECTS = "abcdef"


@dataclass(frozen=True)
class Scene:
    """A cell, its truth, who moves together, and what the two rounds left behind."""

    lab: Lab
    groups: Sequence[frozenset[str]]
    rounds: Sequence[int]
    shown: Sequence[ExperimentResult]

    def ran(self, there: frozenset[str], test: str) -> bool:
        """Whether a run with these nightlies told something of this test."""
        return any(
            self.lab.with_nightlies(each.experiment) == there
            and each.attempt >= self.lab.result.attempt
            and each.end is not End.CANNOT_INSTALL
            and each.tests.get(test, Verdict.UNKNOWN) is not Verdict.UNKNOWN
            for each in self.shown
        )

    def passes(self, there: frozenset[str], test: str) -> bool:
        return self.ran(there, test) and not self.lab.truth.breaks[test](there)

    def fails(self, there: frozenset[str], test: str) -> bool:
        """The cell itself has shown it of all nightlies."""
        ran = self.ran(there, test) or there == self.lab.everything
        return ran and self.lab.truth.breaks[test](there)

    def mending(self, test: str) -> set[frozenset[str]]:
        return {group for group in self.groups if self.passes(self.lab.everything - group, test)}

    def breaking(self, test: str) -> set[frozenset[str]]:
        return {group for group in self.groups if self.fails(group, test)}

    def is_flaky(self, test: str) -> bool:
        return any(
            each.tests.get(test) is Verdict.FLAKY and each.attempt >= self.lab.result.attempt for each in self.shown
        )

    def proved(self, test: str) -> tuple[Proves, set[str]]:
        """What can be said of a test by the truth, as far as runs have shown it."""
        mending, breaking = self.mending(test), self.breaking(test)
        if self.is_flaky(test):
            return Proves.FLAKY, set()
        if self.fails(frozenset(), test):
            return Proves.OWN, set()
        if not self.passes(frozenset(), test):
            return Proves.NOTHING, set()
        if mending:
            return Proves.INTERACTION if len(mending) > 1 else Proves.CULPRIT, set().union(*mending)
        if len(breaking) > 1:
            return Proves.SEVERAL, set().union(*breaking)
        return Proves.NOTHING, set()


oddly = st.integers(0, 4)
"""0 for what is the exception."""

subsets = st.frozensets(st.sampled_from(PROJECTS), max_size=4)
singles = st.frozensets(st.sampled_from(PROJECTS), min_size=1, max_size=1)


@st.composite
def truths(draw: st.DrawFn, everything: frozenset[str]) -> Breaks:
    """Whatever breaks with all of them: culprits, interactions, several; or just any sets that come."""
    if kind := draw(st.sampled_from(["apart", "apart", "together", ""])):
        sets = draw(st.lists(singles if kind == "apart" else subsets, min_size=1, max_size=3))
        return lambda there: there == everything or any(each <= there for each in sets)
    chosen = draw(st.integers(0, 2**2 ** len(everything) - 1))
    order = sorted(everything)
    return lambda there: there == everything or bool(chosen >> sum(1 << order.index(name) for name in there) & 1)


@st.composite
def labs(draw: st.DrawFn) -> tuple[Lab, Sequence[frozenset[str]]]:
    """A cell with failing tests and up to six nightlies, some of which pin others."""
    everything = frozenset(PROJECTS[: draw(st.integers(1, 6))])
    ordered = sorted(everything)
    pins = draw(st.lists(st.tuples(st.sampled_from(ordered), st.sampled_from(ordered)), max_size=2))
    there = [nightly(name, *(f"{other}==2.0.dev0" for one, other in pins if one == name)) for name in ordered]
    breaks = {
        test: draw(truths(everything)) for test in draw(st.sampled_from([["t1"], ["t1", "t2"], ["", "t1", "t2"]]))
    }
    flaky = draw(st.sets(st.sampled_from(sorted(breaks)), max_size=1)) if not draw(oddly) else set()
    uninstallable = draw(st.sets(subsets.map(everything.intersection), max_size=2)) if not draw(oddly) else set()
    result = cell(*draw(st.permutations(there)), tests=breaks, attempt=draw(st.integers(1, 3)))
    return Lab(result, Truth(breaks, flaky, uninstallable)), _together(everything, pins)


def _together(everything: frozenset[str], pins: Sequence[tuple[str, str]]) -> Sequence[frozenset[str]]:
    found = {frozenset({name}) for name in everything}
    for pair in pins:
        touched = {group for group in found if group.intersection(pair)}
        found = (found - touched) | {frozenset().union(*touched)}
    return sorted(found, key=sorted)


def _spoil(draw: st.DrawFn, shown: Sequence[ExperimentResult]) -> list[ExperimentResult]:
    """Results as jobs leave them: some not at all, some of an early attempt, some of which tests didn't run."""
    left = list[ExperimentResult]()
    for each in shown:
        attempted = replace(each, attempt=draw(st.sampled_from([3] * 10 + [4, 1])))
        test = draw(st.sampled_from(sorted(each.tests)))
        what = draw(st.sampled_from(["kept"] * 20 + ["lost", "cut off", "flaky"]))
        told = {"cut off": Verdict.UNKNOWN, "flaky": Verdict.FLAKY}.get(what, each.tests[test])
        if what != "lost":
            left.append(replace(attempted, tests={**each.tests, test: told}))
    return left


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Both rounds, carried out on any cell."""
    lab, groups = draw(labs())
    first = first_round([lab.result], None)
    shown = _spoil(draw, lab.carry_out(first))
    second = second_round([lab.result], shown)
    shown += _spoil(draw, lab.carry_out(second))
    return Scene(lab, groups, (len(first), len(second)), shown)


def found_of(scene: Scene, test: str) -> Finding:
    (finding,) = (each for each in findings(scene.lab.result, scene.shown) if test in each.tests)
    return finding


@given(scenes())
def test_just_what_the_runs_prove_is_claimed(scene: Scene) -> None:
    for test in scene.lab.truth.breaks:
        finding = found_of(scene, test)
        event(finding.proves.value)
        assert (finding.proves, set(finding.projects)) == scene.proved(test)


@given(scenes())
def test_who_is_blamed_really_breaks_what_passes_without_any_nightly(scene: Scene) -> None:
    """By the truth alone, whatever was run."""
    everything = scene.lab.everything
    for test, breaks in scene.lab.truth.breaks.items():
        finding = found_of(scene, test)
        named = [group for group in scene.groups if group <= set(finding.projects)]
        assert sorted(name for group in named for name in group) == sorted(finding.projects)
        if finding.proves in (Proves.CULPRIT, Proves.INTERACTION):
            assert not breaks(frozenset())
            assert not any(breaks(everything - group) for group in named)
        if finding.proves is Proves.SEVERAL:
            assert not breaks(frozenset())
            assert all(breaks(group) for group in named)
        if finding.proves is Proves.OWN:
            assert breaks(frozenset())
        assert (len(named) > 1) is (finding.proves in (Proves.INTERACTION, Proves.SEVERAL))
        assert bool(named) is (finding.proves in (Proves.CULPRIT, Proves.INTERACTION, Proves.SEVERAL))


@given(labs())
def test_when_every_run_succeeds_who_can_be_told_is_told(drawn: tuple[Lab, Sequence[frozenset[str]]]) -> None:
    lab, groups = drawn
    sure = replace(lab, truth=Truth(lab.truth.breaks), attempt=lambda _: 3)
    shown = sure.carry_out(first_round([sure.result], None))
    shown += sure.carry_out(second_round([sure.result], shown))
    for finding in findings(sure.result, shown):
        for test in finding.tests:
            breaks = sure.truth.breaks[test]
            mending = [group for group in groups if not breaks(sure.everything - group)]
            alone = [group for group in groups if breaks(group)]
            if breaks(frozenset()):
                assert finding.proves is Proves.OWN
            elif mending:
                assert set(finding.projects) == set().union(*mending)
            else:
                assert (finding.proves is Proves.SEVERAL) is (len(alone) > 1)


@given(scenes())
def test_every_failing_test_is_told_of_once(scene: Scene) -> None:
    told = [test for finding in findings(scene.lab.result, scene.shown) for test in finding.tests]
    assert sorted(told) == sorted(scene.lab.truth.breaks)


@given(scenes())
def test_each_finding_says_why(scene: Scene) -> None:
    for finding in findings(scene.lab.result, scene.shown):
        assert finding.because.endswith(".")
        assert "  " not in finding.because
        assert all(name in finding.because for name in finding.projects)


@given(scenes())
def test_k_suspects_take_at_most_k_and_one_jobs_and_then_k(scene: Scene) -> None:
    suspects, (first, second) = len(scene.groups), scene.rounds
    assert first == (suspects + 1 if suspects > 1 else 1)
    assert second <= suspects


@given(scenes())
def test_nothing_is_run_twice(scene: Scene) -> None:
    """But for what left no result."""
    lab = scene.lab
    usable = [each for each in scene.shown if each.attempt >= lab.result.attempt]
    tried = {lab.with_nightlies(each.experiment) for each in usable if each.experiment.round == 1} | {lab.everything}
    second = second_round([lab.result], [each for each in scene.shown if each.experiment.round == 1])
    assert not tried & {lab.with_nightlies(each) for each in second}


@given(scenes(), st.data())
def test_the_order_of_results_changes_nothing(scene: Scene, data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(scene.shown))
    assert findings(scene.lab.result, mixed) == findings(scene.lab.result, scene.shown)
    assert second_round([scene.lab.result], mixed) == second_round([scene.lab.result], scene.shown)


@given(st.lists(st.tuples(st.sampled_from(["t1", "t2", "t1 t2", "t3", ""]), st.integers(0, 16)), max_size=8), st.data())
def test_a_matrix_of_any_size_takes_few_jobs_and_the_same_in_any_order(
    drawn: list[tuple[str, int]], data: st.DataObject
) -> None:
    results = [
        cell(*(f"p{number}" for number in range(count)), tests=tests.split(), index=index)
        for index, (tests, count) in enumerate(drawn)
    ]
    experiments = first_round(results, None)
    assert len(experiments) <= 3 * 13
    assert [each.index for each in experiments] == list(range(len(experiments)))
    assert first_round(data.draw(st.permutations(results)), None) == experiments
