"""Make a directory channel with old files: `make_aged ROOT TEMPORARY OLD_VERSION PROJECTS NEW OLD OLD_IN`.

Each of so many projects has NEW + OLD files: of the first OLD_IN projects OLD are of two months ago and of
OLD_VERSION, and all the rest are of yesterday and of 1.0.
"""

from __future__ import annotations

import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.samples import write_wheel
from nightly.channel import Upload
from nightly.directory.writing import WritableDirectoryChannel, utc_now
from nightly.wheels import read_wheel


def main(root: str, temporary: str, old_version: str, *counts: str) -> None:
    projects, new, old, old_in = map(int, counts)
    _publish(Path(root), Path(temporary), old_version, [old] * old_in, utc_now() - timedelta(days=60))
    news = [new if project < old_in else new + old for project in range(projects)]
    _publish(Path(root), Path(temporary), "1.0", news, utc_now() - timedelta(days=1))


def _publish(root: Path, temporary: Path, version: str, counts: list[int], at: datetime) -> None:
    """Publish so many files of the version to each project, as if it were then."""
    channel = WritableDirectoryChannel(root, clock=lambda: at)
    for project, count in enumerate(counts):
        tags = (f"{number}-py3-none-any" for number in range(count))
        wheels = [write_wheel(temporary, f"bench-{project}", version, tag, 1000, seed=project) for tag in tags]
        list(channel.publish([Upload(read_wheel(wheel)) for wheel in wheels], lambda _: None))
        shutil.rmtree(temporary)


if __name__ == "__main__":
    main(*sys.argv[1:])
