"""A cleanup of its own process: `directory_cleanup.py ROOT DIE_AT GRACE delete|restore NAME...`, GRACE in seconds.

It deletes or restores the files of these names, and says that it is ready before. With a positive DIE_AT it kills
itself just before its so-manieth change of the file system.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from directory_processes import die_at
from directory_sites import listed, silence
from nightly.directory.writing import WritableDirectoryChannel


def main(root: str, step: str, grace: str, action: str, *names: str) -> None:
    channel = WritableDirectoryChannel(Path(root), silence, grace=timedelta(seconds=int(grace)))
    files = [file for file in listed(channel) if file.filename in names]
    print("ready", flush=True)
    die_at(int(step))
    if action == "delete":
        list(channel.delete(files))
    else:
        for name in names:
            channel.restore(name.partition("-")[0], [name])


if __name__ == "__main__":
    main(*sys.argv[1:])
