"""The report of a run: whatever its jobs have left behind and GitHub answers, there's one issue, and a right one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from faults import Effect, Fault
from github_faults import BAD_CREDENTIALS, DONE, NOTHING_DONE, PASSING, UNICORN
from github_fixtures import PATIENCE
from github_model import GITHUB_ACTIONS, Token
from github_server import GitHubServer
from jobs import Job
from nightly.data import load, save, to_json
from nightly.downstream.modes import report
from nightly.downstream.records.experiment import ExperimentResult, Kind
from nightly.downstream.records.history import History
from nightly.downstream.records.proof import Proof
from nightly.downstream.records.result import Cell, CellResult, End, Failure, Matrix
from nightly.downstream.records.snapshot import Trouble
from nightly.downstream.telling.lifecycle import IGNORE
from nightly.downstream.telling.report_file import ReportFile
from uploading import Run
from weeks import FAILURES, NO_PROOF, PROOF, TRACEBACK, cell, culprit_numpy, failed, own, result, still, tried

QUICK = replace(PATIENCE, tries=2, first_wait=0.001, longest_wait=0.002, index_lag=0.02)
RED = failed()
OTHER = failed(failures=FAILURES[:1])
FINE = {"plan": "success", "test": "success", "suspects": "skipped"}
BAD = {"plan": "success", "test": "failure", "suspects": "success"}


@dataclass
class Project:
    """A repository whose tests run every week against nightlies, and the state that goes from week to week."""

    job: Job
    state: str = ""
    name: str = "nightlies"
    expected: tuple[Cell, ...] = field(default_factory=tuple)

    def week(
        self,
        *results: CellResult,
        experiments: Sequence[ExperimentResult] = (),
        trouble: Trouble | None = None,
        needs: Mapping[str, str] | None = None,
        event: str = "schedule",
        issue: str = "schedule",
    ) -> Run:
        """The report on the next week's run."""
        self.job.number += 1
        directory = self.job.root / f"results-{self.job.number}"
        _leave(directory, results, experiments, trouble)
        jobs = needs or (BAD if any(each.is_red for each in results) else FINE)
        cells = self.expected or tuple(each.cell for each in results)
        ran = self.job.run(
            report.run,
            INPUT_RESULTS=str(directory),
            INPUT_MATRIX=json.dumps(to_json(Matrix(cells))) if cells else "",
            INPUT_NEEDS=json.dumps({name: {"result": result, "outputs": {}} for name, result in jobs.items()}),
            INPUT_STATE=self.state,
            INPUT_NAME=self.name,
            INPUT_ISSUE=issue,
            GITHUB_EVENT_NAME=event,
        )
        if "results" in ran.outputs:
            self.state = str(Path(ran.outputs["results"]) / "state.json")
        return ran

    def same_run(self) -> Project:
        """Let the next report be of the same run: its jobs are run again."""
        self.job.number -= 1
        return self

    def titles(self) -> list[tuple[str, str]]:
        """Each issue's state and title."""
        return [(issue.state, issue.title) for issue in self.job.server.repository.issues.values()]

    def body(self, number: int = 1) -> str:
        return self.job.server.repository.issues[number].body or ""


def _leave(
    directory: Path,
    results: Sequence[CellResult],
    experiments: Sequence[ExperimentResult],
    trouble: Trouble | None,
) -> None:
    """What the jobs leave behind, an artifact in a folder each."""
    for each in results:
        folder = directory / f"nightlies_cell_{each.cell.index}_{each.attempt}@nightlies"
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / "result.json", each)
    for number, shown in enumerate(experiments):
        folder = directory / f"nightlies_experiment_1_{number}_1@nightlies"
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / "experiment.json", shown)
    if trouble:
        folder = directory / "nightlies_snapshot_1@nightlies"
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / "trouble.json", trouble)


@pytest.fixture(name="project")
def project_fixture(job: Job) -> Project:
    job.workflow, job.patience = ".github/workflows/weekly.yml", QUICK
    return Project(job)


def scipy(of: CellResult) -> tuple[ExperimentResult, ...]:
    """What shows that scipy is the culprit."""
    return (
        tried(of, Kind.CONTROL),
        tried(of, Kind.WITHOUT, "numpy", index=1, end=End.FAILED, tests=still(of)),
        tried(of, Kind.WITHOUT, "scipy", index=2),
    )


