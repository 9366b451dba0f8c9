"""A progress bar for a person at a terminal."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, field
from typing import TextIO

_REDRAW = 0.1


@dataclass
class Bar:
    """How much of `total` bytes has been sent, in the terminal's last line. Used by several threads.

    Bytes that are sent again are counted again, so the bar never goes past its end but may wait there.
    """

    stream: TextIO
    total: int
    _sent: int = 0
    _drawn: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, amount: int) -> None:
        """Count bytes, and draw now and then."""
        with self._lock:
            self._sent = min(self.total, self._sent + amount)
            if time.monotonic() - self._drawn > _REDRAW:
                self._drawn = time.monotonic()
                self._draw()

    def clear(self) -> None:
        """Give the line back."""
        with self._lock:
            self.stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
            self.stream.flush()

    def _draw(self) -> None:
        width = max(10, min(50, shutil.get_terminal_size().columns - 20))
        share = self._sent / self.total if self.total else 1.0
        done = round(width * share)
        self.stream.write(f"\r[{'#' * done}{'.' * (width - done)}] {share:4.0%}")
        self.stream.flush()
