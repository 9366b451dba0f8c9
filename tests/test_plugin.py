"""Our pytest plugins in real pytests: what they log, what they run, and that they stay out of the tests' way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from nightly.downstream.records.experiment import Verdict
from nightly.downstream.running.plugging import DIRECTORY, plugin_variables, plugin_was_refused
from nightly.downstream.running.report_log import SESSION
from pytest_runs import Project, Ran, older_python

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN

ALL_OUTCOMES = """
import pytest

def test_good(): pass
def test_bad(): assert [] == [1], "told"
@pytest.mark.parametrize("value", ["a b", "[x]::y", "{}"])
def test_each(value): assert value != "[x]::y"
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail(strict=True)
def test_unexpected(): pass
@pytest.mark.xfail
def test_hoped(): pass
@pytest.mark.skip
def test_left_out(): assert 0

@pytest.fixture
def unset():
    raise KeyError("setting")
def test_set_up(unset): pass

@pytest.fixture
def unclean():
    yield
    raise OSError("left behind")
def test_torn_down(unclean): pass
"""

MARKING = """
from pathlib import Path
def test_one(): Path("one").touch()
def test_two(): Path("two").touch()
"""

ODD_PROPERTIES = """
import pytest
@pytest.fixture(autouse=True)
def odd(record_property):
    record_property("x", object())
    record_property("y", {(1, 2): float("nan")})
