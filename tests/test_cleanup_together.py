"""Publishers and a cleanup at work on one channel: what was published is there until it's old."""

from __future__ import annotations

import io
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import upload
from anaconda_calls import Behavior
from anaconda_records import Style
from cleaning import DAY, NOW, AnacondaSite, Cleaning
from nightly.actions import Runner
from sample_wheels import make_wheel
from uploading import SLOW, Run

TOGETHER = 60.0
"""Seconds that they work, on each kind of channel."""

PUBLISHERS = 8
TRIES = 3

_OF_UPLOAD = {
    "INPUT_ANACONDA_TOKEN": "INPUT_ANACONDA_NIGHTLY_UPLOAD_TOKEN",
    "INPUT_ANACONDA_ORGANIZATION": "INPUT_ANACONDA_NIGHTLY_UPLOAD_ORGANIZATION",
}

OLD = "max_age: 10d\nfloor: 0\ncoverage: 0\nallow_empty: true\n"
LIMITS = "limits: {files: 1000000, channel_share: 100%, project_share: 100%}\n"


@dataclass
class Publisher:
    """Has an old file that the cleanup may take, puts a new one of its name there, and looks for it; again and again.

    Two of them share a project. `lost` tells of what couldn't be published, or wasn't there.
    """

    cleaning: Cleaning
    number: int
    rounds: int = 0
    lost: list[str] = field(default_factory=list)

    def work(self, until: float) -> None:
        while time.monotonic() < until:
            self.rounds += 1
            self.cleaning.site.add(self._wheel("old"), NOW - 60 * DAY)
            pause()
            new = self._wheel("new")
            self._look_for(new, self._publish(new.parent))
            pause()
            self._look_for(new, "It was there.")

    def _wheel(self, kind: str) -> Path:
        folder = self.cleaning.root / f"publisher-{self.number}" / kind
        tag = f"cp3{10 + self.number}-cp3{10 + self.number}-win_amd64"
        payload = f"{kind} {self.rounds}".encode()
        return make_wheel(folder, f"demo-{self.number // 2}", tag=tag, payload=payload)

    def _publish(self, artifacts: Path) -> str:
        """Publish. A job that has failed is run again: the cleanup may just have taken a release's last old file."""
        log = io.StringIO()
        runner = Runner(log=log, temp=artifacts.parent)
        inputs = {_OF_UPLOAD.get(name, name): value for name, value in self.cleaning.site.inputs.items()}
        for _ in range(TRIES):
            if upload.publish([], {**inputs, "INPUT_ARTIFACTS_PATH": str(artifacts)}, runner, SLOW) == 0:
                break
        return log.getvalue()

    def _look_for(self, wheel: Path, log: str) -> None:
        if self.cleaning.site.content(wheel.name) != wheel.read_bytes():
            self.lost.append(f"{wheel.name} isn't there in round {self.rounds}. {log}")


def pause() -> None:
    time.sleep(random.uniform(0, 1.2))  # noqa: S311 - keeps no secret


@pytest.mark.timeout(300)
def test_eight_publishers_and_a_cleanup_lose_nothing(cleaning: Cleaning) -> None:
    if isinstance(cleaning.site, AnacondaSite):
        cleaning.site.server.behavior = Behavior(style=Style(ids=True))
    cleaning.rule(OLD + LIMITS)
    until = time.monotonic() + TOGETHER
    publishers = [Publisher(cleaning, number) for number in range(PUBLISHERS)]
    with ThreadPoolExecutor(PUBLISHERS) as pool:
        working = [pool.submit(publisher.work, until) for publisher in publishers]
        runs: list[Run] = []
        while not all(each.done() for each in working):
            runs.append(cleaning.run("plan-and-apply"))
            pause()
        for each in working:
            each.result()
    assert [lost for publisher in publishers for lost in publisher.lost] == []
    assert [run.log for run in runs if run.names("failed") or "Missing" in run.log] == []
    assert sum(len(run.names("deleted")) for run in runs) > PUBLISHERS
    assert all(publisher.rounds > 1 for publisher in publishers)
