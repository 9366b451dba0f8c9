"""A publisher of its own process: `directory_publish.py ROOT DIE_AT TIMES WHEELS_DIRECTORY...`.

It publishes the wheels of each directory in turn, all of that so many TIMES, and says that it is ready before. With a
positive DIE_AT it kills itself just before its so-manieth change of the file system.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from directory_sites import publish, silence
from nightly.directory.writing import WritableDirectoryChannel

_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "os.truncate"}


def die_at(step: int) -> None:
    steps = count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        changes = event in _CHANGES or (event == "open" and str(arguments[1]) not in {"r", "rb", "None"})
        if changes and next(steps) == step:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    sys.addaudithook(hook)


def main(root: str, step: str, times: str, *folders: str) -> None:
    channel = WritableDirectoryChannel(Path(root), silence)
    print("ready", flush=True)
    die_at(int(step))
    for _ in range(int(times)):
        for folder in folders:
            publish(channel, *sorted(Path(folder).glob("*.whl")))


if __name__ == "__main__":
    main(*sys.argv[1:])
