"""Open one issue when the nightly upload fails, and close it when it succeeds again.

The standard library is all there is, as the upload may have failed for want of anything else.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from nightly.actions import Runner
from nightly.errors import UserError, bad_input, taken_over
from nightly.failures import recovery
from nightly.github.explain import explain
from nightly.github.issue_api import IssueWriter
from nightly.github.job import Job
from nightly.http_errors import HttpError, Unavailable
from nightly.issues import sync
from nightly.options import Input, one_of, parse_inputs, true_or_false
from nightly.patience import Patience
from nightly.plain_http import PlainHttp
from nightly.posting import post
from nightly.tracker import read_tracked
from nightly.upload_failures import KIND, UNKNOWN, Place, since, unpublished, upload_report

OUTCOMES = ("success", "failure", "cancelled", "skipped")

REPORT_FAILURES = Input("report_failures", "true", "Whether to do it: true or false.")
INPUTS = (
    REPORT_FAILURES,
    Input("outcome", "", f"How the upload ended: {', '.join(OUTCOMES)}."),
    Input("problem", "", "Why it failed, as its output `problem` has it."),
    Input("report", "", "The path of its report. Without one, nothing was uploaded."),
    Input("dry_run", "false", "Whether it was only a dry run."),
    Input("matrix", "null", "What the job has of its matrix, as toJSON(matrix) gives it."),
)


@dataclass(frozen=True)
class Options:
    """What is known of the upload, checked."""

    report_failures: bool
    outcome: str
    problem: str
    report: str
    dry_run: bool
    matrix: str
    event: str

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read flags and inputs.

        Raises:
            UserError: an input's value isn't allowed.
        """
        given = parse_inputs("report-upload", str(__doc__), INPUTS, argv, environ)
        return cls(
            report_failures=true_or_false("report_failures", given["report_failures"]),
            outcome=one_of("outcome", given["outcome"], OUTCOMES),
            problem=given["problem"],
            report=given["report"],
            dry_run=given["dry_run"].lower() == "true",
            matrix=given["matrix"],
            event=environ.get("GITHUB_EVENT_NAME", ""),
        )

    @property
    def proves_nothing(self) -> str:
        """Why this run says nothing of the nightly upload, or ""."""
        if not self.report_failures:
            return "Failures aren't to be reported."
        if self.event.startswith("pull_request"):
            return "This is a pull request's run, which is no nightly one, and those of forks may write no issues."
        if self.dry_run:
            return "This was a dry run."
        if self.outcome == "success" and not self.report:
            return "Nothing was uploaded, as there was no token."
        if self.outcome not in ("success", "failure"):
            return f"The upload was {self.outcome}."
        return ""


def main(argv: Sequence[str]) -> int:
    """Run the command. What hinders the report is a warning: the upload itself is as good or as bad as it was."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return tell(argv, os.environ, runner, Patience())
    except UserError as error:
        if error.exit_code == 2:
            runner.fail(error)
            return 2
        runner.warning(str(error), title="The upload's end isn't reported")
        return 0


def tell(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Bring the issue in line with how the upload ended. Returns 0.

    Raises:
        UserError: an input is wrong, or GitHub can't be spoken to.
    """
    options = Options.parse(argv, environ)
    if options.proves_nothing:
        runner.line(f"{options.proves_nothing} The issue, if there is one, stays as it is.")
        return 0
    job = Job.from_environ(environ)
    if not job.workflow:
        raise bad_input("GITHUB_WORKFLOW_REF", "", "the workflow that runs this, as OWNER/NAME/PATH@REF")
    client = PlainHttp(patience, environ.get("REQUESTS_CA_BUNDLE", ""))
    writer = IssueWriter(client, job.api_url, job.repository, job.token)
    try:
        _follow(writer, options, job, Place.of(job, environ.get("GITHUB_JOB", ""), options.matrix), runner)
    except Unavailable as error:
        raise explain(error) from error
    except HttpError as error:
        raise _refused(explain(error)) from error
    except UserError as error:
        raise _refused(error) from error
    return 0


def _follow(writer: IssueWriter, options: Options, job: Job, place: Place, runner: Runner) -> None:
    author = writer.login()
    problem = None if options.outcome == "success" else problem_of(options)
    known = read_tracked(writer, author, KIND, [place.key] if problem else [])
    ours = sorted((each for each in known if each.marker.key == place.key), key=lambda each: each.issue.number)
    began = since(ours[0] if ours else None, datetime.now(timezone.utc), job.run_id)
    reports = [upload_report(problem, place, job, began)] if problem else []
    plan = sync(reports, ours, KIND, cured=recovery(job))
    if not plan.actions:
        writer.check_permission_now()
        runner.line("There is nothing to change.")
    post(writer, author, plan, runner)


def problem_of(options: Options) -> UserError:
    """Why it failed: as its step said, else as its report has it."""
    return taken_over(options.problem) or unpublished(_rows(options.report)) or UNKNOWN


def _rows(path: str) -> object:
    try:
        return json.loads(Path(path).read_bytes())["files"]
    except (OSError, ValueError, RecursionError, TypeError, KeyError):
        return None


def _refused(error: UserError) -> UserError:
    """The error, with the permission that it takes: GitHub doesn't always name it."""
    wanted = "" if "issues: write" in error.do else "The job needs `issues: write` among its `permissions:`."
    do = " ".join(part for part in (error.do, wanted) if part)
    return UserError(error.what, title=error.title, means=error.means, do=do, more=error.more)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