"""


@pytest.fixture(params=["newest", "older", "newest by two"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """An empty project, tested by this pytest, by pytest 7, and by this one with two workers."""
    python = older_python() if "older" in request.param else Path(sys.executable)
    return Project(tmp_path).by(python, *["-n2"] * ("two" in request.param))


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """An empty project, tested by this pytest alone."""
    return Project(tmp_path)


def test_each_test_is_read_as_it_ended(project: Project) -> None:
    ran = project.put({"test_it.py": ALL_OUTCOMES}).pytest()
    assert ran.code == 1
    assert {test.partition("::test_")[2]: verdict for test, verdict in ran.report.outcomes.items()} == {
        "good": PASSED,
        "bad": FAILED,
        "each[a b]": PASSED,
        "each[[x]::y]": FAILED,
        "each[{}]": PASSED,
        "expected": PASSED,
        "unexpected": FAILED,
        "hoped": PASSED,
        "left_out": UNKNOWN,
        "set_up": FAILED,
        "torn_down": FAILED,
    }
    assert (ran.report.is_finished, ran.report.exit_status, ran.report.running) == (True, 1, "")
    assert ran.report.passed == len({"good", "each[a b]", "each[{}]", "hoped"})


def test_a_failure_has_the_line_that_was_raised_and_a_traceback(project: Project) -> None:
    ran = project.put({"test_it.py": ALL_OUTCOMES}).pytest()
    told = {failure.test.partition("::test_")[2]: failure for failure in ran.report.failures}
    assert told["bad"].message == "AssertionError: told"
    assert told["set_up"].message == "KeyError: 'setting'"
    assert told["torn_down"].message == "OSError: left behind"
    assert told["unexpected"].message.startswith("[XPASS(strict)]")
    assert 'def test_bad(): assert [] == [1], "told"' in told["bad"].traceback
    assert "test_it.py:5: AssertionError" in told["bad"].traceback


def test_the_log_tells_the_environment_of_the_tests_and_not_ours(tmp_path: Path) -> None:
    project = Project(tmp_path).by(older_python()).put({"test_it.py": "def test(): pass"})
    report = project.pytest().report
    assert report.prefixes == (str(older_python().parent.parent),)
    assert report.python == ".".join(map(str, sys.version_info[:3]))  # that environment was made of this Python


def test_a_file_that_cannot_be_collected_is_a_failure_of_its_own(project: Project) -> None:
    project.put({"test_it.py": "import no_such_module", "test_other.py": "def test(): pass"})
    ran = project.pytest()
    (failure,) = ran.report.failures
    assert (failure.test, failure.is_collection) == ("test_it.py", True)
    assert failure.message == "ModuleNotFoundError: No module named 'no_such_module'"
    assert ran.report.is_finished


def test_a_conftest_that_cannot_be_imported_is_a_failure_of_the_collection(project: Project) -> None:
    ran = project.put({"conftest.py": "import no_such_module", "test_it.py": "def test(): pass"}).pytest()
    (failure,) = ran.report.failures
    assert (failure.test, failure.is_collection) == (SESSION, True)
    assert failure.message == "ModuleNotFoundError: No module named 'no_such_module'"
    assert "conftest.py" in failure.traceback
    assert ran.report.is_finished


def test_a_conftest_below_that_cannot_be_imported_is_a_failure_too(project: Project) -> None:
    ran = project.put({"below/conftest.py": "import no_such_module", "below/test_it.py": "def test(): pass"}).pytest()
    (failure,) = ran.report.failures
    assert failure.is_collection
    assert "no_such_module" in failure.message


def test_what_was_selected_runs_and_nothing_else(project: Project) -> None:
    ran = project.put({"test_it.py": MARKING}).pytest(tests=["test_it.py::test_two"])
    assert ran.code == 0
    assert ran.report.outcomes == {"test_it.py::test_two": PASSED}
    assert {path.name for path in project.root.iterdir()} & {"one", "two"} == {"two"}


def test_older_workers_run_what_was_selected_too(tmp_path: Path) -> None:
    project = Project(tmp_path).by(older_python(), "-n2").put({"test_it.py": MARKING, "test_fine.py": MARKING})
    ran = project.pytest(tests=["test_it.py::test_two", "test_fine.py"])
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py::test_two": PASSED, "test_fine.py": PASSED})


def test_a_file_that_is_not_asked_for_is_not_even_imported(project: Project) -> None:
    project.put({"test_it.py": MARKING, "test_broken.py": "import no_such_module"})
    ran = project.pytest(tests=["test_it.py::test_two"])
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py::test_two": PASSED})


def test_a_selected_file_is_collected_and_not_run(project: Project) -> None:
    ran = project.put({"test_it.py": MARKING}).pytest(tests=["test_it.py"])
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py": PASSED})
    assert {path.name for path in project.root.iterdir()} & {"one", "two"} == set()


def test_a_selected_file_that_still_cannot_be_collected_failed(project: Project) -> None:
    project.put({"test_it.py": MARKING, "test_broken.py": "import no_such_module"})
    ran = project.pytest("-x", tests=["test_broken.py", "test_it.py::test_one"])
    assert ran.code != 0
    assert ran.report.outcomes == {"test_broken.py": FAILED, "test_it.py::test_one": PASSED}


def test_of_selected_tests_all_run_though_the_command_stops_at_the_first_failure(project: Project) -> None:
    project.put({"test_it.py": "def test_a(): assert 0\ndef test_b(): assert 0\ndef test_c(): pass"})
    ran = project.pytest("-x", tests=[f"test_it.py::test_{letter}" for letter in "abc"])
    assert list(ran.report.outcomes.values()).count(FAILED) == 2
    assert ran.report.outcomes["test_it.py::test_c"] is PASSED


def test_all_tests_run_though_the_command_stops_at_the_first_failure(project: Project) -> None:
    """A failure that is known or flaky would hide all that come after it."""
    project.put({"test_it.py": ALL_OUTCOMES, "test_broken.py": "import no_such_module"})
    failed = {failure.test for failure in project.pytest("-x").report.failures}
    assert {"test_broken.py", "test_it.py::test_bad", "test_it.py::test_torn_down"} <= failed


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (["test_it\\.py::test_bad", r".*\[\[x].*", ".*test_.*_up", ".*torn_down", ".*unexpected"], 0),
        (["test_it\\.py::test_bad"], 1),
        ([], 1),
    ],
    ids=["all", "some", "none"],
)
def test_pytest_ends_well_where_all_that_fails_is_known(project: Project, known: list[str], code: int) -> None:
    ran = project.put({"test_it.py": ALL_OUTCOMES}).pytest(known=known)
    assert (ran.code, ran.report.exit_status, len(ran.report.failures)) == (code, code, 5)


def test_what_else_makes_pytest_fail_is_not_known(plain: Project) -> None:
    conftest = (
        "import pytest\n@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtestloop(session):\n    yield\n    session.testsfailed += 1  # as pytest-cov does it"
    )
    plain.put({"conftest.py": conftest, "test_it.py": "def test(): assert 0"})
    assert plain.pytest(known=[".*"]).code == 1


def test_a_pytest_that_a_test_runs_stops_where_it_is_told_to(project: Project) -> None:
    inner = "def test_a(): assert 0\ndef test_b(): open('ran', 'w').close(); assert 0"
    outer = (
        "import subprocess, sys\n"
        "def test(): subprocess.run([sys.executable, '-m', 'pytest', '-x', 'inner.py'], check=False)"
    )
    project.put({"inner.py": inner, "test_it.py": outer}).pytest("test_it.py")
    assert not (project.root / "ran").exists()


def test_a_collection_that_works_again_is_told_without_running_a_test(project: Project) -> None:
    project.put({"conftest.py": "", "test_it.py": MARKING})
    ran = project.pytest(tests=[SESSION])
    assert (ran.code, ran.report.outcomes) == (0, {SESSION: PASSED})
    assert {path.name for path in project.root.iterdir()} & {"one", "two"} == set()


@pytest.mark.parametrize("arguments", [[], ["test_it.py"], ["test_it.py::test_one"]], ids=["none", "file", "test"])
def test_a_selection_of_which_nothing_is_here_is_no_failure(project: Project, arguments: list[str]) -> None:
    ran = project.put({"test_it.py": MARKING}).pytest(*arguments, tests=["elsewhere.py::test"])
    assert (ran.code, ran.report.outcomes, ran.report.is_finished) == (0, {}, True)


def test_ids_with_a_newline_or_half_a_character_are_logged_and_selected(plain: Project) -> None:
    plain.put(
        {
            "pytest.ini": "[pytest]\n"
            "disable_test_id_escaping_and_forfeit_all_rights_to_community_support = true\nnorecursedirs = x",
            "test_it.py": "import pytest\n@pytest.mark.parametrize('v', ['a\\nb', '\\udc80', 'é'])\n"
            "def test(v): assert v in 'é'",
        }
    )
    strange = ["test_it.py::test[a\nb]", "test_it.py::test[\udc80]"]
    quiet = ("-p", "no:terminal")  # which can't print the half
    first = plain.pytest(*quiet)
    assert [failure.test for failure in first.report.failures] == strange
    first.log.unlink()
    assert plain.pytest(*quiet, tests=strange).report.outcomes == dict.fromkeys(strange, FAILED)


def test_three_thousand_tests_can_be_selected(plain: Project) -> None:
    plain.put({"test_it.py": "import pytest\n@pytest.mark.parametrize('v', range(3010))\ndef test(v): assert v > 9"})
    tests = [f"test_it.py::test[{number}]" for number in range(3000)]
    report = plain.pytest("-q", "--tb=no", tests=tests).report
    assert (len(report.outcomes), len(report.failures)) == (3000, 10)


def test_the_test_in_which_pytest_died_is_known(plain: Project) -> None:
    plain.put({"test_it.py": "import os\ndef test_before(): pass\ndef test_deadly(): os.abort()"})
    ran = plain.pytest()
    assert ran.code not in (0, 1)
    assert ran.report.running == "test_it.py::test_deadly"
    assert (ran.report.is_finished, ran.report.exit_status) == (False, None)
    assert ran.report.outcomes == {"test_it.py::test_before": PASSED}


def test_a_worker_that_died_is_a_failure_of_its_test(plain: Project) -> None:
    plain.put({"test_it.py": "import os\ndef test_before(): pass\ndef test_deadly(): os._exit(11)"})
    report = plain.pytest("-n1").report
    assert [failure.test for failure in report.failures] == ["test_it.py::test_deadly"]
    assert "crashed" in report.failures[0].message
    assert report.is_finished


def test_two_pytests_of_one_command_share_a_log(plain: Project) -> None:
    plain.put({"a/test_a.py": "def test(): pass", "b/test_b.py": "import os\ndef test(): os._exit(3)"})
    plain.pytest("b")
    report = plain.pytest("a").report
    assert report.outcomes == {"a/test_a.py::test": PASSED}
    assert (report.running, report.is_finished) == ("b/test_b.py::test", False)


def test_pytest_called_twice_in_one_process_logs_both(plain: Project) -> None:
    plain.put({"test_a.py": "def test(): pass", "test_b.py": "def test(): assert 0"})
    twice = "import pytest; pytest.main(['test_a.py']); pytest.main(['test_b.py'])"
    assert plain.run([plain.python, "-c", twice]).report.outcomes == {
        "test_a.py::test": PASSED,
        "test_b.py::test": FAILED,
    }


def test_a_pytest_that_a_test_runs_is_not_logged(project: Project) -> None:
    inner = "import subprocess, sys\ndef test(): assert subprocess.call([sys.executable, '-m', 'pytest', 'inner.py'])"
    project.put({"test_it.py": inner, "inner.py": "def test_inner(): assert 0"})
    assert project.pytest(tests=["test_it.py::test"]).report.outcomes == {"test_it.py::test": PASSED}


@pytest.mark.parametrize(
    "conftest",
    [
        "def pytest_report_to_serializable(report): raise RuntimeError('not so')",
        "def pytest_report_to_serializable(report): return {('a', 'tuple'): report}",
        ODD_PROPERTIES,
    ],
    ids=["refuses", "odd keys", "odd properties"],
)
def test_a_report_that_has_no_form_in_json_is_still_a_verdict(plain: Project, conftest: str) -> None:
    plain.put({"conftest.py": conftest, "test_it.py": "def test(): assert 0"})
    report = plain.pytest().report
    assert (report.outcomes, report.is_finished) == ({"test_it.py::test": FAILED}, True)
    assert report.failures[0].message == "assert 0"


def test_a_log_that_cannot_be_written_changes_nothing_for_the_tests(plain: Project) -> None:
    plain.put({"test_it.py": "def test(): pass"})
    ran = plain.pytest(log=plain.root / "gone" / "report.jsonl")
    assert (ran.code, "1 passed" in ran.output) == (0, True)
    assert ran.report.outcomes == {}


def test_a_selection_that_cannot_be_read_is_noted(plain: Project) -> None:
    plain.put({"test_it.py": "def test(): pass"})
    gone = {"NIGHTLY_REPORT_SELECTION": str(plain.root / "gone"), "PYTEST_ADDOPTS": "-p nightly_selection"}
    ran = plain.pytest(environ=gone)
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py::test": PASSED})
    assert "gone" in str([line["message"] for line in ran.lines if line["$report_type"] == "NightlyNote"])


def test_tests_that_turn_warnings_into_errors_pass_with_the_plugin(project: Project) -> None:
    project.put({"test_it.py": "def test(): pass"})
    ran = project.pytest("-W", "error", interpreter=["-W", "error", "-X", "dev"])
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py::test": PASSED})
    assert "nightly_" not in ran.output.replace("nightly_report, ", "")


def test_warnings_are_told_of_the_project_that_raised_them(project: Project) -> None:
    upstream = "import warnings\ndef old(): warnings.warn(f'old is gone {object()}', DeprecationWarning)"
    calls = "import upstream, pytest\n@pytest.mark.parametrize('v', range(3))\ndef test(v): upstream.old()"
    project.put({"site-packages/upstream/__init__.py": upstream, "test_it.py": calls})
    report = project.pytest(environ={"PYTHONPATH": str(project.root / "site-packages")}).report
    (warned,) = report.warnings
    assert (warned.project, warned.category, warned.count) == ("upstream", "DeprecationWarning", 3)
    assert (warned.message, warned.where) == (
        "old is gone <object object at 0x...>",
        os.path.join("upstream", "__init__.py:2"),  # noqa: PTH118  # as Python names the file
    )


def test_a_test_that_passes_when_pytest_runs_it_again_did_not_fail(tmp_path: Path) -> None:
    project = Project(tmp_path).by(older_python())
    project.put(
        {
            "test_it.py": "from pathlib import Path\n"
            "def test_flaky():\n    was = Path('x').exists(); Path('x').touch(); assert was\n"
            "def test_bad(): assert 0"
        }
    )
    report = project.pytest("--reruns", "2").report
    assert report.outcomes == {"test_it.py::test_flaky": PASSED, "test_it.py::test_bad": FAILED}
    assert len(report.failures) == 1


def test_a_subtest_that_fails_fails_its_test(plain: Project) -> None:
    plain.put(
        {
            "test_it.py": "import unittest\nclass Test(unittest.TestCase):\n"
            "    def test(self):\n        with self.subTest('a part'): self.assertEqual(1, 2)"
        }
    )
    report = plain.pytest().report
    assert report.outcomes == {"test_it.py::Test::test": FAILED}
    assert report.failures[0].message == "AssertionError: 1 != 2"


def test_what_the_user_has_set_is_kept(plain: Project) -> None:
    plain.put(
        {"theirs/their_module.py": "", "test_it.py": "import their_module\ndef test_a(): pass\ndef test_b(): 0/0"}
    )
    theirs = {"PYTHONPATH": str(plain.root / "theirs"), "PYTEST_ADDOPTS": "-k test_a"}
    ran = plain.pytest(environ=theirs)
    assert (ran.code, ran.report.outcomes) == (0, {"test_it.py::test_a": PASSED})


def test_variables_add_to_what_is_set_and_name_whole_paths() -> None:
    theirs = {"PYTHONPATH": "theirs", "PYTEST_ADDOPTS": "-q", "TOX_OVERRIDE": "testenv.pass_env+=X"}
    ours = plugin_variables(Path("log"), Path("selection"), theirs)
    assert ours["PYTHONPATH"] == f"{DIRECTORY}{os.pathsep}theirs"
    assert ours["PYTEST_ADDOPTS"] == "-q -p nightly_report -p nightly_selection"
    assert Path(ours["NIGHTLY_REPORT_LOG"]).is_absolute()
    assert Path(ours["NIGHTLY_REPORT_SELECTION"]).is_absolute()
    assert ours["TOX_OVERRIDE"].startswith("testenv.pass_env+=X;")


def test_without_a_selection_none_is_named() -> None:
    ours = plugin_variables(Path("log"), None, {"PYTHONPATH": "", "PYTEST_ADDOPTS": ""})
    assert (ours["PYTHONPATH"], ours["PYTEST_ADDOPTS"]) == (str(DIRECTORY), "-p nightly_report")
    assert "NIGHTLY_REPORT_SELECTION" not in ours


@pytest.mark.parametrize("isolation", ["-I", "-E"])
def test_a_python_that_sees_no_variables_refuses_the_plugin(plain: Project, isolation: str) -> None:
    """PYTEST_ADDOPTS is pytest's own, and still seen."""
    ran = plain.put({"test_it.py": "def test(): pass"}).pytest(interpreter=[isolation])
    assert ran.code != 0
    assert plugin_was_refused(ran.output)


