"""Which files of a channel stay and which go, why, and when. Pure: the files, the policy and the time say it all.

Each file is decided for itself, as a version may lose one platform and keep the others (arrow#40216). What can't be
decided is held: unknown is not old.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from operator import attrgetter

from packaging.utils import canonicalize_name

import ruling
from competing import Candidate, Outside, Reading, read, stream_of
from forecast import Turn, total_size, turns
from moments import NEVER, SECOND, moment_of, time_of
from nightly.channel import RemoteFile
from ranking import Standing
from reasons import Figures, spell
from rules import Exemption, Policy, Rules

_ORDER = attrgetter("version", "filename", "handle")


class Verdict(str, Enum):
    """What becomes of a file: the policy keeps it; or it can't, but something holds the file; or the file goes."""

    KEEP = "keep"
    HOLD = "hold"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Decision:
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
    projects: defaultdict[str, list[RemoteFile]] = defaultdict(list)
    for file in files:
        projects[canonicalize_name(file.project)].append(file)
    scope = frozenset(labels)
    ordered = ((project, sorted(projects[project], key=_ORDER)) for project in sorted(projects))
    return tuple(each for project, own in ordered for each in _project(project, own, policy, moment, scope))


def _project(
    project: str, files: Sequence[RemoteFile], policy: Policy, now: int, scope: frozenset[str]
) -> Iterator[Decision]:
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
    judge = _Judge(
        rules, now, first, _merged(first, *later), total_size([*outside, *(each.file for each in candidates)])
    )
    standing = {each.candidate.number: each for each in first.standings}
    for each in seen:
        if isinstance(each, Outside):
            yield Decision(each.file, Verdict.HOLD, each.rule, each.figures)
        elif each.number in standing:
            yield judge.judged(standing[each.number])
        else:
            yield judge.ahead(each)


def _merged(*all_turns: Turn) -> dict[int, float]:
    return {number: at for turn in all_turns for number, at in turn.goes_at.items()}


@dataclass(frozen=True)
class _Judge:
    """Decides of a project's files one by one: `goes_at` is the forecast, `size` the project's bytes before it."""

    rules: Rules
    now: int
    first: Turn
    goes_at: Mapping[int, float]
    size: int

    def judged(self, standing: Standing) -> Decision:
        """Decide by where a file stands."""
        goes_at = self.goes_at.get(standing.candidate.number, NEVER)
        verdict, (rule, figures) = self._ruling(standing, goes_at)
        return Decision(standing.candidate.file, verdict, rule, figures, time_of(goes_at))

    def _ruling(self, standing: Standing, goes_at: float) -> tuple[Verdict, ruling.Ruling]:
        if goes_at > self.now:
            if standing.policy_end > self.now:
                return Verdict.KEEP, ruling.within(standing, self.rules, self.now)
            return Verdict.HOLD, ruling.held(standing, self.rules, self.now)
        if standing.candidate.number in self.first.squeezed:
            return Verdict.DELETE, ruling.squeezed(standing, self.rules, self.now, self.size)
        return Verdict.DELETE, ruling.beyond(standing, self.rules, self.now)

    def ahead(self, candidate: Candidate) -> Decision:
        """Hold a file that can't have come yet."""
        ahead = {"ahead_seconds": -((self.now - candidate.time) // SECOND)}
        goes_at = time_of(self.goes_at.get(candidate.number, NEVER))
        return Decision(candidate.file, Verdict.HOLD, "future-time", ahead, goes_at)