def both(of: CellResult) -> tuple[ExperimentResult, ...]:
    """What shows an interaction."""
    without = (tried(of, Kind.WITHOUT, name, index=index) for index, name in enumerate(("numpy", "scipy"), 1))
    return (tried(of, Kind.CONTROL), *without)


CRASH = result(end=End.CRASHED, problem="SIGSEGV", stopped_in="tests/test_a.py::test_a")
NO_INSTALL = result(
    end=End.CANNOT_INSTALL, proof=None, problem="foo requires numpy<2.6", log_tail="ResolutionImpossible"
)
DOWN = Trouble("502 Bad Gateway")


WEEKS: Sequence[tuple[Sequence[CellResult], Sequence[ExperimentResult]]] = [
    ([result()], ()),
    ([RED], culprit_numpy(RED)),
    ([RED], culprit_numpy(RED)),
    ([RED], scipy(RED)),
    ([RED], both(RED)),
    ([RED], own(RED)),
    ([NO_INSTALL], ()),
    ([CRASH], ()),
    ([result(flaky=("tests/test_a.py::test_a",))], ()),
    ([result()], ()),
    ([result()], ()),
]


def test_an_issue_follows_the_weeks_and_says_each_thing_once(project: Project) -> None:
    told = []
    for results, experiments in WEEKS:
        ran = project.week(*results, experiments=experiments)
        assert ran.code == 0
        told.append((ran.outputs["outcome"], ran.outputs["culprit"], sorted(project.job.happened())))
    assert told == [
        ("green", "", []),
        ("upstream-break", "numpy", ["opened 1"]),
        ("upstream-break", "numpy", ["edited 1"]),
        ("upstream-break", "scipy", ["commented 1", "edited 1"]),
        ("upstream-break", "numpy,scipy", ["commented 1", "edited 1"]),
        ("own-break", "", ["commented 1", "edited 1"]),
        ("cannot-install", "", ["commented 1", "edited 1"]),
        ("crashed", "", ["commented 1", "edited 1"]),
        ("flaky", "", []),
        ("green", "", ["closed 1", "commented 1", "edited 1"]),
        ("green", "", []),
    ]
    comments = [comment.body for comment in project.job.server.repository.issues[1].comments]
    assert len(comments) == len(set(comments)) == 6
    assert "is green" in comments[-1]
    assert all(f"/runs/{number}" in project.body() for number in range(8, 16))


NO_PLAN = {"plan": "failure", "test": "skipped", "suspects": "skipped"}


def test_a_channel_that_is_down_is_told_in_the_third_week(project: Project) -> None:
    told = []
    for _ in range(3):
        assert project.week(trouble=DOWN, needs=NO_PLAN).outputs["outcome"] == "channel-down"
        told.append(len(project.titles()))
        _a_week_passes(project)
    assert told == [0, 0, 1]
    assert "502 Bad Gateway" in project.body()
    project.week(result())
    assert project.titles()[0][0] == "closed"


def _a_week_passes(project: Project) -> None:
    """Let the runs in the state be of a week earlier."""
    history = load(History, Path(project.state))
    earlier = (replace(week, at=week.at - timedelta(weeks=1)) for week in history.weeks)
    save(Path(project.state), replace(history, weeks=tuple(earlier)))


def test_the_outputs_lead_to_the_issue_and_the_report(project: Project) -> None:
    ran = project.week(RED, experiments=culprit_numpy(RED))
    assert ran.outputs["issue_url"] == "https://github.com/nightly/channel/issues/1"
    told = load(ReportFile, Path(ran.outputs["report"]))
    assert (told.outcome.value, told.culprits) == ("upstream-break", ("numpy",))
    directory = Path(ran.outputs["results"])
    assert {path.name for path in directory.iterdir()} == {"report.json", "state.json", "issue.md"}
    assert (directory / "issue.md").read_text(encoding="utf-8").startswith("**What to do first:**")
    assert project.week(RED, experiments=culprit_numpy(RED)).outputs["issue_url"].endswith("/issues/1")
    assert project.week(result()).outputs["issue_url"] == ""


