"""Tell what a run of tests against nightlies has shown: in the summary, in a report, and in one issue."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nightly.actions import Runner
from nightly.data import save
from nightly.downstream.isolating.finding import Finding
from nightly.downstream.isolating.verdict import findings
from nightly.downstream.planning.matrix import matrix_name
from nightly.downstream.telling.evidence import Evidence, Scene
from nightly.downstream.telling.gathering import Left, gathered
from nightly.downstream.telling.headline import DEFAULT_NAME, headline
from nightly.downstream.telling.issue_body import issue_body
from nightly.downstream.telling.lifecycle import ISSUE, Rule, When, rule_of
from nightly.downstream.telling.outcome import Outcome
from nightly.downstream.telling.posting import keep_issue
from nightly.downstream.telling.report_file import report_file
from nightly.downstream.telling.story import Story, story_of
from nightly.downstream.telling.summary import issue_preview, summary
from nightly.errors import UserError
from nightly.failures import read_results
from nightly.github.api import GitHubWriter
from nightly.github.job import Job
from nightly.http import Http
from nightly.options import Input, parse_inputs
from nightly.patience import Patience

INPUTS = (
    Input("results", "", "The directory of all that the other jobs have left behind."),
    Input("matrix", "", "The cells that were to be tested, as JSON."),
    Input("needs", "", "The results of the jobs, as toJSON(needs) gives them."),
    Input("state", "", "The file in which the last run has kept its state."),
    Input("name", DEFAULT_NAME, "Tells several calls in one repository apart. Each has its own issue."),
    ISSUE,
)


@dataclass(frozen=True)
class Asked:
    """The inputs, checked. `event` is what started the run."""

    left: Left
    name: str
    when: When
    event: str

    @property
    def writes(self) -> bool:
        return self.when.allows(self.event)


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Tell it all, and set the outputs. Whatever becomes of the issue, the summary and the report are there.

    Raises:
        UserError: an input is wrong; or the issue can't be written, and then the summary has its text.
    """
    asked, job = _asked(argv, environ), Job.from_environ(environ)
    scene = Scene(asked.name, job.repository, job.run_url, datetime.now(timezone.utc))
    evidence = gathered(asked.left)
    story = story_of(evidence, scene, _found(evidence))
    _say(story, runner)
    _leave_behind(story, runner)
    writer = GitHubWriter(Http(patience), job.api_url, job.repository, job.token)
    _tell(story, asked, writer, runner)
    return 0


def _asked(argv: Sequence[str], environ: Mapping[str, str]) -> Asked:
    given = parse_inputs("nightlies report", str(__doc__), INPUTS, argv, environ)
    left = Left(
        results=Path(given["results"]),
        state=Path(given["state"]) if given["state"] else None,
        matrix=given["matrix"],
        jobs=read_results(given["needs"]) if given["needs"] else {},
    )
    return Asked(left, matrix_name("name", given["name"]), When.asked(given), environ.get("GITHUB_EVENT_NAME", ""))


def _found(evidence: Evidence) -> dict[int, tuple[Finding, ...]]:
    """What the experiments prove of the red cells that were looked into."""
    by_cell = evidence.by_cell
    return {
        result.cell.index: findings(result, by_cell[result.cell.index])
        for result in evidence.results
        if result.is_red and result.cell.index in by_cell
    }


def _say(story: Story, runner: Runner) -> None:
    """In the log, as an annotation and in the summary."""
    runner.line(f"{story.outcome.value}: {headline(story)}")
    for note in story.notes:
        runner.warning(note, title="Not read")
    if story.outcome is not Outcome.GREEN:
        runner.warning(headline(story), title=story.outcome.value)
    runner.summary(summary(story))


def _leave_behind(story: Story, runner: Runner) -> None:
    """What the next run and the badge read, and what people may want to have."""
    directory = Path(tempfile.mkdtemp(prefix="nightlies-report-", dir=runner.temp))
    save(directory / "report.json", report_file(story))
    save(directory / "state.json", story.history)
    (directory / "issue.md").write_text(issue_body(story) + "\n", encoding="utf-8", newline="\n")
    runner.output("outcome", story.outcome.value)
    runner.output("culprit", ",".join(story.culprits))
    runner.output("issue_url", "")
    runner.output("report", str(directory / "report.json"))
    runner.output("results", str(directory))


def _tell(story: Story, asked: Asked, writer: GitHubWriter, runner: Runner) -> None:
    """Keep the issue, where this run is one that does."""
    rule = rule_of(story)
    if not asked.writes:
        runner.line(f"This run writes no issue (issue: {asked.when.value}, event: {asked.event or 'none'}).")
        if rule is Rule.OPEN:
            runner.summary(issue_preview(story, "This run writes no issue. A scheduled one would say this."))
        return
    if rule is Rule.LEAVE:
        runner.line(f"The issue, if there is one, stays as it is: {story.outcome.value} doesn't change it.")
        return
    try:
        runner.output("issue_url", keep_issue(writer, story, runner))
    except UserError:
        runner.summary(issue_preview(story, "**The issue couldn't be written.** The run's annotations say why."))
        raise
