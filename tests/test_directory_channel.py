"""Publishing to a directory channel, deleting from it, and reading it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from directory_sites import all_linked_files, ends, everything, hashes, nothing, planned, publish
from nightly.channel import End, FileLost, RemoteFile, State, Upload
from nightly.directory.channel import DirectoryChannel
from nightly.directory.site import GRACE
from nightly.directory.writing import WritableDirectoryChannel
from nightly.errors import UserError
from nightly.wheels import read_wheel
from sample_wheels import make_wheel

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)

unix_owner = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions of directories don't bind this user"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "my site"


@pytest.fixture
def channel(root: Path) -> WritableDirectoryChannel:
    return at(root, NOON)


def at(root: Path, now: datetime, tell: Callable[[str], None] = print) -> WritableDirectoryChannel:
    """The channel at that time."""
    return WritableDirectoryChannel(root, tell, clock=lambda: now)


def only_file(channel: DirectoryChannel, project: str = "demo-pkg") -> RemoteFile:
    (file,) = channel.listing(project).files
    return file


def test_a_directory_that_does_not_exist_is_an_empty_channel(root: Path) -> None:
    channel = DirectoryChannel(root)
    assert list(channel.check()) == []
    assert list(channel.projects()) == []
    assert not channel.listing("demo-pkg").exists
    assert channel.indexed("demo-pkg") == frozenset()
    assert not root.exists()


def test_what_was_published_is_listed_with_all_that_is_known_of_it(
    channel: WritableDirectoryChannel, tmp_path: Path
) -> None:
    wheel = read_wheel(make_wheel(tmp_path, "Demo.Pkg", "1.0.dev1+g1"))
    (outcome,) = publish(channel, wheel.path)
    listing = channel.listing("DEMO_pkg")
    (file,) = listing.files
    assert (listing.project, listing.exists, listing.versions) == ("DEMO_pkg", True, frozenset({"1.0.dev1+g1"}))
    assert (file.filename, file.version, file.size, file.sha256) == (
        wheel.filename,
        "1.0.dev1+g1",
        wheel.size,
        wheel.sha256,
    )
    assert (file.uploaded_at, file.holds(wheel), file.url) == (NOON, True, outcome.url)
    assert file.url.startswith("file:")
    assert file.url.endswith("/demo_pkg-1.0.dev1%2Bg1-py3-none-any.whl")
    assert channel.indexed("demo.pkg") == {wheel.filename}
    assert channel.projects() == ["demo-pkg"]


def test_progress_is_told_of_every_byte(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    wheel = read_wheel(make_wheel(tmp_path, payload=b"x" * 3_000_000))
    sent: list[int] = []
    list(channel.publish([Upload(wheel)], sent.append))
    assert sum(sent) == wheel.size


def test_the_same_bytes_again_are_skipped_and_nothing_is_written(root: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    publish(at(root, NOON), wheel)
    before = everything(root)
    (outcome,) = publish(at(root, NOON + HOUR), wheel)
    assert outcome.state is State.SKIPPED
    assert everything(root) == before


def test_a_replaced_file_stays_for_readers_of_the_old_page_until_its_grace_is_over(root: Path, tmp_path: Path) -> None:
    publish(at(root, NOON), make_wheel(tmp_path, payload=b"old"))
    old = only_file(at(root, NOON))
    (outcome,) = publish(at(root, NOON + HOUR), make_wheel(tmp_path, payload=b"new"))
    assert outcome.state is State.REPLACED
    assert (root / old.handle).is_file()
    assert only_file(at(root, NOON)).uploaded_at == NOON + HOUR

    publish(at(root, NOON + HOUR + GRACE), make_wheel(tmp_path, version="2.0"))
    assert not (root / old.handle).parent.exists()
    assert len(all_linked_files(root)) == 2


def test_bytes_that_come_back_within_their_grace_are_not_swept(root: Path, tmp_path: Path) -> None:
    old, new = make_wheel(tmp_path / "old", payload=b"old"), make_wheel(tmp_path / "new", payload=b"new")
    for wheel in (old, new, old):
        publish(at(root, NOON), wheel)
    publish(at(root, NOON + 2 * GRACE), make_wheel(tmp_path, version="2.0"))
    assert all_linked_files(root).items() >= hashes([old]).items()


def test_a_file_that_another_run_published_meanwhile_is_not_replaced_by_one_that_was_planned_as_new(
    channel: WritableDirectoryChannel, tmp_path: Path
) -> None:
    upload = planned(channel, read_wheel(make_wheel(tmp_path / "mine", payload=b"mine")))
    theirs = make_wheel(tmp_path / "theirs", payload=b"theirs")
    publish(channel, theirs)
    (outcome,) = channel.publish([upload], nothing)
    assert outcome.state is State.FAILED
    assert "another run" in outcome.reason
    assert all_linked_files(channel.site.root) == hashes([theirs])


def test_one_file_that_fails_does_not_stop_the_others(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    changed, gone, good = (read_wheel(make_wheel(tmp_path, version=f"{number}.0")) for number in (1, 2, 3))
    make_wheel(tmp_path, version="1.0", payload=b"changed")
    gone.path.unlink()
    outcomes = list(channel.publish([Upload(changed), Upload(gone), Upload(good)], nothing))
    assert [outcome.state for outcome in outcomes] == [State.FAILED, State.FAILED, State.UPLOADED]
    assert "changed after it was read" in outcomes[0].reason
    assert gone.filename in outcomes[1].reason
    assert channel.indexed("demo-pkg") == {good.filename}
    assert not list(channel.site.incoming.iterdir())


def test_a_project_none_of_whose_files_could_be_read_leaves_nothing(
    channel: WritableDirectoryChannel, tmp_path: Path
) -> None:
    wheel = read_wheel(make_wheel(tmp_path))
    wheel.path.unlink()
    list(channel.publish([Upload(wheel)], nothing))
    assert not channel.site.json(wheel.project).parent.exists()
    assert channel.projects() == []


def test_a_project_whose_page_can_not_be_written_fails_alone(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    bad, good = make_wheel(tmp_path, "bad"), make_wheel(tmp_path, "good")
    (channel.site.root / "simple").mkdir(parents=True)
    (channel.site.root / "simple" / "bad").touch()
    outcomes = publish(channel, bad, good)
    assert [(outcome.wheel.project, outcome.state) for outcome in outcomes] == [
        ("bad", State.FAILED),
        ("good", State.UPLOADED),
    ]
    assert "page can't be written" in outcomes[0].reason
    assert all_linked_files(channel.site.root) == hashes([good])

    told: list[str] = []
    (skipped,) = publish(at(channel.site.root, NOON, told.append), good)
    assert skipped.state is State.SKIPPED
    assert any("bad" in message for message in told)


def test_a_deleted_file_is_off_the_page_at_once_and_its_bytes_are_there_until_its_grace_is_over(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path
) -> None:
    publish(channel, make_wheel(tmp_path, version="1.0"), make_wheel(tmp_path, version="2.0"))
    one, two = channel.listing("demo-pkg").files
    assert ends(channel, one) == [End.DELETED]
    assert channel.indexed("demo-pkg") == {two.filename}
    assert (root / one.handle).is_file()

    assert ends(at(root, NOON + GRACE), two) == [End.DELETED]
    assert not (root / one.handle).exists()
    assert (root / two.handle).is_file()


def test_the_last_file_of_a_project_takes_its_page_and_its_place_in_the_root_along(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path
) -> None:
    publish(channel, make_wheel(tmp_path), make_wheel(tmp_path, "other"))
    assert ends(channel, only_file(channel)) == [End.DELETED]
    assert channel.projects() == ["other"]
    assert not (root / "simple" / "demo-pkg" / "index.html").exists()
    assert "demo-pkg" not in (root / "simple" / "index.html").read_text(encoding="utf-8")
    assert "demo-pkg" not in (root / "simple" / "index.json").read_text(encoding="utf-8")
    assert not channel.listing("demo-pkg").exists


def test_nothing_is_left_of_a_deleted_project_once_its_grace_is_over(root: Path, tmp_path: Path) -> None:
    channel = WritableDirectoryChannel(root, grace=timedelta())
    publish(channel, make_wheel(tmp_path), make_wheel(tmp_path, "other"))
    assert ends(channel, only_file(channel)) == [End.DELETED]
    assert not [path for path in everything(root) if "demo" in path]
    assert not (root / "files" / "demo-pkg").exists()
    assert not (root / "simple" / "demo-pkg").exists()


def test_a_file_that_was_replaced_since_it_was_listed_is_not_deleted(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path
) -> None:
    publish(channel, make_wheel(tmp_path, payload=b"old"))
    listed = only_file(channel)
    new = make_wheel(tmp_path, payload=b"new")
    publish(channel, new)
    assert ends(channel, listed) == [End.CHANGED]
    assert all_linked_files(root) == hashes([new])


def test_a_file_that_is_gone_is_not_deleted_twice(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    publish(channel, make_wheel(tmp_path))
    listed = only_file(channel)
    assert ends(channel, listed, listed) == [End.DELETED, End.GONE]
    assert ends(channel, listed) == [End.GONE]


def test_fetched_bytes_are_those_that_were_published(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    publish(channel, wheel)
    channel.fetch(only_file(channel), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"other")], ids=["gone", "other bytes"])
def test_lost_bytes_are_told_when_they_are_fetched(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    publish(channel, make_wheel(tmp_path))
    file = only_file(channel)
    damage(root / file.handle)
    with pytest.raises(FileLost):
        channel.fetch(file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda page: page.write_bytes(b'{"files": ['), lambda page: page.write_bytes(b"\xff")],
    ids=["missing", "cut", "not text"],
)
def test_a_lost_page_is_made_anew_from_the_files_with_their_times_and_said_loudly(
    root: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    publish(at(root, NOON), make_wheel(tmp_path, payload=b"old"))
    publish(at(root, NOON + HOUR), make_wheel(tmp_path, payload=b"new"), make_wheel(tmp_path, version="2.0"))
    page = root / "simple" / "demo-pkg" / "index.json"
    before = DirectoryChannel(root).listing("demo-pkg").files
    damage(page)
    told: list[str] = []
    assert DirectoryChannel(root, told.append).listing("demo-pkg").files == before
    assert "made anew" in told[0]

    publish(at(root, NOON + HOUR, told.append), make_wheel(tmp_path, version="3.0"))
    told.clear()
    assert set(before) < set(DirectoryChannel(root, told.append).listing("demo-pkg").files)
    assert told == []


def test_bytes_that_are_not_what_was_published_are_left_out_of_a_page_made_anew(root: Path, tmp_path: Path) -> None:
    publish(at(root, NOON), make_wheel(tmp_path), make_wheel(tmp_path, version="2.0"))
    first, second = DirectoryChannel(root).listing("demo-pkg").files
    (root / first.handle).write_bytes(b"other")
    (root / "simple" / "demo-pkg" / "index.json").unlink()
    told: list[str] = []
    assert DirectoryChannel(root, told.append).listing("demo-pkg").files == (second,)
    assert any(first.filename in message and "left out" in message for message in told)


def test_an_html_page_that_was_tampered_with_is_put_right_by_the_next_write(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path
) -> None:
    publish(channel, make_wheel(tmp_path))
    (root / "simple" / "demo-pkg" / "index.html").write_text("tampered", encoding="utf-8")
    publish(channel, make_wheel(tmp_path, version="2.0"))
    assert len(all_linked_files(root)) == 2


def test_a_channel_is_known_by_its_place_however_that_is_written(root: Path) -> None:
    there = DirectoryChannel(root / ".." / root.name)
    assert there.identity == DirectoryChannel(root).identity == root.as_uri()
    assert there.index_url == f"{root.as_uri()}/simple/"


def test_a_file_is_refused_as_a_channel(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="isn't a directory") as refused:
        DirectoryChannel(make_wheel(tmp_path)).check()
    assert refused.value.exit_code == 2


def test_a_folder_of_loose_wheels_is_refused_as_a_channel(tmp_path: Path) -> None:
    make_wheel(tmp_path)
    with pytest.raises(UserError, match="folder of wheels"):
        WritableDirectoryChannel(tmp_path).check()


def test_the_index_of_another_tool_is_refused(root: Path) -> None:
    (root / "simple").mkdir(parents=True)
    (root / "simple" / "index.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(UserError, match="another tool"):
        DirectoryChannel(root).check()


def test_a_site_with_other_pages_beside_the_index_is_fine(channel: WritableDirectoryChannel, tmp_path: Path) -> None:
    channel.site.root.mkdir()
    (channel.site.root / "index.html").write_text("documentation", encoding="utf-8")
    publish(channel, make_wheel(tmp_path))
    assert list(channel.check()) == []


@unix_owner
def test_a_read_only_channel_can_be_read_and_its_writer_is_refused(
    channel: WritableDirectoryChannel, root: Path, tmp_path: Path
) -> None:
    publish(channel, make_wheel(tmp_path))
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    reader = DirectoryChannel(root)
    assert list(reader.check()) == []
    assert reader.indexed("demo-pkg") == {only_file(reader).filename}
    with pytest.raises(UserError, match="can't be written to"):
        channel.check()