def test_the_report_has_the_proof_for_the_badge(project: Project) -> None:
    ran = project.week(result(), result(cell(1), proof=NO_PROOF))
    content = json.loads(Path(ran.outputs["report"]).read_text(encoding="utf-8"))
    proof = content["proof"]
    assert {each["name"]: each["state"] for each in proof["packages"]} == dict.fromkeys(
        ("numpy", "pandas", "scipy"), "not-nightly"
    )
    assert load(ReportFile, Path(ran.outputs["report"])).proof == Proof(
        PROOF.environments, tuple(sorted((*NO_PROOF.packages, PROOF.packages[2]), key=lambda each: each.name))
    )


def test_the_labels_are_made_once_and_the_issue_has_the_first(project: Project) -> None:
    project.week(RED)
    project.week(RED, experiments=own(RED))
    assert set(project.job.server.repository.labels) == {"nightly", IGNORE}
    assert project.job.server.repository.issues[1].labels == ["nightly"]


def test_a_close_with_the_label_is_respected_until_other_tests_fail(project: Project) -> None:
    project.week(RED)
    project.job.server.repository.issues[1].labels.append(IGNORE)
    project.job.server.repository.close(1, "someone", "not_planned")
    project.job.happened()
    ran = project.week(RED)
    assert (ran.code, ran.outputs["issue_url"], project.job.happened()) == (0, "", [])
    project.week(OTHER)
    assert "reopened 1" in project.job.happened()


def test_what_was_closed_long_ago_is_told_anew(project: Project) -> None:
    project.week(RED)
    project.week(result())
    issue = project.job.server.repository.issues[1]
    assert issue.closed_at
    issue.closed_at -= timedelta(days=31)
    project.week(RED)
    assert [state for state, _ in project.titles()] == ["closed", "open"]


QUIET = {
    "flaky": (result(flaky=("tests/test_a.py::test_a",)), FINE),
    "unknown": (result(proof=None), FINE),
    "green, but a job failed": (result(), BAD),
}


@pytest.mark.parametrize(("ended", "needs"), QUIET.values(), ids=QUIET)
def test_what_proves_nothing_leaves_the_issue_alone(
    project: Project, ended: CellResult, needs: Mapping[str, str]
) -> None:
    project.week(RED)
    project.job.happened()
    ran = project.week(ended, needs=needs)
    assert (ran.code, ran.requests, project.job.happened()) == (0, [], [])
    assert project.titles()[0][0] == "open"


def test_what_proves_nothing_is_told_in_the_summary_and_the_log(project: Project) -> None:
    ran = project.week(result(), needs=BAD)
    assert "unknown" in ran.log
    assert "`test`: failure" in ran.summary


@pytest.mark.parametrize(("issue", "event"), [("schedule", "workflow_dispatch"), ("never", "schedule")])
def test_a_run_that_writes_no_issue_says_what_it_would_say(project: Project, issue: str, event: str) -> None:
    ran = project.week(RED, experiments=culprit_numpy(RED), issue=issue, event=event)
    assert (ran.code, ran.requests, project.titles()) == (0, [], [])
    assert "What the issue would say" in ran.summary
    assert ran.summary.count("**What to do first:**") == 2


def test_a_run_by_hand_may_write_it(project: Project) -> None:
    project.week(RED, issue="always", event="workflow_dispatch")
    assert len(project.titles()) == 1


@pytest.mark.parametrize("permissions", [{}, {"issues": "read"}], ids=["none", "to read"])
def test_without_the_permission_it_says_which_one_and_where_and_the_summary_has_the_text(
    project: Project, permissions: dict[str, str]
) -> None:
    project.job.server.add_token(project.job.server.token, Token(permissions=permissions))
    ran = project.week(RED, experiments=culprit_numpy(RED))
    assert ran.code == 1
    assert "`issues: write`" in ran.log
    assert "caller" in ran.log
    assert "What the issue would say" in ran.summary
    assert ran.outputs["outcome"] == "upstream-break"
    assert Path(ran.outputs["report"]).is_file()


def test_without_a_token_the_summary_has_the_text(project: Project) -> None:
    project.job.server.state.tokens.clear()
    ran = project.week(RED)
    assert ran.code == 1
    assert "What the issue would say" in ran.summary


