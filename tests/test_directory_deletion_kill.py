"""Cleanups of a directory channel that are killed before any of their changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory_processes import finish, start
from directory_sites import (
    all_linked_files,
    check_that_nothing_is_left_over,
    ends,
    hashes,
    listed,
    nothing,
    publish,
)
from nightly.channel import End
from nightly.directory.writing import WritableDirectoryChannel
from sample_wheels import make_wheel

DAYS = 72 * 3600


def fill(root: Path, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Three projects, one of which loses a file and one all of them: the names and hashes of what goes, and stays."""
    going = [make_wheel(folder, "alpha", "1.0"), *(make_wheel(folder, "beta", f"{n}.0") for n in (1, 2))]
    staying = [make_wheel(folder, "alpha", "2.0"), make_wheel(folder, "gamma")]
    publish(WritableDirectoryChannel(root), *going, *staying)
    return hashes(going), hashes(staying)


@pytest.mark.parametrize("grace", [0, DAYS], ids=["no grace", "grace"])
def test_a_deletion_killed_before_any_of_its_changes_takes_no_other_file_and_a_rerun_ends_it(
    tmp_path: Path, grace: int
) -> None:
    killed, step = True, 0
    while killed:
        step += 1
        root = tmp_path / f"site-{step}"
        going, staying = fill(root, tmp_path / "wheels")
        files = [file for file in listed(WritableDirectoryChannel(root)) if file.filename in going]
        killed = finish(start("directory_cleanup.py", root, step, grace, "delete", *going)) != 0
        assert staying.items() <= all_linked_files(root).items() <= (going | staying).items()

        channel = WritableDirectoryChannel(root)
        list(channel.publish([], nothing))
        check_that_nothing_is_left_over(channel)
        assert set(ends(channel, *files)) <= {End.DELETED, End.GONE}
        assert all_linked_files(root) == staying
        check_that_nothing_is_left_over(channel)
    assert step > 20


def test_a_restoration_killed_before_any_of_its_changes_loses_nothing_and_a_rerun_ends_it(tmp_path: Path) -> None:
    killed, step = True, 0
    while killed:
        step += 1
        root = tmp_path / f"site-{step}"
        going, staying = fill(root, tmp_path / "wheels")
        channel = WritableDirectoryChannel(root)
        ends(channel, *(file for file in listed(channel) if file.filename in going))
        killed = finish(start("directory_cleanup.py", root, step, DAYS, "restore", *sorted(going))) != 0
        assert staying.items() <= all_linked_files(root).items() <= (going | staying).items()

        for project in ("alpha", "beta"):
            channel.restore(project)
        assert all_linked_files(root) == going | staying
        check_that_nothing_is_left_over(channel)
    assert step > 10
