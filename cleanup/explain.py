"""Why the files of a project stay or go, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from packaging.utils import canonicalize_version

from nightly.errors import UserError, bad_input
from plan_summary import minute
from quantities import spell_duration
from retention import Decision, Verdict

_LATEST = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Subject:
    """What is asked about: a project, and of it a version or a file, or all if `part` is empty."""

    project: str
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read `PROJECT`, `PROJECT==VERSION`, `PROJECT==FILE`, or `FILE`, which begins with its project's name.

        Raises:
            UserError: there's no project in it.
        """
        project, _, part = (each.strip() for each in text.partition("=="))
        if not part and "-" in project and project.endswith((".whl", ".tar.gz", ".zip")):
            project, part = project.partition("-")[0], project
        if not project:
            raise bad_input("project", text, "PROJECT, PROJECT==VERSION, PROJECT==FILE or FILE")
        return cls(project, part)

    def chosen(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        """The decisions that are asked about, the newest file's first.

        Raises:
            UserError: there are none.
        """
        found = sorted((each for each in decisions if self._covers(each)), key=_newness, reverse=True)
        if not found:
            raise UserError(
                f"The channel has no {self.part or 'file'} of {self.project}.",
                title="Nothing to explain",
                do="Correct the name; without a version or file, all of a project's files are explained.",
                exit_code=2,
            )
        return tuple(found)

    def _covers(self, decision: Decision) -> bool:
        versions = (canonicalize_version(decision.file.version), decision.file.version)
        return not self.part or self.part == decision.file.filename or canonicalize_version(self.part) in versions


def explanation(decision: Decision, now: datetime) -> Iterator[str]:
    """What becomes of a file, why, and when, as lines."""
    yield decision.file.filename
    yield f"  {decision.verdict.value}, by the rule {decision.rule}: {decision.reason}"
    yield f"  {_when(decision, now)}"


def _when(decision: Decision, now: datetime) -> str:
    if decision.verdict is Verdict.DELETE:
        return "It goes at the next cleanup."
    if decision.goes_at is None:
        last = " While nothing newer comes, a project's last files stay." if decision.verdict is Verdict.KEEP else ""
        return f"As things are, it never goes.{last}"
    wait = spell_duration(int((decision.goes_at - now).total_seconds()))
    return f"If nothing new comes, it goes at the first cleanup after {minute(decision.goes_at)}, in {wait}."


def _newness(decision: Decision) -> tuple[datetime, str]:
    return decision.file.uploaded_at or _LATEST, decision.file.filename
