"""Whether a workflow's jobs failed, and what to say of it in an issue. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nightly import markdown
from nightly.errors import UserError
from nightly.github.job import Job
from nightly.issues import Report

KIND = "failure"

# A job that took longer than its limit ends as cancelled. Where a person cancels the run, nothing is reported.
_FAILED = frozenset({"failure", "cancelled"})
_RESULTS = _FAILED | {"success", "skipped"}

Results = Mapping[str, str]
"""Each job's result, as GitHub calls it."""


def read_results(needs: str) -> Results:
    """Read `toJSON(needs)`.

    Raises:
        UserError: that's not what it is.
    """
    try:
        # A job that was never started, as one with an empty matrix, may have no result at all.
        results = {name: str(job["result"]) or "skipped" for name, job in json.loads(needs).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        results = {}
    if not results or not set(results.values()) <= _RESULTS:
        raise UserError(
            "The input 'needs' doesn't hold the results of jobs.",
            title="Bad input",
            do="Write needs: ${{ toJSON(needs) }}, in a job that needs the jobs to report on.",
            exit_code=2,
        )
    return results


def failed(results: Results) -> tuple[str, ...]:
    """The names of the jobs that failed."""
    return tuple(sorted(name for name, result in results.items() if result in _FAILED))


def succeeded(results: Results) -> bool:
    """Whether all did. What was skipped wasn't proved to work."""
    return set(results.values()) == {"success"}


def failure_report(results: Results, job: Job) -> Report:
    """What to say of a run in which jobs have failed."""
    names = ", ".join(markdown.code(name) for name in failed(results))
    run = f"[The last run that failed]({job.run_url})"
    table = markdown.table(["job", "result"], [(markdown.code(name), result) for name, result in results.items()])
    where = f" on the branch {markdown.code(job.branch)}" if job.branch else ""
    return Report(
        key=job.workflow,
        title=f"The workflow {job.workflow.rpartition('/')[2]} fails",
        body=f"{run}{where} failed in {names}.\n\n{table}\n\n{_WHAT_NOW}",
        state=", ".join(failed(results)),
        news=f"It fails in {names} now: [the run]({job.run_url}).",
    )


def recovery(job: Job) -> str:
    """With what the issue is closed."""
    return f"[This run]({job.run_url}) succeeded."


_WHAT_NOW = (
    "The summary of that run says what went wrong, and what to do. Each further run that fails is linked here instead, "
    "without a notification, and the next one that succeeds closes this issue. Who closes it by hand hears of it again "
    "when other jobs fail, or after a success."
)
