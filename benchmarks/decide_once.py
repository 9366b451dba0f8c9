"""Decide for many files: `decide_once POLICY FILES PROJECTS`. Prints the seconds of that alone."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.samples import PLATFORMS
from nightly.channel import RemoteFile
from policy import read_policy
from retention import decide

PER_VERSION = 5


def files(count: int, per_project: int, now: datetime) -> Iterator[RemoteFile]:
    """Of each project a version every other day, for five platforms: some stay, and some have to go."""
    for number in range(count):
        project, own = divmod(number, per_project)
        night, platform = divmod(own, PER_VERSION)
        version = f"2.0.dev{night}"
        name = f"bench_{project}-{version}-cp312-cp312-{PLATFORMS[platform]}.whl"
        yield RemoteFile(
            project=f"bench-{project}",
            version=version,
            filename=name,
            size=10**6 + number,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            md5=None,
            uploaded_at=now - timedelta(days=2 * (per_project // PER_VERSION - night), seconds=platform),
            labels=frozenset({"main"}),
            url=f"https://api.anaconda.org/download/bench/bench-{project}/{version}/{name}",
            handle=f"id:{number:024x}",
        )


def main(policy: str, count: str, projects: str) -> None:
    rules, now = read_policy(Path(policy)), datetime.now(timezone.utc)
    there = list(files(int(count), int(count) // int(projects), now))
    started = time.perf_counter()
    decisions = decide(there, rules, now, ("main",))
    seconds = time.perf_counter() - started
    verdicts = {each.verdict for each in decisions}
    if len(decisions) != len(there) or len(verdicts) == 1:
        raise SystemExit(f"{len(decisions)} decisions for {len(there)} files: {verdicts}")
    print(seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
