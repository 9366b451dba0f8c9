"""Trying again, and knowing when a whole service is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from nightly.http_errors import Unavailable
from nightly.patience import Patience

T = TypeVar("T")


@dataclass
class Breaker:
    """Opens when `limit` files in a row have failed for want of an answer, so that a run ends in minutes, not hours."""

    limit: int
    _failures: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_open(self) -> bool:
        return self._failures >= self.limit

    def answered(self) -> None:
        """The service did for one file what it was asked, or refused it with a reason."""
        with self._lock:
            if not self.is_open:
                self._failures = 0

    def failed(self) -> None:
        """All patience with one file was in vain."""
        with self._lock:
            self._failures += 1


def retrying(unit: Callable[[int], T], patience: Patience) -> T:
    """Do `unit(number of the try, from 1)` again while it is `Unavailable`, as long as patience lasts.

    Raises:
        Unavailable: the last try's.
    """
    deadline = time.monotonic() + patience.file_limit
    tried = 1
    while True:
        try:
            return unit(tried)
        except Unavailable as error:
            wait = patience.wait(tried, error.retry_after)
            if tried >= patience.tries or time.monotonic() + wait > deadline:
                raise
        time.sleep(wait)
        tried += 1
