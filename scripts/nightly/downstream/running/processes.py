"""Processes that are started with all that they start, and ended with all of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_LOOK_EVERY = 0.05


def start(command: Sequence[str], environ: Mapping[str, str], cwd: Path, output: int) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; what it says goes to the file descriptor `output`."""
    return subprocess.Popen(
        command, env=environ, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def end_tree(process: subprocess.Popen[bytes], grace: float) -> None:
    """End what `start` has started, and its children with theirs; whoever is there `grace` seconds later is killed."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], check=False, capture_output=True)
    else:
        others = _descendants(process.pid)
        _signal(process.pid, others, signal.SIGTERM)
        _wait_for_group(process, grace)
        _signal(process.pid, others, signal.SIGKILL)
    process.wait()


if sys.platform != "win32":
    import os

    def _signal(group: int, others: Sequence[int], what: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, what)
        for pid in others:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, what)

    def _wait_for_group(process: subprocess.Popen[bytes], seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            process.poll()  # as a zombie, it would be there
            try:
                os.killpg(process.pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            time.sleep(_LOOK_EVERY)

    def _descendants(root: int) -> list[int]:
        """The children of a process with theirs, also those that have a session of their own."""
        try:
            listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=False, capture_output=True, text=True)
        except FileNotFoundError:
            return []
        children: dict[int, list[int]] = {}
        for pid, parent in (map(int, line.split()) for line in listed.stdout.splitlines()):
            children.setdefault(parent, []).append(pid)
        found = [root]
        for pid in found:
            found += children.get(pid, [])
        return found[1:]
