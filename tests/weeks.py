"""Weeks of a project that is tested against nightlies: what its jobs have left behind, and the story of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from nightly.downstream.isolating.verdict import findings
from nightly.downstream.records.experiment import Experiment, ExperimentResult, Kind, Verdict
from nightly.downstream.records.history import Green, History, Known, Week
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import Cell, CellResult, End, Failure
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling.evidence import Evidence, Scene
from nightly.downstream.telling.story import Story, story_of

MONDAY = datetime(2026, 9, 14, 5, 23, tzinfo=timezone.utc)
RUNS = "https://github.com/nightly/channel/actions/runs"
SCENE = Scene("nightlies", "nightly/channel", f"{RUNS}/42", MONDAY)
_CHANNEL = "https://pypi.anaconda.org/scientific-python-nightly-wheels"
_EXPECTED = Path(__file__).parent / "expected" / "issues"

OLD, NEW = "1" * 40, "abcdef0123456789abcdef0123456789abcdef01"
NUMPY = Package(
    name="numpy",
    state=State.NIGHTLY,
    version="2.6.0.dev0",
    url=f"{_CHANNEL}/numpy/2.6.0.dev0/numpy-2.6.0.dev0-cp314-cp314-manylinux_2_28_x86_64.whl",
    sha256="a" * 64,
    filename="numpy-2.6.0.dev0-cp314-cp314-manylinux_2_28_x86_64.whl",
    uploaded_at=MONDAY - timedelta(hours=26),
    channel=f"{_CHANNEL}/simple",
    stable="2.5.1",
)
SCIPY = replace(
    NUMPY,
    name="scipy",
    version="1.20.0.dev0",
    url=f"{_CHANNEL}/scipy/1.20.0.dev0/scipy-1.20.0.dev0-cp314-cp314-manylinux_2_28_x86_64.whl",
    sha256="b" * 64,
    stable="1.19.0",
)
PANDAS = Package("pandas", State.CAPPED, "capped by our-project, which requires pandas<3.1", "3.1.0.dev0+9.gabc1234")
PLAN = Plan("3.14.0", "linux-x86_64", MONDAY - timedelta(hours=1), (NUMPY, SCIPY, PANDAS))

TRACEBACK = """\
tests/test_mean.py:7: in test_mean
    assert our.mean([1, 2]) == 1.5
our/mean.py:3: in mean
    return np.in1d(values)
E   AttributeError: module 'numpy' has no attribute 'in1d'"""
IN1D = "AttributeError: module 'numpy' has no attribute 'in1d'"
FAILURES = (
    Failure("tests/test_mean.py::test_mean[1]", IN1D, TRACEBACK),
    Failure("tests/test_mean.py::test_mean[2]", IN1D),
    Failure("tests/test_sum.py::test_sum", "assert 3 == 4", "tests/test_sum.py:2: in test_sum\nE   assert 3 == 4"),
)


def proved(package: Package, commit: str | None = NEW) -> Proved:
    """The package as it was planned, found again."""
    return Proved(
        name=package.name,
        state=ProofState.NIGHTLY,
        reason="the hash is the planned one",
        version=package.version,
        planned=package.version,
        stable=package.stable,
        url=package.url,
        sha256=package.sha256,
        uploaded_at=package.uploaded_at,
        commit=commit,
        source_url=f"https://github.com/{package.name}/{package.name}",
    )


PROOF = Proof(
    ("venv",),
    (
        proved(NUMPY),
        proved(SCIPY, None),
        Proved("pandas", ProofState.NOT_NIGHTLY, PANDAS.reason, "3.0.4", PANDAS.version, "3.0.4"),
    ),
)
NO_PROOF = Proof(
    ("venv",),
    tuple(
        Proved(each.name, ProofState.NOT_NIGHTLY, "it came from another index", each.stable, each.version, each.stable)
        for each in (NUMPY, SCIPY)
    ),
)


def cell(index: int = 0, python: str = "3.14", system: str = "ubuntu-latest") -> Cell:
    return Cell(index, python, system)


def result(where: Cell | None = None, end: End = End.PASSED, **more: object) -> CellResult:
    """How a cell ended; if nothing else is said, with the nightlies of numpy and scipy proved."""
    base = CellResult(
        where or cell(), 1, end, plan=PLAN, proof=PROOF, passed=297, by_test=True, seconds=60.0, platform="linux-x86_64"
    )
    return replace(base, **more)  # type: ignore[arg-type]  # names and types are the fields', as the tests show


def failed(where: Cell | None = None, failures: Sequence[Failure] = FAILURES, **more: object) -> CellResult:
    return result(where, End.FAILED, failures=tuple(failures), **more)


def tried(of: CellResult, kind: Kind, suspect: str = "", *, index: int = 0, **more: object) -> ExperimentResult:
    """An experiment on a cell in which its tests passed, if nothing else is said."""
    asked = Experiment(index, 2 if kind is Kind.ALONE else 1, of.cell.index, kind, suspect, of.cell.python, of.cell.os)
    tests = dict.fromkeys((failure.test for failure in of.failures), Verdict.PASSED) or {of.stopped_in: Verdict.PASSED}
    base = ExperimentResult(asked, 1, End.PASSED, tests, installed=_installed(kind, suspect))
    return replace(base, **more)  # type: ignore[arg-type]  # names and types are the fields', as the tests show


def _installed(kind: Kind, suspect: str) -> Mapping[str, str]:
    """The versions in an experiment's environment."""
    back = {"numpy", "scipy"} - {suspect} if kind is Kind.ALONE else {suspect}
    back = {"numpy", "scipy"} if kind is Kind.CONTROL else back
    return {each.name: str(each.stable if each.name in back else each.version) for each in (NUMPY, SCIPY)}


