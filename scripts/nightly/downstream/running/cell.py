"""One cell of the matrix: plan, install, test, run what failed once more, and prove with what it was tested."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nightly.downstream.planning.install_words import says_moved
from nightly.downstream.planning.interpreter import default_python
from nightly.downstream.proving.environments import find_environments
from nightly.downstream.proving.fetching import Fetch
from nightly.downstream.proving.prove import prove, unplanned
from nightly.downstream.records.experiment import Verdict
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import WHOLE_COMMAND, Cell, CellResult, End
from nightly.downstream.running.cell_plan import CellPlanner
from nightly.downstream.running.crashes import tail_of
from nightly.downstream.running.installing import Installed, Installer, install_newest
from nightly.downstream.running.judging import Judged, excused, flaky, judge, selectable
from nightly.downstream.running.known import Entry, in_force, sort_out
from nightly.downstream.running.place import Place
from nightly.downstream.running.shell import Deadline, Shell
from nightly.downstream.running.testing import Tested, Tester


@dataclass(frozen=True)
class Work:
    """What a cell and its experiments are given: the user's commands, where they run, and for how many seconds."""

    install: str
    test: str
    directory: Path
    seconds: float


@dataclass(frozen=True)
class Bench:
    """With what they work: a shell in the directory, a place for files, and a way to planned wheels' records."""

    work: Work
    shell: Shell
    place: Place
    fetch: Fetch

    def installer(self, deadline: Deadline) -> Installer:
        return Installer(self.shell, self.work.install, self.place, self.fetch, deadline)

    def tester(self, installer: Installer, plan: Plan) -> Tester:
        return Tester(self.shell, self.work.test, installer.variables(plan), self.place, installer.deadline)

    def prove(self, plan: Plan, prefixes: Sequence[str] = ()) -> Proof:
        """Hold the environments that are there by now against the plan."""
        return prove(plan, self.environments(prefixes), self.fetch)

    def environments(self, prefixes: Sequence[str] = ()) -> tuple[str, ...]:
        """Those of the tests, as far as their `prefixes` are known, else all that are there."""
        return find_environments(self.work.directory, default_python(self.shell.environ), prefixes)


@dataclass(frozen=True)
class Task:
    """Which cell it is, in which attempt of the run, and which failures are known on the day `today`.

    `offered` are the projects of which a nightly would have been planned, had anybody known that they are needed.
    """

    cell: Cell
    attempt: int
    known: tuple[Entry, ...]
    today: date
    offered: frozenset[str] = frozenset()


def run_cell(task: Task, planner: CellPlanner, bench: Bench) -> CellResult:
    """Do all of a cell's work. What goes wrong in it is a result."""
    began = time.monotonic()
    installer = bench.installer(Deadline.after(bench.work.seconds))
    installed = install_newest(planner, installer)
    blank = CellResult(
        task.cell, task.attempt, End.PASSED, plan=installed.plan,
        python=planner.interpreter.version, platform=planner.interpreter.platform,
    )  # fmt: skip
    if installed.end is None and installed.plan is not None:
        offered = frozenset() if planner.request.named else planner.snapshot.projects
        result = _tested(replace(task, offered=offered), blank, installed.plan, installer, bench)
    else:
        result = _not_installed(blank, installed)
    return replace(result, seconds=round(time.monotonic() - began, 3))


def _not_installed(blank: CellResult, installed: Installed) -> CellResult:
    end = installed.end or End.CANNOT_INSTALL
    return replace(
        blank, end=end, problem=installed.problem, log_tail=tail_of(installed.ran.tail) if installed.ran else ""
    )


def _tested(task: Task, blank: CellResult, plan: Plan, installer: Installer, bench: Bench) -> CellResult:
    before = bench.prove(plan)  # fetches what the proof compares with, as long as the channel has it
    tester = bench.tester(installer, plan)
    known = [entry.expression for entry in in_force(task.known, before, task.today)]
    tested = tester.run(bench.place.report.name, known=known or None)
    judged = _judged(tested, plan)
    passed_again = _run_again(judged, tester)
    result = replace(
        blank,
        proof=_proof(task, plan, tested, bench),
        flaky=tuple(sorted(passed_again)),
        passed=tested.report.passed,
        stopped_in=judged.stopped_in,
        warnings=tested.report.warnings,
        log_tail=tail_of(tested.ran.tail),
        python=tested.report.python or blank.python,
    )
    return _proved(_excused(task, result, judged, tested))


def _judged(tested: Tested, plan: Plan) -> Judged:
    judged = judge(tested)
    has_moved = judged.end is End.CANNOT_INSTALL and says_moved(tested.ran.tail, plan.planned)
    return replace(judged, end=End.CHANNEL_MOVED) if has_moved else judged


def _proof(task: Task, plan: Plan, tested: Tested, bench: Bench) -> Proof:
    prefixes = tested.report.prefixes
    proof = bench.prove(plan, prefixes)
    others = unplanned(plan, task.offered, bench.environments(prefixes))
    return replace(proof, packages=(*proof.packages, *others))


def _run_again(judged: Judged, tester: Tester) -> frozenset[str]:
    """The failed tests that pass when they are run once more."""
    if not judged.failures:
        return frozenset()
    tester.shell.tell(f"{len(judged.failures)} failed, and run once more.")
    tests = selectable([failure.test for failure in judged.failures])
    return flaky(judged.failures, tester.run("report-again.jsonl", tests))


def _excused(task: Task, result: CellResult, judged: Judged, tested: Tested) -> CellResult:
    """The result without the failures that are flaky or known: what is left makes it red."""
    seen = dict.fromkeys((*judged.failures, *tested.report.failures))
    again = [failure for failure in seen if failure.test not in result.flaky]
    passed = [test for test, verdict in tested.report.outcomes.items() if verdict is Verdict.PASSED]
    unexcused, known = sort_out(task.known, again, passed, result.proof, task.today)
    are_judged = frozenset(judged.failures)
    failures = tuple(failure for failure in unexcused if failure in are_judged)
    is_excused = judged.end is End.FAILED and not failures
    left = excused(judged.failures, tested) if is_excused else replace(judged, failures=failures)
    by_test = tested.by_test and WHOLE_COMMAND not in {failure.test for failure in (*judged.failures, *left.failures)}
    return replace(result, end=left.end, problem=left.problem, failures=left.failures, known=known, by_test=by_test)


def _proved(result: CellResult) -> CellResult:
    """The result as it may be believed: tests that had no nightly have shown nothing of any."""
    proof = result.proof
    if proof is None or proof.holds or result.end not in (End.PASSED, End.FAILED):
        return result
    reasons = [f"{each.name}: {each.reason}" for each in proof.packages]
    has_moved = any(each.is_moved for each in proof.packages)
    end = End.CHANNEL_MOVED if has_moved else End.NO_NIGHTLY
    why = [*filter(None, [result.problem]), "No planned nightly was really installed."]
    return replace(result, end=end, problem="\n".join([*why, *reasons]))
