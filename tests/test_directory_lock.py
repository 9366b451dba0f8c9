"""The lock of a directory channel."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from directory_sites import silence
from nightly.errors import UserError
from nightly.lock import cannot_lock, locked

SCRIPTS = Path(__file__).parent.parent / "scripts"
FULL = Path("/dev/full")

HOLD = """
import sys, time
from pathlib import Path
from nightly.lock import locked
with locked(Path(sys.argv[1]), 0, print):
    print("held", flush=True)
    sys.stdin.readline()
"""


def hold(lock: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is given a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, lock],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_that_is_held_all_the_time_is_an_error_that_names_its_holder(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with hold(lock) as holder:
        with (
            pytest.raises(UserError, match=f"process {holder.pid} on .* since 2") as refused,
            locked(lock, 0.2, silence),
        ):
            pass
        holder.communicate("\n")
    assert refused.value.do


def test_whoever_waits_says_for_whom_and_goes_on_when_it_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    told: list[str] = []
    with hold(lock) as holder:

        def tell(message: str) -> None:
            told.append(message)
            holder.communicate("\n")

        with locked(lock, 60, tell):
            pass
    assert len(told) == 1
    assert f"process {holder.pid} on " in told[0]


def test_a_killed_holder_does_not_hold_it_any_more(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with hold(lock) as holder:
        holder.kill()
        holder.wait()
    assert f"process {holder.pid}" in lock.read_text(encoding="utf-8")
    with locked(lock, 0, silence):
        pass
    assert lock.read_text(encoding="utf-8") == ""


def test_what_stands_in_the_lock_is_not_given_to_the_terminal(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with locked(lock, 0, silence):
        lock.write_bytes(b"\x1b[2J::error::\n\xff")
        with pytest.raises(UserError) as refused, locked(lock, 0, silence):
            pass
    assert "\x1b" not in str(refused.value)
    assert "\n::error" not in str(refused.value)


def test_a_directory_that_can_not_be_made_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="can't be written to"), locked(tmp_path / "file" / "lock", 0, silence):
        pass


def test_a_file_system_without_locks_is_an_error_that_says_what_to_do() -> None:
    error = cannot_lock(Path("site/lock"), OSError(errno.ENOLCK, "No locks available"))
    assert "No locks available" in str(error)
    assert "network file system" in error.means
    assert error.do


@pytest.mark.skipif(not FULL.exists(), reason="a device that is always full")
def test_a_full_disk_is_an_error_that_says_so() -> None:
    with pytest.raises(UserError, match="can't be written to") as refused, locked(FULL, 0, silence):
        pass
    assert "full" in refused.value.means
