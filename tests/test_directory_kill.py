"""A directory channel while it's written to: readers, other writers, and writers that are killed."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

import directory_processes as processes
from directory_processes import finish
from directory_sites import (
    all_linked_files,
    check_that_nothing_is_left_over,
    everything,
    hashes,
    linked_files,
    nothing,
    planned,
    publish,
)
from nightly.channel import State
from nightly.directory.writing import WritableDirectoryChannel
from nightly.wheels import read_wheel
from sample_wheels import make_wheel

MEGABYTE = 2**20


def start(root: Path, *folders: Path, step: int = 0, times: int = 1) -> subprocess.Popen[str]:
    """Start a publisher of its own process, and wait until it's about to begin."""
    return processes.start("directory_publish.py", root, step, times, *folders)


def night(folder: Path, payload: bytes, size: int = 1000) -> Path:
    """Two projects' wheels of one night, of the same names whatever the payload."""
    for name, tag in (
        ("alpha", "cp311-cp311-linux_x86_64"),
        ("alpha", "cp312-cp312-linux_x86_64"),
        ("beta", "py3-none-any"),
    ):
        make_wheel(folder, name, "1.0.dev0", tag, payload=payload * size)
    return folder


def wheels_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.whl"))


def rerun(channel: WritableDirectoryChannel, folder: Path) -> None:
    """What the command does: what the channel says it holds isn't published again."""
    uploads = [planned(channel, read_wheel(wheel)) for wheel in wheels_of(folder)]
    wanted = [upload for upload in uploads if not (upload.replaces and upload.replaces.holds(upload.wheel))]
    assert all(outcome.state is not State.FAILED for outcome in channel.publish(wanted, nothing))


def settled(root: Path, folder: Path) -> None:
    """Any next run settles what was killed; a plain one ends with the folder's wheels, and another writes nothing."""
    messages: list[str] = []
    channel = WritableDirectoryChannel(root, messages.append)
    assert list(channel.publish([], nothing)) == []
    check_that_nothing_is_left_over(channel)
    rerun(channel, folder)
    assert all_linked_files(root) == hashes(wheels_of(folder))
    check_that_nothing_is_left_over(channel)
    before = everything(root)
    rerun(channel, folder)
    assert everything(root) == before
    assert messages == []


def each_old_or_new(root: Path, old: dict[str, str], new: dict[str, str]) -> None:
    """Every page names only what is there, and nothing that was there before is missing."""
    found = all_linked_files(root)
    assert old.keys() <= found.keys() <= new.keys()
    assert all(sha256 in {old.get(name), new[name]} for name, sha256 in found.items())


@pytest.mark.parametrize("replaced", [False, True], ids=["publish", "replacement"])
def test_a_run_killed_before_any_of_its_changes_leaves_old_or_new_files(tmp_path: Path, *, replaced: bool) -> None:
    old, new = night(tmp_path / "old", b"old"), night(tmp_path / "new", b"new")
    old_hashes = hashes(wheels_of(old)) if replaced else {}
    killed = True
    step = 0
    while killed:
        step += 1
        root = tmp_path / f"site-{step}"
        if replaced:
            publish(WritableDirectoryChannel(root), *wheels_of(old))
        killed = finish(start(root, new, step=step)) != 0
        each_old_or_new(root, old_hashes, hashes(wheels_of(new)))
        settled(root, new)
    assert step > 20


@pytest.mark.parametrize("replaced", [False, True], ids=["publish", "replacement"])
def test_a_run_killed_at_ten_random_moments_leaves_old_or_new_files(tmp_path: Path, *, replaced: bool) -> None:
    old, new = night(tmp_path / "old", b"old", MEGABYTE), night(tmp_path / "new", b"new", MEGABYTE)
    process = start(tmp_path / "timed", new)
    began = time.monotonic()
    assert finish(process) == 0
    whole = time.monotonic() - began
    for _ in range(10):
        root = tmp_path / f"site-{random.random()}"  # noqa: S311 - only has to be another one
        if replaced:
            publish(WritableDirectoryChannel(root), *wheels_of(old))
        process = start(root, new)
        time.sleep(random.uniform(0, whole))  # noqa: S311 - a moment, not a secret
        process.kill()
        finish(process)
        each_old_or_new(root, hashes(wheels_of(old)) if replaced else {}, hashes(wheels_of(new)))
        settled(root, new)


def test_of_two_publishers_at_once_the_files_of_both_are_there(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders):
        for build in range(5):
            make_wheel(folder, "shared", f"1.0.dev{build}", f"py{number + 2}-none-any")
        make_wheel(folder, f"own-{number}", "1.0")
    root = tmp_path / "site"
    publishers = [start(root, folder) for folder in folders]
    assert [finish(publisher) for publisher in publishers] == [0, 0]
    assert all_linked_files(root) == hashes([*wheels_of(folders[0]), *wheels_of(folders[1])])
    assert WritableDirectoryChannel(root).projects() == ["own-0", "own-1", "shared"]


def test_a_reader_finds_every_file_that_a_page_names_while_all_of_them_are_replaced(tmp_path: Path) -> None:
    old, new = night(tmp_path / "old", b"old"), night(tmp_path / "new", b"new")
    root = tmp_path / "site"
    publish(WritableDirectoryChannel(root), *wheels_of(old))
    process = start(root, new, old, times=30)
    seen = [linked_files(root / "simple" / "alpha" / "index.html")]
    while process.poll() is None:
        seen.append(linked_files(root / "simple" / "alpha" / "index.html"))
    assert finish(process) == 0
    alphas = [hashes(folder.glob("alpha-*.whl")) for folder in (old, new)]
    assert all(found in alphas for found in seen)
