"""What the channels offered at one moment. Pure.

One job takes it and every cell of the matrix plans from it, so that all test the same night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Offer:
    """A wheel that a channel offers.

    `project` is normalised (PEP 503), `version` as the file's name has it, `channel` the URL of the index. `sha256`
    and `uploaded_at` (UTC) are None where the channel doesn't tell.
    """

    project: str
    version: str
    filename: str
    url: str
    sha256: str | None
    uploaded_at: datetime | None
    channel: str


@dataclass(frozen=True)
class Snapshot:
    """All that the channels offered, the channels in the order in which they are asked."""

    taken_at: datetime
    channels: tuple[str, ...]
    offers: tuple[Offer, ...]

    @property
    def projects(self) -> frozenset[str]:
        """The projects that are offered."""
        return frozenset(offer.project for offer in self.offers)


@dataclass(frozen=True)
class Trouble:
    """Why there is no snapshot: the channels couldn't be read. `message` is what was said of it."""

    message: str
