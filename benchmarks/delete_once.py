"""Delete a version from a directory channel: `delete_once ROOT VERSION FILES`.

Prints the seconds of the channel's deletion alone, and brings the files back.
"""

from __future__ import annotations

import sys
import time
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from nightly.channel import End
from nightly.directory.writing import WritableDirectoryChannel


def main(root: str, version: str, count: str) -> None:
    channel = WritableDirectoryChannel(Path(root))
    listed = [file for project in channel.projects() for file in channel.listing(project).files]
    going = [file for file in listed if file.version == version]
    started = time.perf_counter()
    ended = list(channel.delete(going))
    seconds = time.perf_counter() - started
    done = sum(each.end is End.DELETED for each in ended)
    for project, files in groupby(going, key=attrgetter("project")):
        channel.restore(project, [file.filename for file in files])
    if done != int(count):
        raise SystemExit(f"{done} files were deleted, and not {count}.")
    print(seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
