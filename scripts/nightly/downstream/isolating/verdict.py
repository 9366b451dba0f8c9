"""What the experiments of a cell prove of its failing tests, test by test. Pure.

A test is known to fail with all nightlies. Nothing is assumed of what lies between that and none of them: two broken
nightlies may hide each other, and a test may want two versions of one age. So what is claimed is what runs have shown:

* `OWN`: it fails without any nightly. Whatever else was seen, it takes no nightly.
* `CULPRIT`: it passes without any, and without this one; it fails without each other one of which that is known.
* `INTERACTION`: it passes without any, and without each of these while all the others are nightlies.
* `SEVERAL`: it passes without any, and fails with each of these alone.

Who breaks a test alone needn't be the culprit. If it fails as well with that one put back, others break it too, and
these runs don't tell who; if that couldn't be tried, they don't tell whether. Both is `NOTHING`. So is a test that no
one breaks alone, and that passes without no one: it takes some of them together, but no single one takes part in all
such combinations. Whom to look at then is said in the sentence, and claimed of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from nightly.downstream.isolating.because import because
from nightly.downstream.isolating.case import Case, make_case
from nightly.downstream.isolating.cells import failing_tests
from nightly.downstream.isolating.evidence import Shown, shown_alike
from nightly.downstream.isolating.finding import Finding, Proves
from nightly.downstream.isolating.suspects import Group
from nightly.downstream.records.experiment import ExperimentResult, Verdict
from nightly.downstream.records.result import CellResult


def findings(result: CellResult, shown: Iterable[ExperimentResult]) -> tuple[Finding, ...]:
    """What is proved of a cell's failing tests, those together of which the same is; the most tests first."""
    case = make_case(result, shown)
    alike = dict[tuple[Proves, str], tuple[Shown, list[str]]]()
    for each, tests in shown_alike(case, failing_tests(result)):
        proves, _ = rule(each)
        _, together = alike.setdefault((proves, because(case, proves, each, tests[:1])), (each, []))
        together += tests
    found = [_finding(case, each, tests) for each, tests in alike.values()]
    return tuple(sorted(found, key=lambda each: (-len(each.tests), each.tests)))


def rule(shown: Shown) -> tuple[Proves, tuple[Group, ...]]:
    """What is proved of one test, and of which suspects."""
    if shown.is_flaky:
        return Proves.FLAKY, ()
    if shown.control is not Verdict.PASSED:
        return (Proves.OWN if shown.control is Verdict.FAILED else Proves.NOTHING), ()
    if shown.mending:
        return (Proves.CULPRIT if len(shown.mending) == 1 else Proves.INTERACTION), shown.mending
    if len(shown.breaking) > 1:
        return Proves.SEVERAL, shown.breaking
    return Proves.NOTHING, ()


def _finding(case: Case, shown: Shown, tests: list[str]) -> Finding:
    proves, named = rule(shown)
    projects = tuple(name for group in named for name in group)
    return Finding(
        case.result.cell.index, proves, tuple(sorted(tests)), projects, because(case, proves, shown, sorted(tests))
    )
