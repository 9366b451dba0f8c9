"""Telling reports where they belong, within what one run may open, and remembering how it went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from desks import Desk
from nightly.actions import Runner
from nightly.errors import UserError
from nightly.github.explain import explain
from nightly.http_errors import HttpError, Unavailable
from nightly.issues import AT_MOST, Report, Step, Tracked, sync
from nightly.tracker import Outcome

_CURED = "This is over, or is told elsewhere: there is nothing to report here any more."
_LOUD = (Step.OPEN, Step.REOPEN)


class Telling:
    """What is told in one run. Of `unknown` keys nothing can be said this time: their issues are left alone."""

    def __init__(self, unknown: Collection[str], runner: Runner, at_most: int = AT_MOST) -> None:
        self.urls: dict[str, str] = {}
        self.failed = False
        self._unknown = unknown
        self._runner = runner
        self._left = at_most

    def tell(self, desk: Desk, reports: Sequence[Report], known: Sequence[Tracked]) -> None:
        """Bring a desk's issues in line with the reports.

        Raises:
            UserError: the token doesn't allow it.
        """
        plan = sync(reports, known, desk.kind, unknown=self._unknown, cured=_CURED, at_most=self._left)
        self._left -= sum(action.step in _LOUD for action in plan.actions)
        self.urls |= {each.marker.key: each.issue.url for each in known if each.issue.is_open}
        for outcome in desk.carry_out(plan):
            self._note(outcome)

    def tell_there(
        self, reports: Mapping[str, Sequence[Report]], open_desk: Callable[[str], Desk]
    ) -> tuple[Report, ...]:
        """Tell each repository its own. Returns what repositories have refused to be told."""
        return tuple(report for where, own in reports.items() for report in self._try(where, own, open_desk))

    def _try(self, repository: str, reports: Sequence[Report], open_desk: Callable[[str], Desk]) -> Sequence[Report]:
        try:
            desk = open_desk(repository)
            self.tell(desk, reports, desk.known([report.key for report in reports]))
        except Unavailable as error:
            self.failed = True
            self._runner.error(f"{repository}: {explain(error)}", title="Not told")
        except (HttpError, UserError) as error:
            reason = explain(error) if isinstance(error, HttpError) else error
            self._runner.warning(f"{repository} can't be told, so it's told here. {reason}", title="Told here")
            return reports
        return ()

    def _note(self, outcome: Outcome) -> None:
        if outcome.error:
            self.failed = True
        else:
            self.urls[outcome.action.marker.key] = outcome.url
