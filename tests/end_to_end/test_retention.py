"""The channel's own workflows under act: a cleanup by plan, what it reports, and the watch over quiet projects."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_server import AnacondaServer
from end_to_end.acting import REPOSITORY, Caller, GitHub
from end_to_end.outcomes import Run
from faults import EVERY, Fault, error
from github_server import GitHubServer
from sample_wheels import make_wheel

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="act can't run jobs on Windows itself")

WRONG_TOKEN = "tk-00000000-nobody"
DAY = timedelta(days=1)


@dataclass
class Repository:
    """The repository of this project as its owners have it: with a channel to look after, and with issues."""

    github: GitHub
    channel: AnacondaServer
    tracker: GitHubServer
    root: Path
    token: str
    variables: dict[str, str] = field(default_factory=dict)

    def seed(self, project: str, ages: list[float]) -> None:
        """Have a version for each of these ages in days."""
        for age in ages:
            wheel = make_wheel(self.root / "wheels", project, f"1.0.dev{1000 - int(age)}")
            self.channel.seed(wheel, uploaded_at=datetime.now(timezone.utc) - age * DAY)

    def there(self) -> list[str]:
        """The names of all files on the channel."""
        packages = self.channel.state.owners[self.channel.organization]
        return sorted(file.basename for name in packages for file in self.channel.state.files("nightly-wheels", name))

    def run(self, event: str, name: str, **inputs: str) -> Run:
        """Run a workflow, and keep the artifacts that it leaves."""
        files = {
            path.relative_to(self.github.checkout).as_posix(): path.read_text(encoding="utf-8")
            for path in self.github.checkout.rglob("*")
            if path.is_file()
        }
        files["cleanup/roster.yml"] = "demo-pkg: {repository: someone/demo}\n"
        artifacts = self.root / f"artifacts-{len(self.tracker.repository.runs)}"
        caller = Caller(
            files[f".github/workflows/{name}"],
            files,
            artifacts,
            {"ANACONDA_CLEANUP_TOKEN": self.token, "GITHUB_TOKEN": self.tracker.token},
            self.variables,
            name,
        )
        run = self.github.run(
            event,
            caller,
            f"--env=GITHUB_API_URL={self.tracker.api_url}",
            *(f"--input={k}={v}" for k, v in inputs.items()),
        )
        self._keep(artifacts, name, "success" if run.code == 0 else "failure")
        return run

    def _keep(self, artifacts: Path, name: str, conclusion: str) -> None:
        workflow = next(each for each in self.tracker.repository.workflows if each.path.endswith(f"/{name}"))
        kept = self.tracker.repository.add_run(workflow, conclusion)
        for directory in sorted(artifacts.glob("*")):
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as archive:
                for file in directory.iterdir():
                    archive.write(file, file.name)
            self.tracker.repository.add_artifact(directory.name, data.getvalue(), kept)

    def issues(self) -> Mapping[str, str]:
        """The issues' states by title."""
        return {issue.title: issue.state for issue in self.tracker.repository.issues.values()}


@pytest.fixture
def repository(github: GitHub, anaconda: AnacondaServer, tmp_path: Path) -> Iterator[Repository]:
    with GitHubServer((REPOSITORY,)) as tracker:
        for name in ("cleanup.yml", "freshness.yml"):
            tracker.repository.add_workflow(f".github/workflows/{name}")
        variables = {
            "CHANNEL_ORGANIZATION": anaconda.organization,
            "ANACONDA_API_URL": anaconda.api_url,
            "ANACONDA_INDEX_URL": anaconda.index_url,
        }
        repository = Repository(github, anaconda, tracker, tmp_path, anaconda.token, variables)
        repository.seed("demo-pkg", [1, 2, 3, 40, 50])
        yield repository


YOUNG = [f"demo_pkg-1.0.dev{number}-py3-none-any.whl" for number in (997, 998, 999)]
OLD = [f"demo_pkg-1.0.dev{number}-py3-none-any.whl" for number in (950, 960)]
FAILS = "The workflow cleanup.yml fails"


def test_a_night_plans_without_a_token_and_deletes_what_that_plan_names(repository: Repository) -> None:
    run = repository.run("schedule", "cleanup.yml")
    assert run.code == 0, run.log
    assert json.loads(run.jobs["Apply"].outputs["apply"]["deleted"]) == OLD
    assert run.jobs["Apply"].outputs["apply"]["digest"] == run.jobs["Plan"].outputs["plan"]["digest"]
    assert repository.there() == YOUNG
    assert "2 deleted" in run.jobs["Apply"].summary
    reads = [request for request in repository.channel.requests if not request.authorized]
    assert reads
    assert {request.method for request in reads} == {"GET"}
    kept = [each.name for each in repository.tracker.repository.artifacts]
    assert kept == ["cleanup-plan-nightly-wheels", "cleanup-result-nightly-wheels"]
    assert repository.issues() == {}


