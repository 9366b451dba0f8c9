"""What is said of the files that were checked, in the log and in the summary. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nightly.building.records import BuildPlan
from nightly.checking.distributions import Distribution
from nightly.checking.faults import Fault, told
from nightly.checking.rules import SDIST, Subject
from nightly.checking.tag_words import in_words
from nightly.markdown import code, table, text
from nightly.summary import size


@dataclass(frozen=True)
class Checked:
    """All that was found: the files, what they say that they are, what is missing, and what is wrong."""

    found: tuple[Distribution, ...]
    subject: Subject | None
    plan: BuildPlan | None
    missing: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if not fault.warning)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.warning)

    @property
    def version(self) -> str:
        return str(self.subject.version) if self.subject else ""


def headline(checked: Checked) -> str:
    """What was built of which commit, and how much of it is there."""
    what = f"{checked.subject.project} {checked.version}" if checked.subject else "Nothing that can be read"
    return f"{what}{_commit(checked.plan)}: {amount(checked)}"


def amount(checked: Checked) -> str:
    """How many wheels of how many there are, and whether an sdist is."""
    wheels, sdists = _count(checked.found, wheels=True), _count(checked.found, wheels=False)
    sdist = f"{sdists or 'no'} sdist{'s' * (sdists > 1)}"
    if checked.plan is None or not checked.plan.identifiers:
        return f"{wheels} wheel{'s' * (wheels != 1)}, {sdist}"
    planned = len(checked.plan.identifiers)
    there = planned - len([each for each in checked.missing if each != SDIST])
    files = "" if wheels == there else f" (in {wheels} file{'s' * (wheels != 1)})"
    return f"{there} of {planned} wheels{files}, {sdist}"


def file_lines(checked: Checked) -> list[str]:
    """The files, a line each."""
    return [f"  {each.filename}  {in_words(each.tags)}, {size(each.size)}" for each in _sorted(checked.found)]


def problem_list(faults: Iterable[Fault]) -> str:
    """The faults, a paragraph each."""
    return "\n".join(f"- {each.fault.title}: {each.text}" for each in told(faults))


def summary(checked: Checked) -> str:
    """The step's summary: how it ended, what is wrong, and a table of the files."""
    ended = "Not to be published" if checked.errors else "Checked"
    parts = [f"### {ended}: {text(headline(checked))}", _faults("Wrong", checked.errors)]
    parts += [_faults("To be looked at", checked.warnings), _table(checked.found)]
    return "\n\n".join(part for part in parts if part)


def _commit(plan: BuildPlan | None) -> str:
    if plan is None:
        return ""
    described = f" ({plan.describe})" if plan.describe else ""
    return f" of {plan.source_repository} at {plan.source_sha[:12]}{described}"


def _count(found: Iterable[Distribution], *, wheels: bool) -> int:
    return sum(each.is_wheel is wheels for each in found)


def _sorted(found: Iterable[Distribution]) -> list[Distribution]:
    return sorted(found, key=lambda each: each.filename)


def _faults(title: str, faults: Sequence[Fault]) -> str:
    if not faults:
        return ""
    items = [f"- **{text(each.fault.title)}**: {text(each.text)}" for each in told(faults)]
    return "\n".join([f"**{title}:**", "", *items])


def _table(found: Sequence[Distribution]) -> str:
    if not found:
        return ""
    rows = [(code(each.filename), text(in_words(each.tags)), size(each.size)) for each in _sorted(found)]
    return table(("File", "For", "Size"), rows)
