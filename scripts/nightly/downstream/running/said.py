"""What commands say: all of it to our log as it comes, the first and the last of it to a file too.

Its last lines are for whoever ran the command.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from nightly.actions import printable

Tell = Callable[[str], None]

_LONGEST_LINE = 16_384
_TAIL_LINES = 400


class KeptLog:
    """The first and the last of many lines, in a file; both limits are in characters."""

    def __init__(self, path: Path, first: int = 1024 * 1024, last: int = 4 * 1024 * 1024) -> None:
        self._path = path
        self._room_first, self._room_last = first, last
        self._first, self._last = list[str](), deque[str]()
        self._left_out = 0

    def add(self, line: str) -> None:
        """Keep a line. The first ones stay, of the others the oldest go."""
        if not self._last and self._room_first > len(line):
            self._first.append(line)
            self._room_first -= len(line) + 1
            return
        self._last.append(line)
        self._room_last -= len(line) + 1
        while self._room_last < 0 and self._last:
            self._room_last += len(self._last.popleft()) + 1
            self._left_out += 1

    def save(self) -> None:
        """Write the file anew."""
        gap = [f"[{self._left_out} lines are left out here]"] * bool(self._left_out)
        text = "".join(f"{line}\n" for line in [*self._first, *gap, *self._last])
        self._path.write_text(text, encoding="utf-8", errors="replace", newline="\n")


class Relay(threading.Thread):
    """Reads a pipe to its end: nobody who writes to it is held up. Lines are told of until `finish`."""

    def __init__(self, pipe: int, tell: Tell, log: KeptLog) -> None:
        super().__init__(daemon=True)
        self._pipe, self._tell, self._log = pipe, tell, log
        self._tail = deque[str](maxlen=_TAIL_LINES)
        self._finished = threading.Event()

    def run(self) -> None:
        rest = b""
        while chunk := os.read(self._pipe, 65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            self._lines([*lines, rest] if len(rest) > _LONGEST_LINE else lines)
            rest = b"" if len(rest) > _LONGEST_LINE else rest
        self._lines([rest] if rest else [])
        os.close(self._pipe)

    def finish(self, seconds: float) -> str:
        """The last lines, when all is read; or after so many seconds, where a process left behind holds the pipe."""
        self.join(seconds)
        self._finished.set()
        return "\n".join(self._tail)

    def _lines(self, lines: list[bytes]) -> None:
        if self._finished.is_set():
            return
        for each in lines:
            line = printable(each.decode("utf-8", "replace").rstrip("\r"))[:_LONGEST_LINE]
            self._tell(line)
            self._log.add(line)
            self._tail.append(line)
