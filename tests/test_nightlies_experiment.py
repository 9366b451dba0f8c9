"""Experiments on a red cell, done for real: which nightlies are installed, and what its failing tests do then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cells import PIP, UV, Lab, fill, open_lab
from nightly.downstream.modes import experiment
from nightly.downstream.records.experiment import Kind, Verdict
from nightly.downstream.records.result import WHOLE_COMMAND, End
from planning_runs import Caller

WORDS = """
import north, south

def test_north():
    assert north.WORD == "old"

def test_south():
    assert south.WORD == "old"

def test_fine():
    pass
"""
OLD, NEW = "WORD = 'old'\n", "WORD = 'new'\n"
NORTH, SOUTH = "test_app.py::test_north", "test_app.py::test_south"


@pytest.fixture(name="lab")
def lab_fixture(tmp_path: Path) -> Iterator[Lab]:
    with open_lab(tmp_path) as lab:
        yield lab


@pytest.mark.parametrize(
    ("kind", "suspect", "north", "south"),
    [
        (Kind.CONTROL, "", Verdict.PASSED, Verdict.PASSED),
        (Kind.WITHOUT, "north", Verdict.PASSED, Verdict.FAILED),
        (Kind.ALONE, "south", Verdict.PASSED, Verdict.FAILED),
        (Kind.WITHOUT, "north,south", Verdict.PASSED, Verdict.PASSED),
    ],
    ids=["control", "without", "alone", "two as one"],
)
def test_each_test_tells_whom_it_fails_with(lab: Lab, kind: Kind, suspect: str, north: Verdict, south: Verdict) -> None:
    fill(lab, NEW, NEW, WORDS)
    lab.cell()
    ran = lab.experiment(kind, suspect)
    assert ran.mode.code == 0
    assert ran.result.tests == {NORTH: north, SOUTH: south}
    assert ran.result.installed == {
        "north": "1.0" if north is Verdict.PASSED else "2.0.dev0",
        "south": "1.0" if south is Verdict.PASSED else "2.0.dev0",
    }


def test_the_log_says_what_is_installed_and_why_the_tests_run_twice(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.cell()
    log = lab.experiment(Kind.CONTROL).mode.log
    assert "no nightly (Python 3." in log
    assert "package  nightly" not in log  # the head of a table of none
    assert log.count("$ ") == 3
    assert log.count("Once more: ") == 1
    assert "package  nightly" in lab.experiment(Kind.WITHOUT, "north").mode.log


def test_failing_tests_alone_are_run_and_twice(lab: Lab) -> None:
    counted = "import north\n\ndef note(what):\n    with open('runs', 'a') as runs:\n        runs.write(what)\n"
    counted += "def test_north():\n    note('north ')\n    assert north.WORD == 'old'\n"
    counted += "def test_fine():\n    note('fine ')\n"
    fill(lab, NEW, OLD, counted)
    lab.cell()
    (lab.project / "runs").unlink()
    lab.experiment(Kind.CONTROL)
    assert (lab.project / "runs").read_text() == "north north "


def test_a_test_that_does_both_under_the_same_conditions_is_flaky(lab: Lab) -> None:
    sometimes = (
        "import pathlib, north, south\n\ndef test_sometimes():\n    runs = pathlib.Path('runs')\n"
        "    count = len(runs.read_text()) if runs.exists() else 0\n    runs.write_text('x' * (count + 1))\n"
        "    assert count > 2\n"
    )
    fill(lab, OLD, OLD, sometimes)
    lab.cell()
    ran = lab.experiment(Kind.CONTROL)
    assert ran.result.tests == {"test_app.py::test_sometimes": Verdict.FLAKY}


def test_a_crash_in_the_test_that_is_looked_into_is_a_failure_of_it(lab: Lab) -> None:
    fill(
        lab,
        "def crash():\n    import os\n    os.abort()\n",
        OLD,
        "import north\n\ndef test_crash():\n    north.crash()\n",
    )
    lab.release("north", "1.0", "def crash():\n    pass\n")
    assert lab.cell().result.end is End.CRASHED
    test = "test_app.py::test_crash"
    assert lab.experiment(Kind.CONTROL).result.tests == {test: Verdict.PASSED}
    crashed = lab.experiment(Kind.WITHOUT, "south").result
    assert (crashed.end, crashed.tests) == (End.CRASHED, {test: Verdict.FAILED})


def test_where_tests_can_not_be_told_apart_the_command_is_run_once(lab: Lab) -> None:
    test = "echo x >> runs; python -c 'import north; assert north.WORD == \"old\"'"
    fill(lab, NEW, OLD, WORDS)
    assert [failure.test for failure in lab.cell(test=test).result.failures] == [WHOLE_COMMAND]
    (lab.project / "runs").unlink()
    assert lab.experiment(Kind.CONTROL, test=test).result.tests == {WHOLE_COMMAND: Verdict.PASSED}
    assert (lab.project / "runs").read_text() == "x\n"
    assert lab.experiment(Kind.WITHOUT, "south", test=test).result.tests == {WHOLE_COMMAND: Verdict.FAILED}


def test_where_the_rest_can_not_be_installed_nothing_is_known(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.nightly("south", "2.0.dev0", OLD, requires=["north>=2.0.dev0"])
    lab.cell()
    ran = lab.experiment(Kind.WITHOUT, "north")
    assert (ran.mode.code, ran.result.end, ran.result.tests) == (1, End.CANNOT_INSTALL, {NORTH: Verdict.UNKNOWN})
    assert "north" in ran.result.problem


def test_where_other_nightlies_are_there_than_meant_nothing_is_known(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.cell()
    ran = lab.experiment(Kind.WITHOUT, "south", install=f"env -u PIP_CONSTRAINT {PIP}")
    assert ran.result.tests == {NORTH: Verdict.UNKNOWN}
    assert "north isn't the nightly" in ran.result.problem


def test_a_suspect_that_is_still_the_nightly_shows_nothing(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.cell()
    kept = lab.root / "kept.txt"
    kept.write_text((lab.artifacts[-1] / "constraints.txt").read_text())
    ran = lab.experiment(Kind.WITHOUT, "north", install=f"env PIP_CONSTRAINT={kept} {PIP}")
    assert ran.result.tests == {NORTH: Verdict.UNKNOWN}
    assert "north is still the nightly" in ran.result.problem


@pytest.mark.parametrize("install", [PIP, UV], ids=["refused by its hash", "from a cache"])
def test_a_wheel_that_was_replaced_since_is_told_from_one_that_can_not_be_installed(lab: Lab, install: str) -> None:
    fill(lab, NEW, NEW, WORDS)
    lab.cell()
    lab.nightly("south", "2.0.dev0", "WORD = 'newer'\n")
    ran = lab.experiment(Kind.WITHOUT, "north", install)
    assert (ran.mode.code, ran.result.end) == (1, End.CHANNEL_MOVED)


@pytest.mark.parametrize(("name", "value"), [("experiment", "{}"), ("experiment", "?"), ("results", "nowhere")])
def test_a_wrong_input_is_refused_by_name(lab: Lab, name: str, value: str) -> None:
    asked = {"index": 0, "round": 1, "cell": 0, "kind": "control", "suspect": "", "python": "3.x", "os": "x"}
    inputs = {"experiment": json.dumps(asked), "results": str(lab.root), "install": "true", "test": "true"}
    ran = Caller(lab.root, lab.environ).run(experiment.run, **{**inputs, name: value})
    assert (ran.code, repr(name) in str(ran.error)) == (2, True)