def test_what_is_installed_in_vain_makes_an_issue_though_no_test_ran(project: Project) -> None:
    """A peer's reporter needs a log of pytest, and says nothing when there is none."""
    ran = project.week(NO_INSTALL)
    assert ran.outputs["outcome"] == "cannot-install"
    assert "foo requires numpy" in project.titles()[0][1]
    assert "ResolutionImpossible" in project.body()


def test_a_job_that_failed_so_that_the_tests_were_skipped_is_told(project: Project) -> None:
    """A peer's reporter runs only where the tests have failed, so a lock file that can't be made is silent."""
    ran = project.week(needs=NO_PLAN)
    assert ran.outputs["outcome"] == "unknown"
    assert "warning" in ran.log
    assert "`plan`: failure" in ran.summary
    for _ in range(2):
        _a_week_passes(project)
        project.week(needs=NO_PLAN)
    assert [state for state, _ in project.titles()] == ["open"]
    assert "`plan`: failure" in project.body()


def test_a_session_that_cannot_be_collected_fits(project: Project) -> None:
    """A peer's reporter made a body of 100,140 characters of it, which GitHub refuses."""
    project.week(failed(failures=[Failure("", "E" * 100_140, "T" * 100_140, is_collection=True), FAILURES[0]]))
    assert len(project.titles()) == 1


def test_no_other_issue_is_adopted_for_its_title(project: Project) -> None:
    """A peer's reporter searches by title, and takes "... on macOS" for its own."""
    repository = project.job.server.repository
    project.name = "macos"
    project.week(RED)
    title = repository.issues[1].title.replace(" (macos)", "")
    repository.open_issue(title, "mine", GITHUB_ACTIONS)
    repository.open_issue(title, repository.issues[1].body, "someone")
    before = [(issue.title, issue.body, issue.state) for issue in repository.issues.values()]
    project.name = "nightlies"
    project.week(RED)
    project.week(result())
    assert [(issue.title, issue.body, issue.state) for issue in repository.issues.values()][:3] == before
    assert [issue.state for issue in repository.issues.values()] == ["open", "open", "open", "closed"]


def test_no_checkout_is_needed(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A peer's failure path reads a template from a checkout that its job hasn't."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.setenv("PATH", "")
    assert project.week(RED).code == 0
    assert len(project.titles()) == 1
    assert list(empty.iterdir()) == []


def test_a_run_again_of_the_failed_jobs_closes_what_is_green_now(project: Project) -> None:
    project.week(RED, experiments=culprit_numpy(RED))
    ran = project.same_run().week(RED, result(attempt=2), experiments=culprit_numpy(RED), needs=FINE)
    assert ran.outputs["outcome"] == "green"
    assert project.titles()[0][0] == "closed"
    assert [week.outcome for week in load(History, Path(project.state)).weeks] == ["green"]


GARBAGE = {
    "half a file": '{"cell": {"index": 0, "pyth',
    "nothing": "",
    "another thing": "[1, 2]",
    "a wrong type": '{"cell": {"index": "0", "python": "3", "os": "x"}, "attempt": 1, "end": "passed"}',
    "an end that there isn't": '{"cell": {"index": 0, "python": "3", "os": "x"}, "attempt": 1, "end": "green"}',
    "no UTF-8": "\udcff\udcfe",
    "brackets without end": "[" * 200_000,
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("name", ["result.json", "experiment.json", "trouble.json"])
def test_a_file_that_cannot_be_read_is_unknown_and_told_not_green(project: Project, name: str, content: str) -> None:
    project.expected = (cell(), cell(1))
    folder = project.job.root / f"results-{project.job.number + 1}" / "some"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    ran = project.week(result())
    assert (ran.code, ran.outputs["outcome"]) == (0, "unknown")
    assert name == "trouble.json" or f"some/{name}" in ran.log


NO_STATE = {name: text for name, text in GARBAGE.items() if name not in ("a wrong type", "an end that there isn't")}
NO_STATE["weeks of no time"] = '{"weeks": [{"at": "yesterday"}]}'


@pytest.mark.parametrize("content", NO_STATE.values(), ids=NO_STATE)
def test_a_state_that_cannot_be_read_costs_only_what_it_remembered(project: Project, content: str) -> None:
    project.state = str(project.job.root / "state.json")
    Path(project.state).write_bytes(content.encode("utf-8", "surrogateescape"))
    ran = project.week(RED, experiments=culprit_numpy(RED))
    assert (ran.code, ran.outputs["outcome"], len(project.titles())) == (0, "upstream-break", 1)
    assert "the state of the last run" in ran.log


def test_nothing_at_all_is_unknown(project: Project) -> None:
    ran = project.week()
    assert (ran.code, ran.outputs["outcome"]) == (0, "unknown")


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "x" * 101])
def test_a_name_that_is_none_is_refused_before_anything_happens(project: Project, name: str) -> None:
    project.name = name
    ran = project.week(RED)
    assert (ran.code, ran.requests, ran.summary) == (2, [], "")
    assert "name" in ran.log


