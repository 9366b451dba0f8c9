"""Planning one cell from the snapshot, and once more when the channel has moved since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nightly.downstream.planning.hashing import HashWheel
from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.making import make_plan
from nightly.downstream.planning.request import PlanRequest
from nightly.downstream.planning.resolving import Resolver
from nightly.downstream.planning.taking import Source, take_snapshot
from nightly.downstream.records.plan import Plan
from nightly.downstream.records.snapshot import Snapshot


@dataclass(frozen=True)
class CellPlanner:
    """Plans for one interpreter; `now` tells the time."""

    request: PlanRequest
    snapshot: Snapshot
    sources: Sequence[Source]
    interpreter: Interpreter
    resolver: Resolver
    hash_wheel: HashWheel
    now: Callable[[], datetime]

    def plan(self) -> Plan:
        """The plan.

        Raises:
            UserError: as `make_plan`.
        """
        return make_plan(self.request, self.snapshot, self.interpreter, self.resolver, self.now(), self.hash_wheel)

    def renewed(self, projects: Collection[str] | None) -> CellPlanner:
        """The same with what the channels offer now of these projects, or of all.

        Raises:
            UserError: a channel can't be read.
        """
        taken = take_snapshot(self.sources, projects, self.now())
        return replace(self, snapshot=merged(self.snapshot, taken, projects))


def merged(old: Snapshot, new: Snapshot, projects: Collection[str] | None) -> Snapshot:
    """The old snapshot, with the new one's offers of these projects in place of its own."""
    others = [offer for offer in old.offers if projects is not None and offer.project not in projects]
    return replace(new, offers=(*others, *new.offers))


def moved(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    """The planned packages whose wheel isn't offered any more, or has another hash by now."""
    hashes = {offer.url: offer.sha256 for offer in snapshot.offers}
    return tuple(each.name for each in plan.planned if hashes.get(each.url or "", "") not in (each.sha256, None))
