"""Which of the chosen nightlies can be installed together, and who keeps out the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nightly.downstream.planning.plan import Package
from nightly.downstream.planning.resolving import Resolution, Resolver, Wanted


@dataclass(frozen=True)
class Settled:
    """The chosen packages, each NIGHTLY, FORCED or CAPPED, in the same order; and notes for a plan."""

    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()


def settle(
    resolver: Resolver, wanted: Wanted, chosen: Sequence[Package], forced: Collection[str], stable: Resolution
) -> Settled:
    """Leave out what can't be installed with the rest; what is `forced` stays in, whoever caps it.

    `stable` is what `resolver.resolve(wanted, ())` returned. The resolver is run at most once for each chosen package,
    and twice more.

    Raises:
        UserError: as `Resolver.resolve`.
    """
    raise NotImplementedError
