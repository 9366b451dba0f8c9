"""Making the plan of one interpreter: what is needed, met with what the channels offer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nightly.auth import without_passwords
from nightly.downstream.planning.choosing import choose, with_stable
from nightly.downstream.planning.hashing import HashWheel, with_hashes, without_lost
from nightly.downstream.planning.interpreter import Interpreter
from nightly.downstream.planning.needs import Needs, find_needs
from nightly.downstream.planning.request import PlanRequest
from nightly.downstream.planning.resolving import Conflict, Moved, Resolution, Resolved, Resolver
from nightly.downstream.planning.settling import Settled, settle, settle_needed
from nightly.downstream.records.plan import Package, Plan, State
from nightly.downstream.records.snapshot import Offer, Snapshot
from nightly.errors import UserError

FRESH = timedelta(minutes=10)
"""A wheel that isn't there so soon after it was listed is lost. Later it may have been replaced by a newer one."""


class Unsolvable(UserError):
    """What is wanted contradicts itself, with and without nightlies."""


def make_plan(
    request: PlanRequest,
    snapshot: Snapshot,
    interpreter: Interpreter,
    resolver: Resolver,
    now: datetime,
    hash_wheel: HashWheel,
) -> Plan:
    """Choose a nightly of each dependency that the channels have, and leave out what can't be installed with the rest.

    Raises:
        Unsolvable: nothing can be installed, whichever nightlies are left out.
        Moved: a wheel isn't what the snapshot says.
        UserError: the installer, the index or the channel can't be asked.
    """
    planner = Planner(interpreter, resolver, now, hash_wheel)
    return planner.plan(request, find_needs(request, resolver), snapshot)


def wanted_names(request: PlanRequest, needs: Needs) -> tuple[str, ...] | None:
    """The projects that may get a nightly: those that are named, else all that are needed. None where it isn't known.

    It isn't known what a project needs that can be installed with nightlies alone.
    """
    if request.packages:
        return request.named
    return None if isinstance(needs.stable, Conflict) else tuple(each.name for each in needs.stable.packages)


@dataclass(frozen=True)
class Planner:
    """Plans for one interpreter, at the time `now`."""

    interpreter: Interpreter
    resolver: Resolver
    now: datetime
    hash_wheel: HashWheel

    def plan(self, request: PlanRequest, needs: Needs, snapshot: Snapshot) -> Plan:
        """See `make_plan`."""
        chosen = self._chosen(request, wanted_names(request, needs), snapshot)
        try:
            settled = self._settled(request, needs, chosen)
        except Moved:
            found = without_lost(chosen, self.hash_wheel) if self.now - snapshot.taken_at <= FRESH else chosen
            if found == chosen:
                raise
            settled = self._settled(request, needs, found)
        packages = tuple(sorted(settled.packages, key=lambda package: package.name))
        python, platform = self.interpreter.version, self.interpreter.platform
        return Plan(python, platform, snapshot.taken_at, packages, (*needs.notes, *settled.notes))

    def _settled(self, request: PlanRequest, needs: Needs, chosen: Sequence[Package]) -> Settled:
        if isinstance(needs.stable, Conflict):
            return self._needing_nightlies(request, needs, needs.stable, chosen)
        return self._beside(request, needs, needs.stable, chosen)

    def _chosen(self, request: PlanRequest, names: Collection[str] | None, snapshot: Snapshot) -> tuple[Package, ...]:
        """A package for each of these names, else for each project of the channels. What is absent is told if named."""
        offers, tags = _by_project(snapshot.offers), self.interpreter.tags
        asked = offers if names is None else names
        packages = [choose(offers.get(name, ()), name, tags, self.now, request.max_age) for name in asked]
        return tuple(each for each in packages if each.state is not State.ABSENT or each.name in request.named)

    def _beside(self, request: PlanRequest, needs: Needs, stable: Resolution, chosen: Sequence[Package]) -> Settled:
        """Who can be a nightly where all can be stable."""
        resolved = {each.name: each for each in stable.packages}
        told = [_beside_stable(package, resolved.get(package.name), request.force) for package in chosen]
        hashed = with_hashes(told, self.hash_wheel)
        planned = [package for package in hashed if package.is_planned]
        if not planned:
            return Settled(hashed)
        settled = settle(self.resolver, needs.wanted, planned, request.force, stable)
        return replace(settled, packages=(*settled.packages, *(each for each in hashed if not each.is_planned)))

    def _needing_nightlies(
        self, request: PlanRequest, needs: Needs, conflict: Conflict, chosen: Sequence[Package]
    ) -> Settled:
        """A project may need what isn't released yet (`foo>=2.0.dev0`)."""
        planned = [package for package in chosen if package.is_planned]
        found = settle_needed(self.resolver, needs.wanted, planned, request.force)
        if found is None:
            raise _unsolvable(conflict)
        settled, resolution = found
        told = [*settled, *(package for package in chosen if not package.is_planned)]
        needed = {*request.named, *(each.name for each in resolution.packages)}
        kept = [each for each in told if each.name in needed or each.state is State.CAPPED]
        packages = with_hashes(kept, self.hash_wheel)
        return Settled(packages, (f"without nightlies nothing can be installed: {' '.join(conflict.lines[-3:])}",))


def _by_project(offers: Iterable[Offer]) -> Mapping[str, list[Offer]]:
    found: dict[str, list[Offer]] = defaultdict(list)
    for offer in offers:
        found[offer.project].append(offer)
    return dict(found)


def _beside_stable(package: Package, stable: Resolved | None, forced: Collection[str]) -> Package:
    told = with_stable(package, stable.version if stable else None)
    if stable and stable.url and package.is_planned and package.name not in forced:
        reason = f"it's required by URL, which leaves no choice: {without_passwords(stable.url)}"
        return replace(told, state=State.CAPPED, reason=reason)
    return told


def _unsolvable(conflict: Conflict) -> Unsolvable:
    return Unsolvable(
        "\n".join(["The requirements can't be met together, with or without nightlies.", *conflict.lines]),
        title="Cannot install",
        means="Usually a requirement names a version that isn't there, or not for this Python.",
        do="Correct the requirements; they can't be installed in any other way either.",
    )
