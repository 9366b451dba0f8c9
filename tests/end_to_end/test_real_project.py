"""tinycss2's own tests against a webencodings that has changed: the workflow finds it, among two nightlies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import uv

from anaconda_server import AnacondaServer
from end_to_end.acting import REPOSITORY, GitHub
from end_to_end.outcomes import Run
from end_to_end.real_project import SELECTED, WEBENCODINGS, Downloads, RealProject
from github_server import GitHubServer
from nightly.downstream.records.experiment import ExperimentResult, Verdict
from nightly.downstream.records.proof import ProofState
from nightly.downstream.records.result import CellResult
from registry import Registry

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

NO_BYTE_ORDER_MARK = {"webencodings/__init__.py": ("bom_encoding or fallback_encoding", "fallback_encoding")}
"""A byte order mark has no say any more in how bytes are decoded."""


@pytest.fixture
def project(github: GitHub, anaconda: AnacondaServer, tmp_path: Path) -> Iterator[RealProject]:
    wheels = Downloads.fetch().wheels
    with GitHubServer((REPOSITORY,)) as tracker:
        tracker.repository.add_workflow(".github/workflows/nightly.yml")
        project = RealProject(github, Registry(wheels), wheels, anaconda, tracker, tmp_path)
        yield project
        project.registry.close()


@pytest.mark.timeout(600)
def test_a_dependency_that_breaks_the_tests_of_a_real_project_is_named(project: RealProject, blank: Path) -> None:
    same, broken = project.build("webencodings", 1), project.build("webencodings", 2, NO_BYTE_ORDER_MARK)
    uploaded_at = project.upload(same, project.build("packaging", 1))
    green = project.run()
    assert (green.code, told(green)) == (0, ("green", "")), green.log
    assert project.issues == []
    ours, theirs = cell(project), run_without_us(project, same, "-k", SELECTED)
    assert (ours.passed, ours.failures, theirs.failed) == (len(theirs.passed), (), frozenset())

    project.upload(broken, project.build("packaging", 2))
    red = project.run()
    assert (red.code, told(red)) == (1, ("upstream-break", "webencodings")), red.log
    ours, changed = cell(project), run_without_us(project, broken, "-k", "stylesheet_bytes")
    assert changed.passed
    assert {failure.test for failure in ours.failures} == changed.failed
    assert ours.passed == len(theirs.passed) - len(changed.failed)
    assert_experiments_tell_them_apart(project, changed.failed)
    assert_the_issue_says_it_all(project, changed.failed, uploaded_at - timedelta(weeks=1))
    assert_its_lines_show_it_on_a_laptop(project, blank)


def told(run: Run) -> tuple[str, str]:
    """The outcome and the culprit."""
    (outputs,) = (job.outputs["report"] for job in run.jobs.values() if "report" in job.outputs)
    return outputs["outcome"], outputs["culprit"]


def cell(project: RealProject) -> CellResult:
    """The one cell of this week, in which both were nightlies."""
    (result,) = project.read(CellResult, "result.json")
    assert result.proof
    states = {each.name: each.state for each in result.proof.packages}
    assert states == {"packaging": ProofState.NIGHTLY, "webencodings": ProofState.NIGHTLY}
    return result


@dataclass(frozen=True)
class Plain:
    """What pytest says of its tests without us: their node ids."""

    passed: frozenset[str]
    failed: frozenset[str]


def run_without_us(project: RealProject, webencodings: Path, *options: str) -> Plain:
    """Run its tests here, with this wheel: it is pure, so it can be imported as it is."""
    checkout = project.check_out(project.root / "plain")
    report = project.root / "plain.xml"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = os.pathsep.join((str(checkout), str(webencodings)))
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *options],
        cwd=checkout,
        env={**environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    cases = {_node_id(case): case.find("failure") is None for case in ET.parse(report).iter("testcase")}
    failed = frozenset(test for test, has_passed in cases.items() if not has_passed)
    return Plain(frozenset(cases) - failed, failed)


def _node_id(case: ET.Element) -> str:
    return f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name']}"


def assert_experiments_tell_them_apart(project: RealProject, tests: frozenset[str]) -> None:
    ran = project.read(ExperimentResult, "experiment.json")
    assert {each.experiment.suspect: each.tests for each in ran} == {
        "": dict.fromkeys(tests, Verdict.PASSED),
        "packaging": dict.fromkeys(tests, Verdict.FAILED),
        "webencodings": dict.fromkeys(tests, Verdict.PASSED),
    }


def assert_the_issue_says_it_all(project: RealProject, tests: frozenset[str], since: datetime) -> None:
    (issue,) = project.issues
    body = issue.body or ""
    assert issue.title == f"upstream-break: the nightly of webencodings breaks {len(tests)} tests"
    assert re.search(r"\*\*webencodings\*\*.*`99\.0\.dev1` \(in the last green run\) → `99\.0\.dev2`", body)
    assert f"/webencodings/commits?since={since:%Y-%m-%d}T" in body
    assert f"With webencodings back at {WEBENCODINGS} and every other nightly in place" in body
    assert {test for test in tests if f"- `{test}`" in body} == tests
    assert ">           assert value == expected" in body
    assert r"css = {'css_bytes': b'\xff\xfe@\x00\xe9\x00'," in body  # the id of the test, css4-expected4, says nothing
    assert "2 of 2 dependencies that are needed were really nightlies" in body
    assert "the failing tests pass with stable releases" in body
    assert "packaging" not in issue.title


def assert_its_lines_show_it_on_a_laptop(project: RealProject, blank: Path) -> None:
    """The test that the issue names passes there, and fails once its line by pip or by uv has been run."""
    checkout = project.check_out(project.root / "laptop")
    environment = Path(shutil.copytree(blank, project.root / "environment", symlinks=True))
    by_pip, by_uv = re.findall(r"^(?:python -m|uv) pip install .*$", project.issues[0].body or "", re.MULTILINE)
    path = (str(environment / "bin"), str(Path(uv.find_uv_bin()).parent), os.environ["PATH"])
    settings = {
        "VIRTUAL_ENV": str(environment),
        "UV_CACHE_DIR": str(project.root / "uv"),
        "PATH": os.pathsep.join(path),
    }
    environ = {**os.environ, **project.installers, **settings}

    def said(line: str) -> str:
        command = ["bash", "-c", line]
        ran = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
        return ran.stdout + ran.stderr

    install = "python -m pip install --force-reinstall .[test]"
    test = by_pip.partition(" && ")[2]
    for line in (by_pip, by_uv):
        assert "1 passed" in said(f"{install} && {test}")
        assert "1 failed" in said(line)