def test_a_failure_opens_an_issue_and_the_next_success_closes_it(repository: Repository) -> None:
    repository.token = WRONG_TOKEN
    failed = repository.run("schedule", "cleanup.yml")
    assert (failed.jobs["Plan"].result, failed.jobs["Apply"].result) == ("success", "failure")
    assert repository.there() == [*OLD, *YOUNG]
    assert repository.issues() == {FAILS: "open"}
    repository.token = repository.channel.token
    healed = repository.run("schedule", "cleanup.yml")
    assert healed.code == 0, healed.log
    assert healed.jobs["Plan"].outputs["previous"]["path"].endswith("plan.json")
    assert repository.there() == YOUNG
    assert repository.issues() == {FAILS: "closed"}


def test_a_project_that_can_not_be_read_makes_it_red_but_the_others_are_cleaned_up(repository: Repository) -> None:
    repository.seed("locked", [1, 60])
    repository.channel.faults.add(Fault(error(403, "Forbidden"), "GET", "/package/*/locked", nth=EVERY))
    run = repository.run("schedule", "cleanup.yml")
    assert (run.jobs["Plan"].result, run.jobs["Apply"].result) == ("failure", "success")
    assert repository.there() == [*YOUNG, *(f"locked-1.0.dev{number}-py3-none-any.whl" for number in (940, 999))]
    assert repository.issues() == {FAILS: "open"}


def test_by_hand_it_only_plans_unless_told_otherwise(repository: Repository) -> None:
    run = repository.run("workflow_dispatch", "cleanup.yml")
    assert run.code == 0, run.log
    assert "2 files to go" in run.jobs["Plan"].summary
    assert "Apply" not in run.jobs
    assert repository.there() == [*OLD, *YOUNG]


def test_what_a_limit_stops_is_confirmed_by_hand(repository: Repository) -> None:
    """60 % of a project's files is the limit, from 20 files on."""
    repository.seed("backlog", [1, *range(100, 125)])
    stopped = repository.run("schedule", "cleanup.yml")
    assert stopped.jobs["Apply"].result == "failure"
    assert [problem.title for problem in stopped.jobs["Apply"].annotated("error")] == ["Stopped by a limit"]
    assert len(repository.there()) == 31
    assert repository.issues() == {FAILS: "open"}
    digest = stopped.jobs["Plan"].outputs["plan"]["digest"]
    run = repository.run("workflow_dispatch", "cleanup.yml", mode="plan-and-apply", confirm=digest)
    assert run.code == 0, run.log
    assert repository.there() == ["backlog-1.0.dev999-py3-none-any.whl", *YOUNG]
    assert repository.issues() == {FAILS: "closed"}


@pytest.mark.parametrize("name", ["cleanup.yml", "freshness.yml"])
def test_where_no_channel_is_named_nothing_runs(repository: Repository, name: str) -> None:
    repository.variables.clear()
    run = repository.run("schedule", name)
    assert run.code == 0, run.log
    assert run.jobs == {}
    assert repository.channel.requests == repository.tracker.requests == []


def test_freshness_tells_of_a_quiet_project_and_keeps_the_schedules_alive(repository: Repository) -> None:
    repository.tracker.repository.workflows[0].state = "disabled_inactivity"
    repository.seed("quiet", [20, 21, 22])
    run = repository.run("schedule", "freshness.yml")
    assert run.code == 0, run.log
    quiet, cleanup = sorted(repository.issues(), reverse=True)
    assert quiet.startswith("quiet: no new nightly wheels since")
    assert cleanup == "The daily cleanup doesn't run"
    assert repository.tracker.repository.workflows[0].state == "active"
    assert "1 project to look after" in run.jobs["Tell"].summary


def test_freshness_by_hand_only_says_what_it_would_tell(repository: Repository) -> None:
    repository.seed("quiet", [20, 21, 22])
    run = repository.run("workflow_dispatch", "freshness.yml")
    assert run.code == 0, run.log
    assert "would open a new issue (project:quiet)" in run.jobs["Tell"].log
    assert repository.issues() == {}


def test_freshness_that_fails_has_an_issue_of_its_own(repository: Repository) -> None:
    repository.channel.faults.add(Fault(error(403, "Forbidden"), "GET", "/packages/*", nth=EVERY))
    run = repository.run("schedule", "freshness.yml")
    assert run.jobs["Tell"].result == "failure"
    assert repository.issues() == {"The workflow freshness.yml fails": "open"}