def still(of: CellResult) -> Mapping[str, Verdict]:
    """All of its tests fail as before."""
    return dict.fromkeys((failure.test for failure in of.failures), Verdict.FAILED)


def culprit_numpy(of: CellResult) -> tuple[ExperimentResult, ...]:
    """What shows that it is numpy: without it all pass, and without scipy they fail as before."""
    return (
        tried(of, Kind.CONTROL),
        tried(of, Kind.WITHOUT, "numpy", index=1),
        tried(of, Kind.WITHOUT, "scipy", index=2, end=End.FAILED, tests=still(of)),
    )


def own(of: CellResult) -> tuple[ExperimentResult, ...]:
    """What shows that it is no nightly's doing."""
    return (tried(of, Kind.CONTROL, end=End.FAILED, tests=still(of)),)


def green_week(weeks_ago: int = 1) -> History:
    """A history with one green run."""
    then = MONDAY - timedelta(weeks=weeks_ago)
    url = f"{RUNS}/{42 - weeks_ago}"
    packages = (Known("numpy", "2.6.0.dev0", ("c" * 64,), OLD), Known("scipy", "1.20.0.dev0", ("b" * 64,)))
    return History((Week(then, "green", (), "2 of 3", url),), Green(then, url, packages))


def weeks(*outcomes: str) -> History:
    """A history of runs that ended so, the last week's first, with nothing green that's remembered."""
    return History(
        tuple(
            Week(MONDAY - timedelta(weeks=number), outcome, (), "2 of 3", f"{RUNS}/{42 - number}")
            for number, outcome in enumerate(outcomes, 1)
        )
    )


def story(
    *results: CellResult,
    experiments: Iterable[ExperimentResult] = (),
    history: History | None = None,
    cells: Sequence[Cell] | None = None,
    jobs: Mapping[str, str] | None = None,
    trouble: Trouble | None = None,
    scene: Scene = SCENE,
) -> Story:
    """The story of a run, as the report tells it."""
    evidence = Evidence(
        tuple(each.cell for each in results) if cells is None else tuple(cells),
        results,
        tuple(experiments),
        jobs or {},
        trouble,
        history or History(),
    )
    by_cell = evidence.by_cell
    found = {
        each.cell.index: findings(each, by_cell[each.cell.index])
        for each in results
        if each.is_red and each.cell.index in by_cell
    }
    return story_of(evidence, scene, found)


def assert_expected(name: str, text: str) -> None:
    """A text is the one that is kept for people to read; UPDATE_EXPECTED=1 writes it anew."""
    path = _EXPECTED / f"{name}.md"
    if os.environ.get("UPDATE_EXPECTED"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")
