"""Whatever goes wrong with any request of an upload: the channel holds the old bytes or the new ones, never neither."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_model import timestamp
from anaconda_server import AnacondaServer
from fault_matrix import Case, cases
from uploading import IMPATIENT, QUICK, SLOW, Night, Run

KEPT = re.compile(r"its bytes are in (.+?\.whl)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", list(cases()), ids=lambda case: case.id)


@pytest.fixture(name="stand_in", scope="module")
def stand_in_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnacondaServer]:
    with AnacondaServer(tmp_path_factory.mktemp("anaconda.org")) as server:
        yield server


@pytest.fixture(name="night")
def night_fixture(stand_in: AnacondaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night after which nothing of the ones before is left, and whose temporary files are its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stand_in.faults.clear()
    stand_in.state.forget_packages()
    stand_in.forget_requests()
    return Night(stand_in, tmp_path)


def test_no_file_is_lost_and_a_rerun_ends_with_the_new_ones(night: Night, case: Case) -> None:
    case.prepare(night)
    night.patience = IMPATIENT if case.lasting else QUICK
    old = night.there()
    new = {path.name: path.read_bytes() for path in night.dist.iterdir()}
    case.begin(night.server)
    run = night.run()
    night.server.faults.clear()
    check_the_run(night, run, new)
    check_that_nothing_is_lost(night, run, case, old)
    check_the_rerun(night, new)


def check_the_run(night: Night, run: Run, new: dict[str, bytes]) -> None:
    """It says what is true: it's red if anything isn't new, and each file that failed is named with a reason."""
    assert run.code in (0, 1), run.log
    if run.error:
        assert not run.writes, run.log
        return
    not_new = {name for name, content in new.items() if night.there().get(name) != content}
    failed = set(run.names("failed"))
    assert not_new <= failed, run.log
    assert run.code == bool(failed), run.log
    assert all(len(run.row(name)["reason"]) > 30 and name in run.log for name in failed), run.log


def check_that_nothing_is_lost(night: Night, run: Run, case: Case, old: dict[str, bytes]) -> None:
    """Where all of the service's ways back are barred for ever, the bytes are where the log says."""
    kept = {Path(path).name: Path(path) for path in KEPT.findall(run.log)}
    for name in old.keys() - night.there():
        assert case.lasting, run.log
        assert hashlib.sha256(kept[name].read_bytes()).digest() == hashlib.sha256(old[name]).digest(), run.log
    untold = set(night.root.glob("upload-nightly-*/")) - {path.parent for path in kept.values()}
    assert not [path for path in untold if list(path.glob("*.whl"))], run.log
    for path in kept.values():
        shutil.rmtree(path.parent)


def check_the_rerun(night: Night, new: dict[str, bytes]) -> None:
    """It ends with the new bytes everywhere, and sends what isn't there, once."""
    for keeper in night.keepers():
        night.server.state.set_upload_time(keeper, timestamp(datetime.now(timezone.utc) - timedelta(days=1)))
    missing = {name for name, content in new.items() if night.there().get(name) != content}
    rerun = Night(night.server, night.root, SLOW, night.environ).run()
    assert rerun.code == 0, rerun.log
    assert {name: content for name, content in night.there().items() if name in new} == new
    commits = [entry for entry in rerun.asked("api") if entry.startswith("POST /commit") and "0keeper" not in entry]
    assert {entry.split()[1].rpartition("/")[2] for entry in commits} == missing
    assert len(commits) == len(missing)
    assert not night.keepers()
