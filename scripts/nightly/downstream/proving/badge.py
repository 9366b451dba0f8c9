"""The badge of a proof, as https://shields.io/badges/endpoint-badge takes it. Pure."""

from __future__ import annotations

from nightly.downstream.proving.showing import headline
from nightly.downstream.records.proof import Proof
from nightly.json_types import Json


def badge(proof: Proof | None) -> Json:
    """Green where all that is needed is nightly, red where nothing is; None is what isn't known."""
    if proof is None:
        return _endpoint("unknown", "lightgrey")
    if not proof.needed:
        return _endpoint("no dependency installed", "lightgrey")
    color = "brightgreen" if len(proof.nightlies) == len(proof.needed) else "yellow" if proof.holds else "red"
    return _endpoint(headline(proof), color)


def _endpoint(message: str, color: str) -> Json:
    return {"schemaVersion": 1, "label": "nightlies", "message": message, "color": color}
