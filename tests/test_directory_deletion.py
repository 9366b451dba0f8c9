"""Deleting from a directory channel, bringing back what was deleted, and removing what nobody brought back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from directory_sites import (
    all_linked_files,
    check_that_nothing_is_left_over,
    ends,
    everything,
    hashes,
    listed,
    nothing,
    planned,
    publish,
    silence,
)
from nightly.channel import End, State, Upload
from nightly.directory.channel import DirectoryChannel
from nightly.directory.site import GRACE, metadata_path
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError
from nightly.lock import locked
from nightly.wheels import read_wheel
from sample_wheels import make_wheel

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
DAYS = timedelta(hours=72)


@pytest.fixture(name="root")
def root_fixture(tmp_path: Path) -> Path:
    return tmp_path / "site"


def at(root: Path, now: datetime = NOON, tell: list[str] | None = None) -> WritableDirectoryChannel:
    """The channel at that time, as a cleanup opens it."""
    told = [] if tell is None else tell
    return WritableDirectoryChannel(root, told.append, patience=0.2, grace=DAYS, clock=lambda: now)


def wheels(folder: Path, *names: str, count: int = 2, payload: bytes = b"") -> list[Path]:
    """Wheels of these projects, each of so many versions."""
    return [make_wheel(folder, name, f"{n}.0", payload=payload) for name in names for n in range(1, count + 1)]


def links(root: Path) -> set[str]:
    return set(all_linked_files(root))


def test_files_of_one_project_leave_its_page_together_and_those_of_the_next_one_when_they_are_asked_for(
    root: Path, tmp_path: Path
) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta"))
    deletions = at(root).delete(listed(at(root)))
    assert next(deletions).end is End.DELETED
    assert {name.partition("-")[0] for name in links(root)} == {"beta"}
    assert [deletion.end for deletion in deletions] == [End.DELETED] * 3
    assert not links(root)


def test_nothing_is_done_before_the_first_end_is_asked_for(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha"))
    before = everything(root)
    at(root).delete(listed(at(root)))
    assert everything(root) == before


def test_the_same_bytes_that_were_published_again_are_left_alone(root: Path, tmp_path: Path) -> None:
    made = wheels(tmp_path, "alpha", count=1)
    publish(at(root), *made)
    stale = listed(at(root))
    assert ends(at(root), *stale) == [End.DELETED]
    publish(at(root, NOON + HOUR), *made)
    assert ends(at(root), *stale) == [End.CHANGED]
    assert links(root) == {made[0].name}


def test_a_stale_handle_does_not_keep_the_listed_file_from_being_deleted(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", count=1))
    (stale,) = listed(at(root))
    publish(at(root), *wheels(tmp_path, "alpha", count=1, payload=b"new"))
    (fresh,) = listed(at(root))
    assert ends(at(root), stale, fresh) == [End.CHANGED, End.DELETED]


def test_files_of_a_project_whose_page_can_not_be_written_fail_alone_and_a_rerun_deletes_them(
    root: Path, tmp_path: Path
) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta", count=3))
    first, second, _, *betas = listed(at(root))
    page = root / "simple" / "alpha" / "index.html"
    page.unlink()
    (page / "in the way").mkdir(parents=True)
    deletions = list(at(root).delete([first, second, *betas]))
    assert [each.end for each in deletions] == [End.FAILED] * 2 + [End.DELETED] * 3
    assert "page can't be written" in deletions[0].reason
    assert len(at(root).listing("alpha").files) == 3

    (page / "in the way").rmdir()
    page.rmdir()
    assert ends(at(root), first, second) == [End.DELETED] * 2
    assert len(links(root)) == 1
    check_that_nothing_is_left_over(at(root))


def test_what_was_told_holds_when_the_lock_can_not_be_had_any_more(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta", count=1))
    deletions = at(root).delete(listed(at(root)))
    assert next(deletions).end is End.DELETED
    with locked(at(root).site.lock, 0, silence), pytest.raises(UserError, match="still held"):
        next(deletions)
    assert {name.partition("-")[0] for name in links(root)} == {"beta"}


def test_no_lock_is_held_while_an_end_is_told(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta", count=1))
    deletions = at(root).delete(listed(at(root)))
    assert next(deletions).end is End.DELETED
    (outcome,) = publish(at(root), *wheels(tmp_path, "gamma", count=1))
    assert outcome.state is State.UPLOADED
    assert next(deletions).end is End.DELETED
    assert {name.partition("-")[0] for name in links(root)} == {"gamma"}


def test_deleted_bytes_stay_for_the_grace_of_the_cleanup_and_replaced_ones_for_that_of_a_publisher(
    root: Path, tmp_path: Path
) -> None:
    publish(at(root), *wheels(tmp_path, "alpha"))
    deleted, replaced = listed(at(root))
    assert ends(at(root), deleted) == [End.DELETED]
    publish(at(root), make_wheel(tmp_path / "new", "alpha", "2.0", payload=b"new"))

    list(at(root, NOON + GRACE).delete([]))
    assert not (root / replaced.handle).exists()
    assert (root / deleted.handle).is_file()
    list(at(root, NOON + DAYS - HOUR).delete([]))
    assert (root / deleted.handle).is_file()
    list(at(root, NOON + DAYS).delete([]))
    assert not (root / deleted.handle).exists()
    check_that_nothing_is_left_over(at(root))


def test_whoever_writes_next_removes_what_is_left_of_a_deleted_project(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta"))
    assert ends(at(root), *at(root).listing("alpha").files) == [End.DELETED] * 2
    publish(at(root, NOON + DAYS), make_wheel(tmp_path, "gamma"))
    assert not [path for path in everything(root) if "alpha" in path]
    assert not (root / "files" / "alpha").exists()
    assert not (root / "simple" / "alpha").exists()
    assert len(links(root)) == 3


def test_a_page_without_the_moment_when_it_is_due_is_read_whole(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha"))
    one, _ = listed(at(root))
    assert ends(at(root), one) == [End.DELETED]
    page = root / "simple" / "alpha" / "index.json"
    before, due, _ = page.read_text(encoding="utf-8").rpartition(', "_due"')
    assert due
    page.write_text(before + "}\n", encoding="utf-8")
    list(at(root, NOON + DAYS).delete([]))
    assert not (root / one.handle).exists()


def test_a_damaged_page_is_left_to_whoever_changes_its_project(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta"))
    one, *_ = listed(at(root))
    assert ends(at(root), one) == [End.DELETED]
    (root / "simple" / "beta" / "index.json").write_bytes(b"\xff")
    before = everything(root)["simple/beta/index.json"]
    told: list[str] = []
    list(at(root, NOON + DAYS, told).delete([]))
    assert everything(root)["simple/beta/index.json"] == before
    assert not (root / one.handle).exists()
    assert told == []


def test_bytes_that_can_not_be_removed_are_removed_the_next_time(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha"))
    one, _ = listed(at(root))
    assert ends(at(root), one) == [End.DELETED]
    in_the_way = metadata_path(root / one.handle)
    in_the_way.unlink()
    in_the_way.mkdir()
    list(at(root, NOON + DAYS).delete([]))
    assert in_the_way.exists()
    in_the_way.rmdir()
    list(at(root, NOON + DAYS).delete([]))
    assert not in_the_way.parent.exists()
    check_that_nothing_is_left_over(at(root))


def test_a_project_that_can_not_be_swept_is_told_and_stops_nothing(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta"))
    one, _, other, _ = listed(at(root))
    assert ends(at(root), one, other) == [End.DELETED] * 2
    (root / ".upload-nightly" / "incoming" / "alpha").touch()
    told: list[str] = []
    assert list(at(root, NOON + DAYS, told).delete([])) == []
    assert ["alpha" in message for message in told] == [True]
    assert not (root / other.handle).exists()


def test_a_restored_file_is_back_as_it_was(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", "beta"))
    one, *_ = before = listed(at(root))
    pages = everything(root)
    assert ends(at(root, NOON + HOUR), one) == [End.DELETED]
    (restored,) = at(root, NOON + 2 * HOUR).restore("Alpha", [one.filename])
    assert (restored.filename, restored.reason) == (one.filename, "")
    assert listed(at(root)) == before
    assert {path: content for path, (_, content) in everything(root).items()} == {
        path: content for path, (_, content) in pages.items()
    }


def test_a_deleted_project_is_restored_whole_with_its_place_in_the_root(root: Path, tmp_path: Path) -> None:
    made = wheels(tmp_path, "alpha", count=3)
    publish(at(root), *made)
    before = listed(at(root))
    assert ends(at(root), *before) == [End.DELETED] * 3
    assert at(root).projects() == []
    restored = at(root).restore("alpha")
    assert [(each.filename, each.reason) for each in restored] == [(file.filename, "") for file in before]
    assert all_linked_files(root) == hashes(made)
    assert "alpha" in (root / "simple" / "index.html").read_text(encoding="utf-8")


def test_restored_bytes_are_not_removed_when_their_grace_would_have_been_over(root: Path, tmp_path: Path) -> None:
    made = wheels(tmp_path, "alpha", count=1)
    publish(at(root), *made)
    assert ends(at(root), *listed(at(root))) == [End.DELETED]
    at(root).restore("alpha")
    list(at(root, NOON + 2 * DAYS).delete([]))
    assert all_linked_files(root) == hashes(made)


def test_of_several_files_of_one_name_the_last_one_is_restored(root: Path, tmp_path: Path) -> None:
    publish(at(root), make_wheel(tmp_path, payload=b"old"))
    last = make_wheel(tmp_path, payload=b"last")
    publish(at(root, NOON + HOUR / 2), last)
    assert ends(at(root, NOON + HOUR / 2), *listed(at(root))) == [End.DELETED]
    at(root, NOON + HOUR / 2).restore("demo-pkg")
    assert all_linked_files(root) == hashes([last])


def test_a_name_that_is_taken_is_not_restored_and_that_is_said(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", count=1))
    assert ends(at(root), *listed(at(root))) == [End.DELETED]
    new = wheels(tmp_path, "alpha", count=1, payload=b"new")
    publish(at(root), *new)
    (restored,) = at(root).restore("alpha", [new[0].name])
    assert "is listed" in restored.reason
    assert all_linked_files(root) == hashes(new)
    assert "Nothing" in at(root).restore("alpha")[0].reason


def test_what_is_not_there_to_be_restored_is_said_and_the_rest_comes_back(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", count=3))
    one, two, three = listed(at(root))
    assert ends(at(root), one) == [End.DELETED]
    assert ends(at(root, NOON + HOUR), two, three) == [End.DELETED] * 2
    list(at(root, NOON + DAYS).delete([]))
    (root / two.handle).write_bytes(b"other bytes")
    restored = at(root).restore("alpha", [one.filename, two.filename, three.filename, "alpha-9.0-py3-none-any.whl"])
    reasons = [each.reason for each in restored]
    assert "grace is over" in reasons[0]
    assert "lost" in reasons[1]
    assert reasons[2] == ""
    assert "Nothing of this name" in reasons[3]
    assert links(root) == {three.filename}


def test_a_restoration_that_can_not_be_written_is_told(root: Path, tmp_path: Path) -> None:
    publish(at(root), *wheels(tmp_path, "alpha", count=1))
    assert ends(at(root), *listed(at(root))) == [End.DELETED]
    (root / "simple" / "alpha" / "index.html").mkdir()
    with pytest.raises(UserError, match="can't be written to"):
        at(root).restore("alpha")


@pytest.mark.parametrize("lost", ["file", "metadata"])
def test_a_listed_file_whose_bytes_are_lost_comes_back_with_its_time_when_it_is_published_again(
    root: Path, tmp_path: Path, lost: str
) -> None:
    made = wheels(tmp_path, "alpha", count=1)
    publish(at(root), *made)
    (file,) = listed(at(root))
    path = root / file.handle
    (path if lost == "file" else metadata_path(path)).unlink()
    wheel = read_wheel(made[0])
    assert listed(at(root))[0].holds(wheel) is None
    (outcome,) = publish(at(root, NOON + HOUR), *made)
    assert (outcome.state, outcome.reason) == (State.REPLACED, "its bytes had been lost")
    assert all_linked_files(root) == hashes(made)
    assert listed(at(root)) == [file]


def test_a_listed_file_whose_bytes_are_lost_comes_back_though_it_was_planned_as_new(root: Path, tmp_path: Path) -> None:
    made = wheels(tmp_path, "alpha", count=1)
    publish(at(root), *made)
    (root / listed(at(root))[0].handle).unlink()
    list(at(root).publish([Upload(read_wheel(made[0]))], nothing))
    assert all_linked_files(root) == hashes(made)


def test_of_two_cleanups_at_once_each_file_is_deleted_by_one(root: Path, tmp_path: Path) -> None:
    publish(WritableDirectoryChannel(root), *wheels(tmp_path, *"abcdefgh"), make_wheel(tmp_path, "kept"))
    files = [file for file in listed(DirectoryChannel(root)) if file.project != "kept"]
    start = threading.Barrier(2)

    def run() -> list[End]:
        start.wait()
        return ends(WritableDirectoryChannel(root, silence), *files)

    with ThreadPoolExecutor(2) as pool:
        told = [future.result() for future in [pool.submit(run), pool.submit(run)]]
    assert [sorted(both) for both in zip(*told, strict=True)] == [[End.DELETED, End.GONE]] * len(files)
    assert len(links(root)) == 1
    check_that_nothing_is_left_over(DirectoryChannel(root))


def test_a_file_that_is_published_while_its_old_bytes_are_deleted_is_there(root: Path, tmp_path: Path) -> None:
    publish(WritableDirectoryChannel(root), *wheels(tmp_path, *"abcdefgh"))
    files = listed(DirectoryChannel(root))
    new = wheels(tmp_path, *"abcdefgh", payload=b"new")
    publisher = WritableDirectoryChannel(root, silence)
    uploads = [planned(publisher, read_wheel(wheel)) for wheel in new]
    start = threading.Barrier(2)

    def delete() -> list[End]:
        start.wait()
        return ends(WritableDirectoryChannel(root, silence), *files)

    def send() -> set[State]:
        start.wait()
        return {outcome.state for upload in uploads for outcome in publisher.publish([upload], nothing)}

    with ThreadPoolExecutor(2) as pool:
        deleting, sending = pool.submit(delete), pool.submit(send)
        assert set(deleting.result()) <= {End.DELETED, End.CHANGED}
        assert sending.result() <= {State.UPLOADED, State.REPLACED}
    assert all_linked_files(root) == hashes(new)
    check_that_nothing_is_left_over(DirectoryChannel(root))
