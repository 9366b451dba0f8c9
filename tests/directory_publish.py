"""A publisher of its own process: `directory_publish.py ROOT DIE_AT TIMES WHEELS_DIRECTORY...`.

It publishes the wheels of each directory in turn, all of that so many TIMES, and says that it is ready before. With a
positive DIE_AT it kills itself just before its so-manieth change of the file system.
"""

from __future__ import annotations

import sys
from pathlib import Path

from directory_processes import die_at
from directory_sites import publish, silence
from nightly.directory.writing import WritableDirectoryChannel


def main(root: str, step: str, times: str, *folders: str) -> None:
    channel = WritableDirectoryChannel(Path(root), silence)
    print("ready", flush=True)
    die_at(int(step))
    for _ in range(int(times)):
        for folder in folders:
            publish(channel, *sorted(Path(folder).glob("*.whl")))


if __name__ == "__main__":
    main(*sys.argv[1:])
