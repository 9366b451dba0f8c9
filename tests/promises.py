"""What holds after every upload, whatever went wrong with it."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

from anaconda_model import timestamp
from uploading import SLOW, Night, Run

_KEPT = re.compile(r"its bytes are in (.+?\.whl)")


def check_what_is_said(night: Night, run: Run, new: Mapping[str, bytes]) -> None:
    """It's red if anything isn't new, and each file that failed is named with a reason."""
    assert run.code in (0, 1), run.log
    if run.error:
        assert not run.writes, run.log
        return
    failed = set(run.names("failed"))
    assert missing(night, new) <= failed, run.log
    assert run.code == bool(failed), run.log
    assert all(len(run.row(name)["reason"]) > 30 and name in run.log for name in failed), run.log


def check_that_nothing_is_lost(night: Night, run: Run, old: Mapping[str, bytes], *, on_disk: bool) -> None:
    """Every file is on the channel. `on_disk`: or its old bytes are where the log says, as there was no way back."""
    kept = {Path(path).name: Path(path) for path in _KEPT.findall(run.log)}
    for name in old.keys() - night.there():
        assert on_disk, run.log
        assert hashlib.sha256(kept[name].read_bytes()).digest() == hashlib.sha256(old[name]).digest(), run.log
    untold = set(night.root.glob("upload-nightly-*/")) - {path.parent for path in kept.values()}
    assert not [path for path in untold if list(path.glob("*.whl"))], run.log
    for path in kept.values():
        shutil.rmtree(path.parent)


def check_the_rerun(night: Night, new: Mapping[str, bytes]) -> None:
    """Where nothing goes wrong, it ends with the new bytes everywhere, and sends what isn't there, once."""
    for keeper in night.keepers():
        night.server.state.set_upload_time(keeper, timestamp(datetime.now(timezone.utc) - timedelta(days=1)))
    unsent = missing(night, new)
    rerun = Night(night.server, night.root, SLOW, night.environ).run()
    assert rerun.code == 0, rerun.log
    assert not missing(night, new)
    commits = [entry for entry in rerun.asked("api") if entry.startswith("POST /commit") and "0keeper" not in entry]
    assert {entry.split()[1].rpartition("/")[2] for entry in commits} == unsent
    assert len(commits) == len(unsent)
    assert not night.keepers()


def missing(night: Night, new: Mapping[str, bytes]) -> set[str]:
    """The names under which the channel doesn't have tonight's bytes."""
    there = night.there()
    return {name for name, content in new.items() if there.get(name) != content}
