"""What becomes of the package, its rights and its keeper, and of old files that aren't what they were."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from anaconda_calls import Behavior
from anaconda_model import StoredFile, timestamp
from anaconda_records import Style
from faults import BAD_GATEWAY, EVERY, EXPIRED, Effect, Fault, storage_error
from nightly.anaconda.keeper import LABEL
from sample_wheels import make_wheel
from uploading import QUICK, After, Night, names

ORG = "nightly-wheels"


def leave_keeper(night: Night, age: timedelta) -> StoredFile:
    """What a run that was killed leaves behind."""
    wheel = make_wheel(night.root / "keeper", build="0keeper00c0ffee")
    return night.server.seed(wheel, labels=[LABEL], uploaded_at=datetime.now(timezone.utc) - age)


def replace_on_server(night: Night, file: StoredFile, payload: bytes) -> bytes:
    """Another run replaces a file."""
    night.server.state.delete_file(file)
    tag = "-".join(Path(file.basename).stem.split("-")[-3:])
    return night.server.seed(make_wheel(night.root / "another", tag=tag, payload=payload)).read_bytes()


@pytest.mark.parametrize("ids", [False, True], ids=["no ids", "ids"])
def test_the_package_outlives_the_replacement_of_its_only_file(night: Night, ids: bool) -> None:  # noqa: FBT001 - a table
    night.server.behavior = Behavior(style=Style(ids=ids))
    night.seed()
    night.as_collaborator()
    package = night.server.state.package(ORG, "demo-pkg")
    (wheel,) = night.make()
    run = night.run()
    assert run.names("replaced") == [wheel.name], run.log
    assert night.server.state.package(ORG, "demo-pkg") is package
    assert package.collaborators == {"dev"}
    assert night.there() == {wheel.name: wheel.read_bytes()}
    assert not night.keepers()


def test_no_installer_sees_a_keeper(night: Night) -> None:
    night.seed()
    night.make()
    pages: list[str] = []
    night.server.faults.add(Fault(After(lambda: pages.append(str(night.keepers()[0].labels))), "DELETE", "*keeper*"))
    night.run()
    assert pages == [str((LABEL,))]


def test_a_keeper_comes_before_the_first_deletion_and_there_is_one(night: Night) -> None:
    night.seed(count=3)
    night.make(count=3)
    run = night.run()
    assert len(run.names("replaced")) == 3, run.log
    commits = [number for number, entry in enumerate(run.asked()) if "POST /commit" in entry and "keeper" in entry]
    deletions = [number for number, entry in enumerate(run.asked()) if entry.startswith("DELETE")]
    assert len(commits) == 1
    assert commits[0] < deletions[0]
    assert len(deletions) == 4
    assert not night.keepers()


def test_without_a_replacement_there_is_no_keeper(night: Night) -> None:
    night.make()
    assert not [entry for entry in night.run().asked() if "keeper" in entry]


@pytest.mark.parametrize(("hours", "stays"), [(1, True), (7, False)], ids=["young", "old"])
def test_a_keeper_that_a_killed_run_left_goes_when_it_is_old(night: Night, hours: int, stays: bool) -> None:  # noqa: FBT001 - a table
    night.seed(b"new")
    keeper = leave_keeper(night, timedelta(hours=hours))
    night.make()
    run = night.run()
    assert run.code == 0, run.log
    assert len(run.names("skipped")) == 1
    assert night.keepers() == [keeper] * stays


def test_a_keeper_of_unknown_age_stays(night: Night) -> None:
    night.seed(b"new")
    night.server.state.set_upload_time(leave_keeper(night, timedelta(days=9)), None)
    night.make()
    night.run()
    assert len(night.keepers()) == 1


def test_the_last_file_of_a_package_stays_even_if_it_is_an_old_keeper(night: Night) -> None:
    leave_keeper(night, timedelta(days=9))
    night.make(name="other-pkg")
    (wheel,) = night.make()
    night.server.faults.add(Fault(BAD_GATEWAY, "POST", f"/stage/*/{wheel.name}", nth=EVERY))
    night.patience = QUICK
    assert night.run().names("failed") == [wheel.name]
    assert len(night.keepers()) == 1


def test_a_keeper_that_cant_go_is_no_failure_and_goes_at_a_later_run(night: Night) -> None:
    night.seed()
    night.make()
    night.server.faults.add(Fault(BAD_GATEWAY, "DELETE", "*keeper*"))
    assert night.run().code == 0
    (keeper,) = night.keepers()
    night.server.state.set_upload_time(keeper, timestamp(datetime.now(timezone.utc) - timedelta(days=1)))
    assert night.run().code == 0
    assert not night.keepers()


def test_the_old_file_is_saved_while_it_is_replaced_and_no_longer(night: Night) -> None:
    (old,) = night.seed()
    content = old.read_bytes()
    (wheel,) = night.make()
    saved: list[bytes] = []

    def look() -> None:
        saved.extend(path.read_bytes() for path in night.root.glob(f"upload-nightly-*/{wheel.name}"))

    night.server.faults.add(Fault(After(look), "DELETE", f"*/{wheel.name}"))
    assert night.run().code == 0
    assert saved == [content]
    assert not list(night.root.glob("upload-nightly-*/*.whl"))


def test_a_file_that_storage_has_lost_is_replaced_with_a_warning(night: Night) -> None:
    (old,) = night.seed()
    night.server.state.lose(old)
    (wheel,) = night.make()
    run = night.run()
    assert run.names("replaced") == [wheel.name], run.log
    assert night.there() == {wheel.name: wheel.read_bytes()}
    assert f"warning: Replaced: {wheel.name}: the storage had lost the old file" in run.log
    assert "the storage had lost the old file" in run.summary


@pytest.mark.parametrize(
    "effect",
    [storage_error(403, "AccessDenied", "Request has expired"), storage_error(503, "SlowDown", "Slow down")],
    ids=["refused", "busy"],
)
def test_a_file_that_storage_doesnt_give_isnt_deleted(night: Night, effect: Effect) -> None:
    (old,) = night.seed()
    (wheel,) = night.make()
    night.patience = QUICK
    night.server.faults.add(Fault(effect, "GET", nth=EVERY, role="storage"))
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert "couldn't be saved, so it wasn't deleted" in run.row(wheel.name)["reason"]
    assert night.server.state.files(ORG, "demo-pkg") == [old]
    assert not run.writes


def test_a_file_whose_stored_bytes_arent_the_listed_ones_isnt_deleted(night: Night) -> None:
    (old,) = night.seed()
    old.path.write_bytes(b"rot")
    (wheel,) = night.make()
    night.patience = QUICK
    run = night.run()
    assert "isn't the file that is listed" in run.row(wheel.name)["reason"]
    assert night.server.state.files(ORG, "demo-pkg") == [old]


@pytest.mark.parametrize("sha256", [False, True], ids=["by md5", "by sha256"])
def test_a_file_that_another_run_has_replaced_meanwhile_is_left_alone(night: Night, sha256: bool) -> None:  # noqa: FBT001 - a table
    night.server.behavior = Behavior(style=Style(sha256=sha256))
    (old,) = night.seed()
    (wheel,) = night.make()
    theirs: list[bytes] = []
    night.server.faults.add(
        Fault(After(lambda: theirs.append(replace_on_server(night, old, b"another"))), "POST", f"/stage/*/{wheel.name}")
    )
    run = night.run()
    assert run.names("failed") == [wheel.name]
    assert "Another run has put other bytes there" in run.row(wheel.name)["reason"]
    assert night.there() == {wheel.name: theirs[0]}


def test_bytes_that_another_run_has_sent_meanwhile_arent_sent_again(night: Night) -> None:
    (old,) = night.seed()
    (wheel,) = night.make()
    night.server.faults.add(
        Fault(After(lambda: replace_on_server(night, old, b"new")), "POST", f"/stage/*/{wheel.name}")
    )
    run = night.run()
    assert run.names("replaced") == [wheel.name], run.log
    assert not [entry for entry in run.asked() if entry.startswith("POST /commit") and "keeper" not in entry]


def test_the_old_file_comes_back_with_its_labels(night: Night) -> None:
    (old,) = night.seed()
    night.server.state.set_labels(old, ("main", "dev"))
    content = old.read_bytes()
    (wheel,) = night.make()
    night.server.faults.add(Fault(EXPIRED, "POST", f"/stage/*/{wheel.name}", nth=2))
    run = night.run()
    assert "The old file was put back" in run.row(wheel.name)["reason"]
    assert night.there() == {wheel.name: content}
    (file,) = night.server.state.files(ORG, "demo-pkg")
    assert set(file.labels) == {"main", "dev"}


def test_on_existing_error_names_every_file_and_touches_nothing(night: Night) -> None:
    night.seed(count=2)
    night.make(count=3)
    run = night.run(on_existing="error")
    assert run.code == 2
    assert not run.writes
    assert run.error
    replaced, also, new = names(night.dist)
    assert replaced in run.error.what
    assert also in run.error.what
    assert new not in run.error.what


def test_on_existing_error_lets_the_same_bytes_be(night: Night) -> None:
    night.seed(b"new")
    night.make(count=2)
    run = night.run(on_existing="error")
    assert run.code == 0, run.log
    assert (len(run.names("skipped")), len(run.names("uploaded"))) == (1, 1)


def test_on_existing_keep_leaves_what_is_there_and_adds_the_rest(night: Night) -> None:
    night.seed(count=2)
    before = night.there()
    night.make(count=3)
    run = night.run(on_existing="keep", version_policy="error")
    assert run.code == 0, run.log
    *kept, new = names(night.dist)
    assert (run.names("skipped"), run.names("uploaded")) == (kept, [new])
    assert {name: night.there()[name] for name in kept} == before
    (told,) = [line for line in run.log.splitlines() if "Kept: 2 file(s)" in line]
    assert "replaces files of the same version" not in run.log
    assert all(name in told for name in kept)
