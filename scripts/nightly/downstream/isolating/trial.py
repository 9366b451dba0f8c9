"""One experiment: a cell's failing tests with other nightlies than all, run twice under the same conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from nightly.downstream.isolating.cells import failing_tests
from nightly.downstream.planning.install_words import says_down, says_moved, why_failed
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Verdict
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof, ProofState
from nightly.downstream.records.result import CellResult, End
from nightly.downstream.running.cell import Bench
from nightly.downstream.running.crashes import tail_of
from nightly.downstream.running.judging import combined, judge, selectable
from nightly.downstream.running.shell import Deadline, Ran
from nightly.downstream.running.testing import Tested, Tester

_RUNS = 2


def run_trial(experiment: Experiment, attempt: int, result: CellResult, bench: Bench) -> ExperimentResult:
    """Run an experiment on the result of the cell that it is about."""
    tests = failing_tests(result)
    blank = ExperimentResult(experiment, attempt, End.PASSED, dict.fromkeys(tests, Verdict.UNKNOWN))
    if result.plan is None or not tests:
        return replace(blank, end=End.FAILED, problem="The cell has left no plan, or no test to look into.")
    names = experiment.nightlies_of(_nightlies(result))
    plan = result.plan.only(names)
    installer = bench.installer(Deadline.after(bench.work.seconds))
    ran = installer(plan)
    if not ran.succeeded:
        return _not_installed(blank, plan, ran)
    runs = list(_runs(tests, bench.tester(installer, plan)))
    proof = bench.prove(result.plan, runs[0].report.prefixes)
    return _shown(blank, tests, runs, proof, names)


def _nightlies(result: CellResult) -> Collection[str]:
    return {each.name for each in result.proof.nightlies} if result.proof else ()


def _runs(tests: Sequence[str], tester: Tester) -> Iterator[Tested]:
    """Two runs of the tests; one where it takes the whole command, or where the time is up."""
    selection = selectable(tests)
    for number in range(_RUNS if selection is not None else 1):
        if number:
            tester.shell.tell("Once more: a test that passes but once of two times tells nothing of a nightly.")
        tested = tester.run(f"report-{number}.jsonl", selection)
        yield tested
        if tested.ran.timed_out:
            return


def _not_installed(blank: ExperimentResult, plan: Plan, ran: Ran) -> ExperimentResult:
    ends = {End.TIMED_OUT: ran.timed_out, End.CHANNEL_MOVED: says_moved(ran.tail, plan.planned)}
    ends[End.CHANNEL_DOWN] = says_down(ran.tail, plan.planned)
    end = next((end for end, is_so in ends.items() if is_so), End.CANNOT_INSTALL)
    return replace(blank, end=end, problem=why_failed(ran.tail), log_tail=tail_of(ran.tail))


def _shown(
    blank: ExperimentResult, tests: Sequence[str], runs: Sequence[Tested], proof: Proof, names: Collection[str]
) -> ExperimentResult:
    """What the runs show, if the nightlies that were there are those that were meant."""
    judged = judge(runs[0])
    result = replace(
        blank,
        end=judged.end,
        problem=judged.problem,
        installed={each.name: each.version for each in proof.packages if each.version is not None},
        log_tail=tail_of(runs[0].ran.tail),
    )
    if problem := _not_as_meant(proof, names):
        has_moved = any(each.is_moved for each in proof.packages if each.name in names)
        return replace(result, end=End.CHANNEL_MOVED if has_moved else judged.end, problem=problem)
    return replace(result, tests=combined(tests, runs))


def _not_as_meant(proof: Proof, names: Collection[str]) -> str:
    """Why these runs prove nothing: a nightly was missing, or one was there that shouldn't be."""
    there = {each.name for each in proof.nightlies}
    missing = [each for each in proof.packages if each.name in names and each.state is ProofState.NOT_NIGHTLY]
    reasons = [f"{each.name} isn't the nightly: {each.reason}" for each in missing]
    reasons += [f"{name} is still the nightly" for name in sorted(there.difference(names))]
    return "\n".join(["The nightlies that were installed aren't those that were meant.", *reasons]) if reasons else ""
