"""A cell of the matrix, done for real: bash, pip, pytest, a channel and an index on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from cells import CELL, PIP, UV, Lab, fill, open_lab, site_packages, tools_python
from nightly.data import load
from nightly.downstream.modes import test as testing
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.proof import Proof, ProofState
from nightly.downstream.records.result import WHOLE_COMMAND, End
from nightly.errors import UserError
from planning_runs import Caller
from pytest_runs import older_python

WORDS = """
import north, south

def test_north():
    assert north.WORD == "old"

def test_south():
    assert south.WORD == "old"
"""
OLD, NEW = "WORD = 'old'\n", "WORD = 'new'\n"


@pytest.fixture(name="lab")
def lab_fixture(tmp_path: Path) -> Iterator[Lab]:
    with open_lab(tmp_path) as lab:
        yield lab


def states(proof: Proof | None) -> dict[str, ProofState]:
    return {each.name: each.state for each in proof.packages} if proof else {}


@pytest.mark.parametrize("install", [PIP, UV])
def test_green_is_proved(lab: Lab, install: str) -> None:
    fill(lab, OLD, OLD, WORDS)
    ran = lab.cell(install)
    assert (ran.mode.code, ran.result.end, ran.result.passed, ran.result.by_test) == (0, End.PASSED, 2, True)
    assert states(ran.result.proof) == {"north": ProofState.NIGHTLY, "south": ProofState.NIGHTLY}
    assert "2 of 2 really nightly" in ran.mode.summary
    assert ran.result.cell == CELL


def test_what_an_extra_brings_that_nobody_planned_is_told_and_how_to_plan_it(lab: Lab) -> None:
    """`.[test]` is installed, and `extras` is empty: its dependencies stay stable."""
    for name in ("north", "south"):
        lab.release(name, "1.0", OLD)
        lab.nightly(name, "2.0.dev0", OLD)
    lab.checkout(["north"], "def test_it():\n    pass\n", extras={"more": ["south"]})
    install = UV.replace(" .", " .[more]")
    ran = lab.cell(install)
    assert ran.result.end is End.PASSED
    assert states(ran.result.proof) == {"north": ProofState.NIGHTLY, "south": ProofState.NOT_NIGHTLY}
    assert "1 of 2 really nightly" in ran.mode.summary
    assert "name the extra or group that brings it" in ran.mode.summary
    planned = lab.cell(install, extras="more")
    assert states(planned.result.proof) == {"north": ProofState.NIGHTLY, "south": ProofState.NIGHTLY}


def test_what_nobody_asked_for_is_not_missed_where_packages_are_named(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    assert states(lab.cell(packages="north").result.proof) == {"north": ProofState.NIGHTLY}


def test_a_cell_leaves_its_plan_constraints_report_and_log(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    ran = lab.cell()
    assert load(Plan, ran.directory / "plan.json") == ran.result.plan
    lines = (ran.directory / "constraints.txt").read_text().splitlines()
    assert [line.partition(" @ ")[0] for line in lines] == ["north", "south"]
    assert all("#sha256=" in line for line in lines)
    assert "test_north" in (ran.directory / "report.jsonl").read_text()
    assert "2 passed" in (ran.directory / "log.txt").read_text()


def test_a_test_that_a_nightly_breaks_fails_twice_and_is_named(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    ran = lab.cell()
    assert (ran.mode.code, ran.result.end, ran.result.passed) == (1, End.FAILED, 1)
    (failure,) = ran.result.failures
    assert failure.test == "test_app.py::test_north"
    assert "assert 'new' == 'old'" in failure.message + failure.traceback
    assert "error: Nightlies: failed" in ran.mode.log
    assert "1 failing, 1 passed" in ran.mode.summary


def test_a_test_that_passes_when_it_is_run_again_is_flaky(lab: Lab) -> None:
    flaky = (
        "import pathlib, north, south\n\n"
        "def test_sometimes():\n    seen = pathlib.Path('seen')\n    first = not seen.exists()\n    seen.touch()\n"
        "    assert not first\n"
    )
    fill(lab, OLD, OLD, flaky)
    ran = lab.cell()
    assert (ran.mode.code, ran.result.end, ran.result.failures) == (0, End.PASSED, ())
    assert ran.result.flaky == ("test_app.py::test_sometimes",)
    assert "warning: Nightlies: flaky" in ran.mode.log


def test_only_what_failed_is_run_again(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS + "    with open('runs', 'a') as runs:\n        runs.write('south ')\n")
    lab.cell()
    assert (lab.project / "runs").read_text() == "south "


def know_north(lab: Lab) -> None:
    """Write that test_north is known to fail."""
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=1)
    entry = f"[test_app.py::test_north]\nissue = https://github.com/o/r/issues/1\nexpires = {tomorrow.isoformat()}\n"
    (lab.project / "known.ini").write_text(entry)


def test_known_failures_do_not_make_it_red(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    know_north(lab)
    ran = lab.cell(known_failures="known.ini")
    assert (ran.result.end, ran.result.failures) == (End.PASSED, ())
    assert [known.tests for known in ran.result.known] == [("test_app.py::test_north",)]


def test_a_known_failure_hides_no_other_one_though_pytest_stops_at_the_first(lab: Lab) -> None:
    fill(lab, NEW, NEW, WORDS)
    know_north(lab)
    ran = lab.cell(test="python -m pytest -q -x", known_failures="known.ini")
    assert [failure.test for failure in ran.result.failures] == ["test_app.py::test_south"]


def test_what_can_not_be_installed_is_said_with_who_caps_it(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    lab.release("cap", "1.0", requires=["north<1.5"])
    ran = lab.cell(install=f"{PIP} cap")
    assert (ran.mode.code, ran.result.end, ran.result.proof) == (1, End.CANNOT_INSTALL, None)
    assert "cap 1.0 depends on north<1.5" in ran.result.problem
    assert "ResolutionImpossible" in ran.result.log_tail


def test_what_can_not_be_built_is_said(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    (lab.project / "sample_backend.py").write_text("raise SystemExit('there is no compiler')\n")
    ran = lab.cell()
    assert ran.result.end is End.CANNOT_INSTALL
    assert "there is no compiler" in ran.result.problem + ran.result.log_tail


@pytest.mark.parametrize("install", [PIP, UV])
def test_a_wheel_that_was_replaced_since_the_snapshot_is_planned_anew(lab: Lab, install: str) -> None:
    fill(lab, OLD, OLD, WORDS)
    taken = lab.snapshot()
    lab.nightly("north", "2.0.dev0", "WORD = 'old'\nREPLACED = 1\n")
    ran = lab.cell(install, taken=taken)
    assert ran.result.end is End.PASSED
    assert states(ran.result.proof)["north"] is ProofState.NIGHTLY


def test_a_channel_that_is_down_meanwhile_is_no_fault_of_the_project(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    taken = lab.snapshot()
    lab.channel.close()
    assert lab.cell(taken=taken).result.end is End.CHANNEL_DOWN


def test_an_environment_without_an_installer_that_can_plan_can_not_be_installed(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    taken = lab.snapshot()
    broken = lab.python.with_name("python-is-gone")
    lab.python.rename(broken)
    lab.python.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    lab.python.chmod(0o755)
    result = lab.cell(taken=taken).result
    assert result.end is End.CANNOT_INSTALL
    assert str(lab.python) in result.problem


def test_without_any_nightly_nothing_is_run(lab: Lab) -> None:
    lab.release("north", "1.0", OLD)
    lab.nightly("elsewhere", "1.0.dev0")
    lab.checkout(["north"], "def test(): pass\n")
    ran = lab.cell(install="touch ran")
    assert (ran.mode.code, ran.result.end) == (1, End.NO_NIGHTLY)
    assert not (lab.project / "ran").exists()


def test_green_tests_without_any_nightly_in_place_are_not_green(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    ran = lab.cell(install=f"env -u PIP_CONSTRAINT {PIP}")
    assert (ran.mode.code, ran.result.end) == (1, End.NO_NIGHTLY)
    assert states(ran.result.proof) == {"north": ProofState.NOT_NIGHTLY, "south": ProofState.NOT_NIGHTLY}
    assert "north: " in ran.result.problem


def test_what_is_forced_is_tested_past_its_cap(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.release("cap", "1.0", requires=["north<1.5"])
    lab.checkout(["north", "south", "cap"], WORDS)
    ran = lab.cell(PIP, force="north")
    assert states(ran.result.proof)["north"] is ProofState.NIGHTLY
    assert [failure.test for failure in ran.result.failures] == ["test_app.py::test_north"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import ctypes; ctypes.string_at(0)", "egmentation fault"),
        ("import os; os.abort()", "Aborted"),
        ("import os; os._exit(7)", "exit code 7"),
    ],
    ids=["segmentation fault", "abort", "exit"],
)
def test_a_crash_is_told_with_the_test_that_ran(lab: Lab, code: str, said: str) -> None:
    fill(lab, NEW, OLD, f"{WORDS}\ndef test_that_crashes():\n    {code}\n")
    result = lab.cell().result
    assert (result.end, result.stopped_in) == (End.CRASHED, "test_app.py::test_that_crashes")
    assert said in result.problem or said.upper() in result.problem or "SIGABRT" in result.problem


def test_what_comes_after_known_failures_is_done_too(lab: Lab) -> None:
    fill(lab, NEW, NEW, WORDS)
    know_north(lab)
    test = "python -m pytest -q test_app.py::test_north\npython -m pytest -q test_app.py"
    ran = lab.cell(test=test, known_failures="known.ini")
    assert [failure.test for failure in ran.result.failures] == ["test_app.py::test_south"]


def test_another_command_that_fails_is_not_excused_by_known_failures(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    know_north(lab)
    ran = lab.cell(test="python -m pytest -q\nfalse", known_failures="known.ini")
    assert (ran.result.end, [failure.test for failure in ran.result.failures]) == (End.FAILED, [WHOLE_COMMAND])
    assert [known.tests for known in ran.result.known] == [("test_app.py::test_north",)]


def test_a_test_that_ends_the_process_as_if_all_were_well_has_not_passed(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS + "\ndef test_leaves():\n    import os\n    os._exit(0)\n")
    result = lab.cell().result
    assert (result.end, result.stopped_in) == (End.CRASHED, "test_app.py::test_leaves")


def test_a_test_that_hangs_is_named_when_the_time_is_up(lab: Lab) -> None:
    fill(lab, OLD, OLD, f"import time\n{WORDS}\ndef test_that_hangs():\n    time.sleep(120)\n")
    result = lab.cell_in(seconds=10)
    assert (result.end, result.stopped_in) == (End.TIMED_OUT, "test_app.py::test_that_hangs")
    assert states(result.proof) == {"north": ProofState.NIGHTLY, "south": ProofState.NIGHTLY}


def test_an_installation_that_hangs_is_told_from_tests_that_do(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    result = lab.cell_in(seconds=1, install="sleep 60")
    assert (result.end, result.stopped_in) == (End.TIMED_OUT, "")
    assert "installation" in result.problem


UNITTEST = "import unittest, north, south\n\nclass Words(unittest.TestCase):\n    def test_north(self):\n"


@pytest.mark.parametrize(
    "test", ["python -m unittest", "python -I -m pytest -q test_app.py"], ids=["unittest", "isolated"]
)
def test_where_tests_can_not_be_told_apart_the_command_is_what_fails(lab: Lab, test: str) -> None:
    fill(lab, NEW, OLD, UNITTEST + "        self.assertEqual(north.WORD, 'old')\n")
    (lab.project / "test_words.py").write_text((lab.project / "test_app.py").read_text())
    result = lab.cell(test=test).result
    assert (result.end, result.by_test) == (End.FAILED, False)
    assert [failure.test for failure in result.failures] == [WHOLE_COMMAND]
    assert "exit code 1" in result.failures[0].message
    assert "old" in result.log_tail


def test_a_whole_command_that_passes_the_second_time_is_flaky(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    result = lab.cell(test="test -e again || { touch again; exit 3; }").result
    assert (result.end, result.flaky) == (End.PASSED, (WHOLE_COMMAND,))


def test_no_tests_at_all_is_a_failure(lab: Lab) -> None:
    fill(lab, OLD, OLD, "import north, south\n")
    result = lab.cell().result
    assert result.end is End.FAILED
    assert "no tests" in result.problem


def test_a_file_that_can_not_be_collected_is_named(lab: Lab) -> None:
    fill(lab, "", OLD, "from north import WORD\n\ndef test(): pass\n")
    result = lab.cell().result
    assert result.end is End.FAILED
    assert [(each.test, each.is_collection) for each in result.failures] == [("test_app.py", True)]


def test_what_tests_print_stays_text(lab: Lab) -> None:
    loud = "def test_loud():\n    print('::set-output name=results::/evil\\n::add-mask::e\\n\\x1b[31m::error::x')\n"
    fill(lab, OLD, OLD, WORDS + loud + "    print(b'\\xff'.decode('latin-1'))\n")
    ran = lab.cell(test="python -m pytest -q -s; echo '::error::y'")
    assert ran.result.end is End.PASSED
    assert [line for line in ran.mode.log.splitlines() if line.lstrip().startswith("::")] == []


def test_a_process_that_is_left_behind_holds_nobody_up(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS)
    assert lab.cell(test="(sleep 30 &) ; python -m pytest -q").result.end is End.PASSED


def test_what_the_installation_sets_for_later_steps_holds_for_the_tests(lab: Lab) -> None:
    fill(lab, OLD, OLD, WORDS + "\n\ndef test_set():\n    import os\n    assert os.environ['SET'] == 'yes'\n")
    result = lab.cell(install=f'{UV} && echo SET=yes >> "$GITHUB_ENV"').result
    assert (result.end, result.passed) == (End.PASSED, 3)


def toxic(lab: Lab, *deps: str) -> None:
    """Let tox make the environment of the tests: it borrows pytest, and pip installs the rest."""
    borrow = "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'b.pth').write_text(r'{}')"
    lines = ["[testenv]", "skip_install = true", "deps =", *(f"    {each}" for each in deps)]
    lines += [
        f'commands_pre = python -c "{borrow.format(site_packages(tools_python()))}"',
        "commands = python -m pytest",
    ]
    (lab.project / "tox.ini").write_text("\n".join([*lines, ""]), encoding="utf-8")
    lab.renew(older_python())


def test_what_tox_installs_while_it_tests_is_proved_too(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    toxic(lab, "north", "south")
    result = lab.cell(install="true", test="python -m tox -e py").result
    assert (result.end, result.by_test) == (End.FAILED, True)
    assert [failure.test for failure in result.failures] == ["test_app.py::test_north"]
    assert states(result.proof) == {"north": ProofState.NIGHTLY, "south": ProofState.NIGHTLY}
    assert result.proof is not None
    assert [str(Path(".tox", "py")) in path for path in result.proof.environments] == [True]


def test_what_tox_can_not_install_is_no_failure_of_tests(lab: Lab) -> None:
    fill(lab, NEW, OLD, WORDS)
    lab.release("cap", "1.0", requires=["north<1.5"])
    toxic(lab, "north", "cap")
    result = lab.cell(install="true", test="python -m tox -e py").result
    assert (result.end, result.failures) == (End.CANNOT_INSTALL, ())
    assert "cap 1.0 depends on north<1.5" in result.problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cell", "{}"),
        ("cell", "["),
        ("install", " "),
        ("test", ""),
        ("timeout_minutes", "0"),
        ("timeout_minutes", "361"),
        ("working_directory", "no/such/directory"),
        ("attempt", "first"),
        ("snapshot", "no/such/directory"),
    ],
)
def test_a_wrong_input_is_refused_by_name(lab: Lab, name: str, value: str) -> None:
    fill(lab, OLD, OLD, WORDS)
    inputs = {
        "cell": '{"index": 0, "python": "3.x", "os": "ubuntu-latest"}',
        "snapshot": str(lab.snapshot()),
        "install": "true",
        "test": "true",
        "working_directory": str(lab.project),
    }
    ran = Caller(lab.root, lab.environ).run(testing.run, **{**inputs, name: value})
    assert isinstance(ran.error, UserError)
    assert ran.code == 2
    assert repr(name) in str(ran.error)