def test_the_older_pytest_says_so_too(tmp_path: Path) -> None:
    project = Project(tmp_path).by(older_python()).put({"test_it.py": "def test(): pass"})
    assert plugin_was_refused(project.pytest(interpreter=["-I"]).output)


def test_a_failure_of_tests_is_no_refusal(plain: Project) -> None:
    ran = plain.put({"test_it.py": "def test(): import nightly_rapport"}).pytest()
    assert ran.code == 1
    assert not plugin_was_refused(ran.output)


def _of_two_environments(ran: Ran) -> None:
    assert ran.report.outcomes == {"test_it.py::test_two": PASSED}, ran.output
    assert [line["$report_type"] for line in ran.lines].count("SessionFinish") == 2
    assert ran.code == 0


def test_tox_passes_the_plugin_on(plain: Project) -> None:
    python = Path(plain.python).as_posix()
    tox = f"[tox]\nenv_list = a,b\nno_package = true\n[testenv]\nallowlist_externals = *\ncommands = {python} -m pytest"
    plain.put({"test_it.py": MARKING, "tox.ini": tox})
    _of_two_environments(plain.run([str(older_python()), "-m", "tox"], tests=["test_it.py::test_two"]))


def test_nox_passes_the_plugin_on(plain: Project) -> None:
    nox = (
        "import nox\n@nox.session(venv_backend='none')\n@nox.parametrize('x', [1, 2])\n"
        f"def tests(session, x): session.run({plain.python!r}, '-m', 'pytest', external=True)"
    )
    plain.put({"test_it.py": MARKING, "noxfile.py": nox})
    _of_two_environments(plain.run([str(older_python()), "-m", "nox"], tests=["test_it.py::test_two"]))
