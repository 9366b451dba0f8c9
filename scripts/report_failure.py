"""Open one issue when a workflow fails, and close it when it succeeds again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from nightly.actions import Runner
from nightly.errors import UserError, bad_input
from nightly.failures import KIND, Results, failed, failure_report, read_results, recovery, succeeded
from nightly.github.api import GitHubWriter
from nightly.github.explain import explain
from nightly.github.job import Job
from nightly.http import Http
from nightly.http_errors import HttpError
from nightly.issues import Sync, sync
from nightly.options import Input, parse_inputs
from nightly.patience import Patience
from nightly.posting import post
from nightly.tracker import read_tracked

INPUTS = (Input("needs", "", "The results of the jobs to report on, as toJSON(needs) gives them."),)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    try:
        return tell(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        return error.exit_code


def tell(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Bring the issue in line with how the jobs ended. Returns 1 if that failed.

    Raises:
        UserError: an input is wrong, or GitHub can't be spoken to.
    """
    results = read_results(parse_inputs("report-failure", str(__doc__), INPUTS, argv, environ)["needs"])
    job = Job.from_environ(environ)
    if not job.workflow:
        raise bad_input("GITHUB_WORKFLOW_REF", "", "the workflow that runs this, as OWNER/NAME/PATH@REF")
    if not failed(results) and not succeeded(results):
        runner.line("Nothing failed, but not all of it was tried: the issue, if there is one, stays as it is.")
        return 0
    writer = GitHubWriter(Http(patience), job.api_url, job.repository, job.token)
    try:
        author = writer.login()
        plan = _plan(writer, author, results, job)
    except HttpError as error:
        raise explain(error) from error
    if not plan.actions:
        runner.line("There is nothing to change.")
    return 1 if any(outcome.error for outcome in post(writer, author, plan, runner)) else 0


def _plan(writer: GitHubWriter, author: str, results: Results, job: Job) -> Sync:
    """Only of this workflow's issue: the others' are theirs."""
    reports = [failure_report(results, job)] if failed(results) else []
    known = read_tracked(writer, author, KIND, [report.key for report in reports])
    ours = [each for each in known if each.marker.key == job.workflow]
    return sync(reports, ours, KIND, cured=recovery(job))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
