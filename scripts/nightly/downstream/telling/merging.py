"""What was proved in several cells as one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.downstream.records.result import CellResult

_WORST_FIRST = (ProofState.NOT_NIGHTLY, ProofState.NIGHTLY, ProofState.NOT_NEEDED)
"""What isn't needed in one cell says nothing of another where it is."""


def merged_proof(results: Iterable[CellResult]) -> Proof:
    """The worst that was found of each package, in all cells that tell."""
    proofs = [result.proof for result in results if result.proof is not None]
    worst: dict[str, Proved] = {}
    for package in (package for proof in proofs for package in proof.packages):
        known = worst.get(package.name)
        if known is None or _rank(package) < _rank(known):
            worst[package.name] = package
    environments = dict.fromkeys(path for proof in proofs for path in proof.environments)
    return Proof(tuple(environments), tuple(worst[name] for name in sorted(worst)))


def proved_words(proof: Proof | None) -> str:
    """How many nightlies were really there, of those that were needed: "5 of 6". Nothing where nothing is known."""
    return f"{len(proof.nightlies)} of {len(proof.needed)}" if proof and proof.needed else ""


def _rank(package: Proved) -> int:
    return _WORST_FIRST.index(package.state)
