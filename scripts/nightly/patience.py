"""How long to be patient with a service."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Patience:
    """How often and how long to try. All times are in seconds.

    `first_wait` doubles from try to try up to `longest_wait`, and `file_limit` ends the tries at one file.
    `connect` is how long a server may take to answer the phone, `silence` how long it may say nothing, and `answer`
    how long one answer of an API may take in all, for a server that drips bytes would stretch it for ever.
    `index_lag` is how long an index may be behind its API. A service is down when `failures_in_a_row` files have
    failed for want of an answer.
    """

    tries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 30.0
    file_limit: float = 600.0
    connect: float = 10.0
    silence: float = 60.0
    answer: float = 120.0
    index_lag: float = 60.0
    failures_in_a_row: int = 3

    @property
    def stubborn(self) -> Patience:
        """For what can't be left undone: putting back bytes that are nowhere else."""
        return replace(self, tries=4 * self.tries, file_limit=3 * self.file_limit)

    def wait(self, tried: int, retry_after: float | None) -> float:
        """How long to wait after so many tries: jittered, and never less than the server asked for."""
        jitter = random.uniform(0.5, 1)  # noqa: S311 - spreads load, keeps no secret
        backoff: float = min(self.longest_wait, self.first_wait * 2.0 ** (tried - 1)) * jitter
        return max(backoff, retry_after or 0.0)