def test_an_input_of_no_meaning_is_refused(project: Project) -> None:
    ran = project.week(RED, issue="sometimes")
    assert (ran.code, ran.requests) == (2, [])
    assert "schedule, always, never" in ran.log


# What a week may do to an issue, after the week before it.
Week = Callable[[Project], Run]
START: dict[str, Sequence[Week]] = {
    "opened": [],
    "commented on": [lambda project: project.week(OTHER)],
    "edited": [lambda project: project.week(RED, experiments=culprit_numpy(RED))],
    "reopened": [lambda project: project.week(OTHER), lambda project: project.week(result())],
}


SOME = ("500", "reset before", "502 after", "half of the JSON")


def one_right_issue(project: Project) -> None:
    """There's one issue, it is about this run, and nothing was said twice."""
    assert project.titles() == [("open", "upstream-break: the nightly of numpy breaks 3 tests")]
    assert f"/runs/{project.job.number}" in project.body()
    repository = project.job.server.repository
    assert repository.issues[1].labels == ["nightly"]
    assert set(repository.labels) == {"nightly", IGNORE}
    said = Counter(comment.body.partition("\n")[0] for comment in repository.issues[1].comments)
    assert not said or max(said.values()) == 1


@pytest.mark.parametrize("effect", [PASSING[name] for name in SOME], ids=SOME)
@pytest.mark.parametrize("start", ["opened", "commented on", "reopened"])
def test_a_fault_that_passes_at_any_request_changes_nothing(tmp_path: Path, start: str, effect: Effect) -> None:
    number, nth = 1, 0
    while nth < number:
        nth += 1
        with GitHubServer() as server:
            project = Project(Job(server, _fresh(tmp_path, nth), patience=QUICK))
            for week in START[start]:
                week(project)
            server.faults.add(Fault(effect, nth=nth))
            ran = project.week(RED, experiments=culprit_numpy(RED))
            number = len(ran.requests)
            assert ran.code == 0
            one_right_issue(project)


DEATHS: dict[str, Effect] = {
    "before": UNICORN,
    "after": DONE["502 after"],
    "reset": NOTHING_DONE["reset before"],
    "bad credentials": BAD_CREDENTIALS,
}


@pytest.mark.parametrize("effect", DEATHS.values(), ids=DEATHS)
@pytest.mark.parametrize("start", START)
def test_when_github_goes_at_any_request_running_again_ends_with_one_right_issue(
    tmp_path: Path, start: str, effect: Effect
) -> None:
    nth, code = 0, 1
    while code:
        nth += 1
        with GitHubServer() as server:
            project = Project(Job(server, _fresh(tmp_path, nth), patience=QUICK))
            for week in START[start]:
                week(project)
            server.faults.add(*(Fault(effect, nth=each) for each in range(nth, nth + 60)))
            ran = project.week(RED, experiments=culprit_numpy(RED))
            code = ran.code
            assert not code or "What the issue would say" in ran.summary
            server.faults.clear()
            assert project.same_run().week(RED, experiments=culprit_numpy(RED)).code == 0
            one_right_issue(project)
    assert nth > 3


def _fresh(root: Path, number: int) -> Path:
    directory = root / str(number)
    directory.mkdir()
    return directory


def test_3000_failures_in_40_cells_are_one_issue(project: Project) -> None:
    cells = [
        failed(cell(index), [Failure(f"t{index}.py::test_{n}", f"assert {n % 60}", TRACEBACK) for n in range(75)])
        for index in range(40)
    ]
    ran = project.week(*cells)
    assert (ran.code, len(project.titles())) == (0, 1)
    assert "3,000 tests fail" in project.titles()[0][1]
