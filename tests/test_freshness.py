"""The watch over a channel, from the stand-in of anaconda.org to the issues on that of GitHub."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import cleanup
import freshness
from anaconda_server import AnacondaServer
from directory_sites import publish, silence
from faults import EVERY, Fault, Status, error
from github_fixtures import PATIENCE
from github_model import Issue, Token
from github_server import REPOSITORY, GitHubServer
from jobs import Job
from nightly.actions import Runner
from nightly.directory.writing import WritableDirectoryChannel
from sample_wheels import make_wheel
from uploading import Run

NOW = datetime(2026, 9, 7, 3, 43, tzinfo=timezone.utc)
DAY = timedelta(days=1)
LINUX, WINDOWS = "cp313-cp313-manylinux_2_28_x86_64", "cp313-cp313-win_amd64"
BOT = "ghp" + "-the-bots"
ELSEWHERE = "someone/quiet"


@dataclass
class Watch:
    """A channel, a repository with a roster, and the job that looks at both."""

    channel: AnacondaServer
    job: Job
    root: Path

    def seed(self, project: str, ages: list[float], *tags: str) -> None:
        """Have a version for each of these ages in days."""
        for age in ages:
            for tag in tags or (LINUX,):
                wheel = make_wheel(self.root / "wheels", project, f"1.0.dev{1000 - int(age * 10)}", tag=tag)
                self.channel.seed(wheel, uploaded_at=NOW - age * DAY)

    def roster(self, text: str) -> None:
        (self.root / "roster.yml").write_text(text, encoding="utf-8")

    def run(self, *argv: str, later: timedelta = timedelta(0), **environ: str) -> Run:
        policy = self.root / "policy.yml"
        policy.write_text("keep: 5\n", encoding="utf-8")
        roster = self.root / "roster.yml"
        inputs = {
            **self.site(),
            "INPUT_POLICY": str(policy),
            "INPUT_ROSTER": str(roster) if roster.exists() else "",
            **environ,
        }
        return self.job.run(
            lambda given, seen, runner, patience: freshness.freshen(given, seen, runner, patience, NOW + later),
            *argv,
            **inputs,
        )

    def site(self) -> dict[str, str]:
        return {
            "INPUT_ANACONDA_ORGANIZATION": self.channel.organization,
            "INPUT_ANACONDA_API_URL": self.channel.api_url,
            "INPUT_ANACONDA_INDEX_URL": self.channel.index_url,
        }

    def plan(self) -> str:
        """The plan that a cleanup makes now. Returns its path."""
        path = self.root / "plan.json"
        inputs = {**self.site(), "INPUT_POLICY": str(self.root / "policy.yml"), "INPUT_OUTPUT": str(path)}
        Path(inputs["INPUT_POLICY"]).write_text("keep: 5\n", encoding="utf-8")
        assert cleanup.clean(["plan"], inputs, Runner(log=io.StringIO()), PATIENCE, NOW) == 0
        return str(path)

    def issues(self, repository: str = REPOSITORY) -> dict[str, Issue]:
        """The open issues by what comes first in their titles."""
        every = self.job.server.state.repositories[repository].issues.values()
        return {issue.title.split()[0].rstrip(":"): issue for issue in every if issue.state == "open"}


@pytest.fixture(name="watch")
def watch_fixture(anaconda: AnacondaServer, tmp_path: Path) -> Iterator[Watch]:
    with GitHubServer((REPOSITORY, ELSEWHERE)) as server:
        watch = Watch(anaconda, Job(server, tmp_path), tmp_path)
        for project in ("steady", "Zope.Interface"):
            watch.seed(project, [1, 2, 3, 4])
        yield watch


def test_a_channel_in_order_opens_nothing(watch: Watch) -> None:
    ran = watch.run()
    assert (ran.code, watch.job.happened()) == (0, [])
    assert "no projects to look after" in ran.summary


def test_a_quiet_project_has_one_issue_until_it_uploads_again(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    for _ in range(2):
        assert watch.run().code == 0
    assert watch.job.happened() == ["opened 1"]
    assert "2026-08-28 03:43 UTC" in (watch.issues()["quiet"].body or "")
    watch.seed("quiet", [0])
    watch.run()
    assert sorted(watch.job.happened()) == ["closed 1", "commented 1", "edited 1"]


def test_a_lost_platform_has_an_issue_though_the_project_is_not_quiet(watch: Watch) -> None:
    watch.seed("arrow", [1, 2, 3, 4])
    watch.seed("arrow", [5], LINUX, WINDOWS)
    ran = watch.run()
    assert list(watch.issues()) == ["arrow"]
    assert WINDOWS in watch.issues()["arrow"].title
    assert "arrow" in ran.summary


def test_a_closed_issue_is_left_alone_until_something_happens(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    watch.run()
    watch.job.server.repository.close(1, "someone", "not_planned")
    watch.job.happened()
    watch.run(later=DAY)
    assert "reopened 1" not in watch.job.happened()
    watch.run(later=75 * DAY)
    assert "reopened 1" in watch.job.happened()


def test_a_project_of_the_roster_that_is_not_there_is_gone(watch: Watch) -> None:
    watch.roster("numpy: {repository: numpy/numpy}\n")
    watch.run()
    assert watch.issues()["numpy"].title == "numpy is gone from the nightly channel"
    assert "https://github.com/numpy/numpy/actions" in (watch.issues()["numpy"].body or "")


def test_a_project_that_only_an_earlier_plan_knew_stays_told_of(watch: Watch) -> None:
    watch.seed("passing", [1, 2, 3])
    previous = watch.plan()
    watch.channel.state.owners[watch.channel.organization].pop("passing")
    watch.run(INPUT_PREVIOUS=previous)
    assert list(watch.issues()) == ["passing"]
    watch.job.happened()
    watch.run(INPUT_PREVIOUS=watch.plan())
    assert watch.job.happened() == []
    watch.seed("passing", [0])
    watch.run()
    assert watch.issues() == {}


def test_a_list_that_shrank_by_half_is_not_believed(watch: Watch) -> None:
    for project in "abc":
        watch.seed(project, [1, 2, 3])
    previous = watch.plan()
    for project in "abc":
        watch.channel.state.owners[watch.channel.organization].pop(project)
    ran = watch.run(INPUT_PREVIOUS=previous)
    assert ran.code == 1
    assert "that the previous plan kept" in ran.log
    assert watch.job.happened() == []


def test_a_project_that_can_not_be_read_keeps_its_issue_and_the_others_are_told(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    watch.run()
    watch.job.happened()
    watch.channel.faults.add(Fault(error(403, "Forbidden"), "GET", "/package/*/quiet", nth=EVERY))
    watch.seed("other", [20, 21, 22])
    ran = watch.run()
    assert ran.code == 1
    assert "quiet couldn't be read" in ran.log
    assert watch.job.happened() == ["opened 2"]


def test_when_the_list_of_projects_can_not_be_had_nobody_is_told_anything(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    watch.channel.faults.add(Fault(Status(502), "GET", "/packages/*", nth=EVERY))
    ran = watch.run()
    assert ran.code == 1
    assert watch.job.happened() == []


def test_at_most_ten_issues_are_opened_in_a_run_and_the_rest_in_the_next(watch: Watch) -> None:
    watch.roster("".join(f"p{number}: {{repository: o/p{number}}}\n" for number in range(13)))
    ran = watch.run()
    assert "Left to the next run" in ran.log
    assert len(watch.job.happened()) == 10
    watch.run()
    assert len(watch.job.happened()) == 3


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    ran = watch.run("--dry-run")
    assert ran.code == 0
    for gist in (
        "would open a new issue (project:quiet)",
        "quiet: no new nightly wheels since 2026-08-28",
        "What to do",
    ):
        assert gist in ran.log
    assert {request.method for request in ran.requests if "graphql" not in request.path} == {"GET"}


def test_a_dry_run_needs_no_repository_and_no_token(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    ran = watch.run("--dry-run", GITHUB_REPOSITORY="", INPUT_GITHUB_TOKEN="")
    assert ran.code == 0
    assert "would open a new issue (project:quiet)" in ran.log
    assert ran.requests == []


def test_without_a_token_it_says_so(watch: Watch) -> None:
    ran = watch.run(INPUT_GITHUB_TOKEN="")
    assert ran.code == 2
    assert "--dry-run" in ran.log


@pytest.fixture(name="there")
def there_fixture(watch: Watch) -> Watch:
    """A quiet project whose issues belong in its own repository."""
    watch.job.server.add_token(BOT, Token("nightly-bot"))
    watch.roster(f"quiet: {{repository: {ELSEWHERE}, issues: repository}}\n")
    watch.seed("quiet", [10, 11, 12])
    return watch


def test_an_issue_is_opened_and_closed_where_the_roster_says(there: Watch) -> None:
    there.run(INPUT_PROJECTS_TOKEN=BOT)
    assert there.issues() == {}
    assert there.issues(ELSEWHERE)["quiet"].login == "nightly-bot"
    there.seed("quiet", [0])
    there.run(INPUT_PROJECTS_TOKEN=BOT)
    assert there.issues(ELSEWHERE) == {}


def test_without_a_token_for_it_the_issue_is_here_with_a_link(there: Watch) -> None:
    there.run()
    assert there.issues(ELSEWHERE) == {}
    assert f"https://github.com/{ELSEWHERE}/actions" in (there.issues()["quiet"].body or "")


REFUSALS = {
    "a token that has run out": "another",
    "a token without the right": BOT,
}


@pytest.mark.parametrize("token", REFUSALS.values(), ids=REFUSALS)
def test_what_a_repository_refuses_is_told_here(there: Watch, token: str) -> None:
    there.job.server.add_token(BOT, Token("nightly-bot", permissions={}))
    ran = there.run(INPUT_PROJECTS_TOKEN=token)
    assert ran.code == 0
    assert "Told here" in ran.log
    assert list(there.issues()) == ["quiet"]


def test_a_repository_without_issues_or_with_another_name_is_told_here(there: Watch) -> None:
    there.job.server.state.repositories[ELSEWHERE].has_issues = False
    there.run(INPUT_PROJECTS_TOKEN=BOT)
    assert list(there.issues()) == ["quiet"]


def test_once_it_can_be_told_there_the_issue_here_is_closed(there: Watch) -> None:
    there.run()
    there.run(INPUT_PROJECTS_TOKEN=BOT)
    assert there.issues() == {}
    assert list(there.issues(ELSEWHERE)) == ["quiet"]
    (issue,) = there.job.server.repository.issues.values()
    assert "told elsewhere" in issue.comments[-1].body


def test_a_repository_that_does_not_answer_is_an_error_and_nothing_is_told_twice(there: Watch) -> None:
    path = f"/repos/{ELSEWHERE}/*"
    there.job.server.faults.add(Fault(Status(502), "GET", path, nth=EVERY))
    ran = there.run(INPUT_PROJECTS_TOKEN=BOT)
    assert ran.code == 1
    assert ELSEWHERE in ran.log
    assert there.issues() == {}


def test_a_cleanup_that_does_not_run_has_an_issue_until_it_does(watch: Watch) -> None:
    server = watch.job.server
    workflow = server.repository.add_workflow(".github/workflows/cleanup.yml")
    server.state.now = lambda: NOW - 3 * DAY
    server.repository.add_run(workflow)
    watch.run(INPUT_CLEANUP_WORKFLOW="cleanup.yml")
    assert list(watch.issues()) == ["The"]
    assert "2026-09-04 03:43 UTC" in (watch.issues()["The"].body or "")
    server.state.now = lambda: NOW - DAY
    server.repository.add_run(workflow, "failure")
    watch.run(INPUT_CLEANUP_WORKFLOW="cleanup.yml")
    assert watch.issues() == {}


def test_two_channels_share_a_tracker_without_closing_each_others_issues(watch: Watch) -> None:
    watch.seed("quiet", [10, 11, 12])
    watch.run()
    site = WritableDirectoryChannel(watch.root / "site", silence, clock=lambda: NOW - DAY)
    publish(site, make_wheel(watch.root / "wheels", "elsewhere", "1.0"))
    assert watch.run(INPUT_CHANNEL=str(watch.root / "site")).code == 0
    assert list(watch.issues()) == ["quiet"]


BAD = {
    "no policy": ({"INPUT_POLICY": ""}, "policy"),
    "a roster that isn't there": ({"INPUT_ROSTER": "no-such.yml"}, "no-such.yml can't be read"),
    "a plan that isn't one": ({"INPUT_PREVIOUS": __file__}, "can't be read as a plan"),
    "neither true nor false": ({"INPUT_DRY_RUN": "maybe"}, "dry_run"),
    "no repository": ({"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY"),
}


@pytest.mark.parametrize(("environ", "gist"), BAD.values(), ids=BAD)
def test_a_bad_input_is_refused_before_anything_is_asked(watch: Watch, environ: dict[str, str], gist: str) -> None:
    ran = watch.run(later=0 * DAY, **environ)
    assert ran.code == 2
    assert gist in ran.log
    assert watch.channel.requests == ran.requests == []
