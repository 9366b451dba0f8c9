"""Twelve weeks of a project under act: what its issue says after each, kept as files that a person can read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from end_to_end.acting import REPOSITORY, ROOT, GitHub
from end_to_end.outcomes import Run
from end_to_end.weekly import APP, GOOD, Project, new_project
from faults import EVERY, Fault, error
from github_model import Issue
from github_server import GitHubServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

EXPECTED = ROOT / "tests" / "expected" / "weeks"
UPDATE = "UPDATE_EXPECTED"
"""Set this variable to write the files anew; then read the difference."""

NEW = "STYLE = 'new'\n\ndef steps():\n    return {}\n"
BROKEN = "STYLE = 'old'\n\ndef steps():\n    raise RuntimeError('{} lost its way')\n"
SEGFAULT = "import ctypes\n\ndef name():\n    return ctypes.string_at(0)\n"


@pytest.fixture(scope="session")
def supplies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that a project's jobs take from the registry beside its dependencies."""
    folder = tmp_path_factory.mktemp("supplies")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:")
    for wanted in (("-r", str(ROOT / "scripts" / "requirements.txt")), (f"pytest=={version('pytest')}",)):
        subprocess.run([*pip, "--dest", str(folder), *wanted], check=True)
    return folder


PROGRAM = "#!/usr/bin/env python\nimport sys\nfrom pytest import console_main\nsys.exit(console_main())\n"
"""pytest by the Python that is first on PATH: what pip writes would be that of the environment which is copied."""


@pytest.fixture
def with_pytest(blank: Path, supplies: Path, tmp_path: Path) -> Path:
    """An environment that has pytest already: to install it in each of some fifty jobs takes longer than all else."""
    environment = Path(shutil.copytree(blank, tmp_path / "with-pytest", symlinks=True))
    install = ("install", "--quiet", "--disable-pip-version-check", "--no-index", f"--find-links={supplies}", "pytest")
    subprocess.run([str(environment / "bin" / "python"), "-I", "-m", "pip", *install], check=True)
    (environment / "bin" / "pytest").write_text(PROGRAM, encoding="utf-8")
    return environment


@pytest.fixture
def project(
    github: GitHub, with_pytest: Path, supplies: Path, anaconda: AnacondaServer, tmp_path: Path
) -> Iterator[Project]:
    with GitHubServer((REPOSITORY,)) as tracker:
        project = new_project(replace(github, blank=with_pytest), supplies, anaconda, tracker, tmp_path)
        yield project
        project.registry.close()


def nothing(_: Project) -> None:
    """The week is as the one before."""


def north_breaks(project: Project) -> None:
    project.publish("north", "1.1.dev2", BROKEN.format("north"))


def south_breaks(project: Project) -> None:
    project.publish("north", "1.1.dev3", GOOD["north"])
    project.publish("south", "1.1.dev3", BROKEN.format("south"))


def two_do_not_go_together(project: Project) -> None:
    project.publish("north", "1.1.dev4", NEW.format(1))
    project.publish("south", "1.1.dev4", NEW.format(2))


def the_project_itself_breaks(project: Project) -> None:
    project.publish("north", "1.1.dev5", GOOD["north"])
    project.publish("south", "1.1.dev5", GOOD["south"])
    project.modules["demo_app.py"] = APP.replace("OWN = 1", "OWN = 2")


def it_cannot_be_installed(project: Project) -> None:
    project.modules["demo_app.py"] = APP
    project.requires.append("ghost>=3")


def east_crashes(project: Project) -> None:
    project.requires.remove("ghost>=3")
    project.publish("east", "1.1.dev7", SEGFAULT)


def the_channel_is_down(project: Project) -> None:
    project.channel.faults.add(Fault(error(503, "Down for maintenance"), "GET", "/packages/*", nth=EVERY))


def all_is_well(project: Project) -> None:
    project.channel.faults.clear()
    project.publish("east", "1.1.dev8", GOOD["east"])


WEEKS: dict[str, Callable[[Project], None]] = {
    "green": nothing,
    "north-breaks": north_breaks,
    "north-still-breaks": nothing,
    "south-breaks": south_breaks,
    "interaction": two_do_not_go_together,
    "own-break": the_project_itself_breaks,
    "cannot-install": it_cannot_be_installed,
    "crashed": east_crashes,
    "channel-down": the_channel_is_down,
    "channel-down-again": nothing,
    "channel-down-for-the-third-time": nothing,
    "green-again": all_is_well,
}


@pytest.mark.timeout(1200)
def test_twelve_weeks_are_told_in_one_issue(project: Project) -> None:
    for number, (name, change) in enumerate(WEEKS.items(), 1):
        change(project)
        run = project.run()
        assert "Traceback (most recent call last)" not in run.log, run.log
        compare(EXPECTED / f"{number:02}-{name}.md", week(project, run))
        project.tracker.events.clear()


def week(project: Project, run: Run) -> str:
    """What a person finds after a week: how the run ended, what happened to issues, and what they say now."""
    jobs = {name.rpartition("/")[2]: job for name, job in run.jobs.items() if job.result}
    outputs = jobs["Report"].outputs["report"]
    head = [f"outcome: {outputs['outcome']}", f"culprit: {outputs['culprit']}"]
    head += [f"jobs: {', '.join(f'{name} {job.result}' for name, job in sorted(jobs.items()))}"]
    head += [f"events: {', '.join(f'{event.what} {event.number}' for event in project.tracker.events)}"]
    return steady("\n".join([*head, *(told(issue) for issue in project.issues), ""]), project)


def told(issue: Issue) -> str:
    head = f"\n# Issue {issue.number}, {issue.state}, {', '.join(issue.labels)}: {issue.title}\n"
    comments = [f"## Comment {number}\n\n{comment.body}" for number, comment in enumerate(issue.comments, 1)]
    return "\n\n".join([head, issue.body or "", *comments])


def steady(text: str, project: Project) -> str:
    """The text without what is another each time."""
    for pattern, name in (
        (re.escape(project.channel.api_url), "https://api.example"),
        (re.escape(project.channel.index_url), "https://index.example"),
        (re.escape(project.registry.url), "https://registry.example"),
        (r"http%3A%2F%2F127\.0\.0\.1%3A\d+", "https%3A%2F%2Findex.example"),
        (r"/[\w./-]*/(?=(?:hostexecutor|tmp|lib|bin|site-packages)\b)", ".../"),
        (r"[0-9a-f]{64}", "SHA256"),
        (r"0x[0-9a-f]{8,16}", "ADDRESS"),
        (r"(?<=state=)[0-9a-f]{16}|(?<=content=)[0-9a-f]{16}", "DIGEST"),
        (r"\d{4}-\d\d-\d\dT\d\d%(?:25)?3A\d\d%(?:25)?3A\d\dZ", "TIME"),
        (r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+00:00|Z| UTC)?)?", "TIME"),
        (rf"3\.{sys.version_info.minor}\.\d+", "3.x.y"),
        (r"python3\.\d+", "python3.x"),
        (r"\b\d+(?:\.\d+)? s\b", "SECONDS"),
    ):
        text = re.sub(pattern, name, text)
    return text


def compare(path: Path, text: str) -> None:
    """Hold a text against a file."""
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; to write it anew, set {UPDATE}=1"
