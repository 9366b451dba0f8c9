"""Which of the chosen nightlies can be installed together, and who keeps out the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packaging.version import InvalidVersion, Version

from nightly.downstream.planning.blaming import Blame, blamed
from nightly.downstream.planning.resolving import Conflict, Resolution, Resolver, Unbuildable, Wanted
from nightly.downstream.records.plan import Package, State


@dataclass(frozen=True)
class Settled:
    """The chosen packages, each NIGHTLY, FORCED or CAPPED, in the same order; and notes for a plan."""

    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()


def settle(
    resolver: Resolver, wanted: Wanted, chosen: Sequence[Package], forced: Collection[str], stable: Resolution
) -> Settled:
    """Leave out what can't be installed with the rest; what is `forced` stays in, whoever caps it.

    `stable` is what `resolver.resolve(wanted, ())` returned; what isn't in it can't be in the way, and stays as it is.
    A nightly that makes the installer take another package back stays too, and that is noted. The resolver is run once
    where nobody is in the way, twice where one cap is, and never twice for the same nightlies.

    Raises:
        UserError: as `Resolver.resolve`, but for what can't be built: that's a conflict if `stable` can be installed.
    """
    needed = tuple(package for package in chosen if stable.version_of(package.name) is not None)
    settling = _Settling(resolver, wanted, frozenset(forced), stable)
    settled, found = settling.completed(needed, *settling.unblamed(needed))
    by_name = {package.name: package for package in settled}
    packages = tuple(by_name.get(package.name, package) for package in chosen)
    return Settled(packages, tuple(_taken_back(stable, found, packages)))


def settle_needed(
    resolver: Resolver, wanted: Wanted, chosen: Sequence[Package], forced: Collection[str]
) -> tuple[tuple[Package, ...], Resolution] | None:
    """The same where nothing can be installed without nightlies: with it what would be installed with those that stay.

    None where nothing can be installed with nightlies either, as far as the installer's words lead.

    Raises:
        UserError: as `Resolver.resolve`, but for what can't be built: that's a conflict.
    """
    settling = _Settling(resolver, wanted, frozenset(forced), Resolution(()))
    kept, found = settling.unblamed(chosen)
    return settling.completed(chosen, kept, found) if kept else None


@dataclass(frozen=True)
class _Settling:
    """Asks a resolver with fewer nightlies, and then with more; `_answers` are those that it has given."""

    resolver: Resolver
    wanted: Wanted
    forced: frozenset[str]
    stable: Resolution
    _answers: dict[frozenset[Package], Resolution | Conflict] = field(default_factory=dict)

    def unblamed(self, packages: Sequence[Package]) -> tuple[Sequence[Package], Resolution]:
        """Those that can be installed without whom the installer's words blame; none where they blame nobody."""
        while packages:
            answer = self._ask(packages)
            if isinstance(answer, Resolution):
                return packages, answer
            found = blamed(answer.demands, packages, self.stable)
            after = [self._after(package, found) for package in packages] if found else []
            packages = [package for package in after if package.is_planned]
        return (), self.stable

    def completed(
        self, packages: Sequence[Package], kept: Sequence[Package], found: Resolution
    ) -> tuple[tuple[Package, ...], Resolution]:
        """All packages as they end, of which those kept resolve to what was found."""
        names = {package.name for package in kept}
        settled, found = self._with_more(kept, [each for each in packages if each.name not in names], found)
        by_name = {package.name: package for package in settled}
        return tuple(by_name[package.name] for package in packages), found

    def _with_more(
        self, kept: Sequence[Package], left: Sequence[Package], found: Resolution
    ) -> tuple[Sequence[Package], Resolution]:
        """Add one after the other who can be beside those kept: who was in the way may be left out by now.

        As long as one comes, the others are tried again, for it may be what they lack.
        """
        more, out = [*kept], dict[Package, Package]()
        for package in left:
            after, answer = self._added(more, package, found)
            if answer is None:
                out[package] = after
            else:
                more, found = [*more, after], answer
        if out and len(more) > len(kept):
            return self._with_more(more, tuple(out), found)
        return [*more, *out.values()], found

    def _added(
        self, kept: Sequence[Package], package: Package, before: Resolution
    ) -> tuple[Package, Resolution | None]:
        """The package as it is beside those kept, which resolve to `before`, and to what all of them resolve."""
        answer = self._ask([*kept, package])
        if isinstance(answer, Resolution):
            return package, answer
        found = blamed(answer.demands, [package], before)
        after = self._after(package, found) if found else self._unexplained(package, answer)
        return self._added(kept, after, before) if after.is_planned else (after, None)

    def _ask(self, packages: Sequence[Package]) -> Resolution | Conflict:
        key = frozenset(packages)
        if key not in self._answers:
            self._answers[key] = self._resolved(packages)
        return self._answers[key]

    def _resolved(self, packages: Sequence[Package]) -> Resolution | Conflict:
        try:
            return self.resolver.resolve(self.wanted, packages)
        except Unbuildable as error:
            return Conflict(tuple(error.what.splitlines()))

    def _after(self, package: Package, found: Mapping[str, Blame]) -> Package:
        """The package as it is after this blame."""
        blame = found.get(package.name)
        if blame is None:
            return package
        if blame.is_cap and package.name in self.forced:
            return self._forced(package, f"{blame.reason}; forced all the same", blame.by)
        return replace(package, state=State.CAPPED, reason=blame.reason, capped_by=blame.by, requirements=())

    def _unexplained(self, package: Package, conflict: Conflict) -> Package:
        reason = f"it can't be installed with the rest: {' '.join(' '.join(conflict.lines[-3:]).split())}"
        if package.name in self.forced and package.state is State.NIGHTLY:
            return self._forced(package, f"{reason}; forced all the same", None)
        return replace(package, state=State.CAPPED, reason=reason, requirements=())

    def _forced(self, package: Package, reason: str, by: str | None) -> Package:
        """With the extras that are required. What is in `stable` is required here, whichever markers say so."""
        extras = next((each.extras for each in self.stable.packages if each.name == package.name), ())
        requirement = f"{package.name}[{','.join(extras)}]" if extras else package.name
        return replace(package, state=State.FORCED, reason=reason, capped_by=by, requirements=(requirement,))


def _taken_back(stable: Resolution, found: Resolution, packages: Sequence[Package]) -> list[str]:
    """What the installer takes an older version of than without nightlies."""
    planned = {package.name: package for package in packages if package.is_planned}
    allowed = ", ".join(f"{package.name} {package.version}" for package in planned.values())
    notes = []
    for before in stable.packages:
        after = found.version_of(before.name)
        if after is not None and before.name not in planned and _is_older(after, before.version):
            notes.append(f"{before.name} goes back from {before.version} to {after}, so as to allow {allowed}")
    return notes


def _is_older(one: str, other: str) -> bool:
    try:
        return Version(one) < Version(other)
    except InvalidVersion:
        return False
