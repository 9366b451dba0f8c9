"""Whether a nightly upload failed, and what to say of it in an issue. Pure."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

from nightly import markdown
from nightly.error_text import explained
from nightly.errors import UserError
from nightly.github.job import Job
from nightly.issues import Report, Tracked
from nightly.marker import CURED, without_marker

KIND = "upload"

UNKNOWN = UserError(
    "The step ended without saying why.",
    title="It ended without saying why",
    do="Look at the end of its log.",
)

_FILES_SHOWN = 10
_LONGEST_REASON = 600
_SINCE = re.compile(r"<!-- failing since=([0-9T:+-]{25}) run=([0-9]{1,20}) -->")


@dataclass(frozen=True)
class Since:
    """When it began to fail, in UTC to the second, and the id of the run that did first."""

    moment: datetime
    run_id: int

    def __str__(self) -> str:
        moment = self.moment.astimezone(timezone.utc).replace(microsecond=0)
        return f"<!-- failing since={moment.isoformat()} run={self.run_id} -->"


@dataclass(frozen=True)
class Place:
    """Whose uploads an issue is about: a job of a workflow, and of a job with a matrix one part of it.

    A part that succeeds says nothing of the others, so each has an issue of its own. `matrix` is JSON, "" for none.
    """

    workflow: str
    job: str
    matrix: str

    @classmethod
    def of(cls, job: Job, name: str, matrix: str) -> Place:
        """The place of the job of that name, and of that part of its matrix as toJSON gives it."""
        try:
            parsed = json.loads(matrix)
        except (ValueError, RecursionError):
            parsed = None
        return cls(job.workflow, name, json.dumps(parsed, ensure_ascii=False, sort_keys=True) if parsed else "")

    @property
    def key(self) -> str:
        return "#".join(part for part in (self.workflow, self.job, self.matrix) if part)

    @property
    def markdown(self) -> str:
        which = " ".join(markdown.code(part) for part in (self.job, self.matrix) if part)
        file = markdown.code(self.workflow.rpartition("/")[2])
        return f"the job {which} of {file}" if which else file


def unpublished(rows: object) -> UserError | None:
    """What to say of the files that a report has as failed, or None where it has none."""
    every = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    failed = [row for row in every if row.get("state") == "failed"]
    if not failed:
        return None
    lines = [f"{row.get('filename')}: {str(row.get('reason'))[:_LONGEST_REASON]}" for row in failed[:_FILES_SHOWN]]
    more = [f"and {len(failed) - _FILES_SHOWN} more"] if len(failed) > _FILES_SHOWN else []
    count = "No wheel was" if len(failed) == len(every) else "Some wheels weren't"
    return UserError(
        "\n".join([*lines, *more]),
        title=f"{count} published",
        means=f"{len(failed)} of {len(every)} wheels aren't on the channel as they should be; the others are.",
        do="Do what is said behind each; a rerun sends what is missing.",
    )


def since(issue: Tracked | None, now: datetime, run_id: int) -> Since:
    """Since when it fails: as its issue has it, unless that was over."""
    body = without_marker(issue.issue.body) if issue and issue.marker.state != CURED else ""
    if match := _SINCE.match(body):
        with suppress(ValueError):
            return Since(datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S%z"), int(match[2]))
    return Since(now, run_id)


def upload_report(problem: UserError, place: Place, job: Job, began: Since) -> Report:
    """What to say of a run whose upload failed."""
    first = f"[{began.moment:%Y-%m-%d %H:%M} UTC]({job.page_of(began.run_id)})"
    branch = f" on the branch {markdown.code(job.branch)}" if job.branch else ""
    where = f"The upload in {place.markdown} fails since {first}, last in [this run]({job.run_url}){branch}."
    sections = (str(began), where, f"### {markdown.text(problem.title)}", explained(problem), _WHAT_NOW)
    return Report(
        key=place.key,
        title=f"The nightly upload fails: {problem.title}",
        body="\n\n".join(sections),
        state=_gist(problem),
        news=f"[It fails]({job.run_url}): **{markdown.text(problem.title)}**. {markdown.text(problem.do)}".rstrip(),
    )


def _gist(problem: UserError) -> str:
    """The plain words: file names, addresses, hashes and numbers differ from night to night."""
    said = f"{problem.title} {problem.what} {problem.means}".split()
    words = (word.strip(".,:;()'\"") for word in said)
    return " ".join(sorted({word for word in words if word.isalpha()}))


_WHAT_NOW = (
    "The summary of that run says more. Until it is mended, who installs from the channel gets older wheels. Each "
    "further run that fails is linked here instead, without a notification; a comment tells when it fails in another "
    "way; the next upload that succeeds closes this issue. Who closes it by hand hears of it again when it fails in "
    "another way, or after a success."
)
