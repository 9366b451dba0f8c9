"""Which files of a channel stay and which go, why, and when. Pure: the files, the policy and the time say it all.

Each file is decided for itself, as a version may lose one platform and keep the others (arrow#40216). What can't be
decided is held: unknown is not old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from packaging.utils import canonicalize_name

from competing import Candidate, Outside, Reading, read, stream_of
from forecast import total_size, turns
from moments import NEVER, moment_of, time_of
from nightly.channel import RemoteFile
from ranking import Standing
from reasons import Figures, spell
from rules import Exemption, Policy, Rules
from ruling import Judge, Verdict

__all__ = ["Decision", "Verdict", "decide"]

_ORDER = attrgetter("version", "filename", "handle")


class Decision(NamedTuple):
    """What becomes of a file, by which rule (a name in `reasons.RULES`), and the figures the rule was applied to.

    `goes_at` (UTC) is the first moment at which the file would go if nothing new came: the time of the decision for
    what goes now, None for what never does.
    """

    file: RemoteFile
    verdict: Verdict
    rule: str
    figures: Figures
    goes_at: datetime | None = None

    @property
    def reason(self) -> str:
        """Why, in one readable line."""
        return spell(self.rule, self.figures)


def decide(
    files: Iterable[RemoteFile], policy: Policy, now: datetime, labels: Collection[str] = ()
) -> tuple[Decision, ...]:
    """Decide for every file of a channel, or of one project; ordered by project, version and file name.

    `now` is aware, and one for the whole run. `labels` are those that the cleanup is for: a file with none of them, or
    with another one too, is held.
    """
    moment = moment_of(now)
    if moment is None:
        raise ValueError("now has to say where its clock is")
    scope = frozenset(labels)
    projects = sorted(_by_project(files).items())
    return tuple(each for project, own in projects for each in _project(project, own, policy, moment, scope))


def _by_project(files: Iterable[RemoteFile]) -> dict[str, list[RemoteFile]]:
    """The files of each project, whose name may be spelled in several ways (PEP 503)."""
    spelled: defaultdict[str, list[RemoteFile]] = defaultdict(list)
    for file in files:
        spelled[file.project].append(file)
    projects: defaultdict[str, list[RemoteFile]] = defaultdict(list)
    for spelling, own in spelled.items():
        projects[canonicalize_name(spelling)] += own
    return projects


def _project(
    project: str, files: Sequence[RemoteFile], policy: Policy, now: int, scope: frozenset[str]
) -> Iterator[Decision]:
    files = sorted(files, key=_ORDER)
    if exemption := policy.exemption_of(project):
        return (_exempt(file, exemption) for file in files)
    rules = policy.rules_of(project)
    reading = Reading(policy.pins_of(project), scope, stream_of(rules.streams))
    return _decisions(list(read(files, reading)), rules, now)


def _exempt(file: RemoteFile, exemption: Exemption) -> Decision:
    return Decision(file, Verdict.HOLD, "exempt", {"project": exemption.project, "reason": exemption.reason})


def _decisions(seen: Sequence[Candidate | Outside], rules: Rules, now: int) -> Iterator[Decision]:
    candidates = [each for each in seen if isinstance(each, Candidate)]
    outside = [each.file for each in seen if isinstance(each, Outside) and each.counts]
    first, *later = turns(candidates, rules, now, total_size(outside))
    goes_at = {number: at for turn in (first, *later) for number, at in turn.goes_at.items()}
    standings = {each.candidate.number: each for each in first.standings}
    size = total_size([*outside, *(each.file for each in candidates)])
    judge = Judge(rules, now, size, first.squeezed)
    for each in seen:
        if isinstance(each, Outside):
            yield Decision(each.file, Verdict.HOLD, each.rule, each.figures)
        else:
            yield _judged(each, standings.get(each.number), goes_at.get(each.number, NEVER), judge)


def _judged(candidate: Candidate, standing: Standing | None, goes_at: float, judge: Judge) -> Decision:
    verdict, (rule, figures) = judge.rule(standing, goes_at) if standing else judge.ahead(candidate.time)
    return Decision(candidate.file, verdict, rule, figures, time_of(goes_at))
