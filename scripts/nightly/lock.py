"""One writer at a time: a lock that the operating system releases when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from nightly.errors import UserError

_POLL = 0.1
_BUSY = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK}

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**30  # Windows locks out readers as well, and whoever waits has to read the file's beginning.

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def locked(path: Path, patience: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock at `path`; wait for it for at most `patience` seconds, and tell whom for.

    The file stays for ever: if one could be removed, two writers could hold two files of that name.

    Raises:
        UserError: another holds it all the time, the file system can't lock, or the file can't be made.
    """
    descriptor = _open(path)
    try:
        _wait_for(descriptor, path, patience, tell)
        _sign(descriptor, path)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def _wait_for(descriptor: int, path: Path, patience: float, tell: Callable[[str], None]) -> None:
    """Ask again and again, as no system's lock has both a time limit and no signals."""
    deadline = time.monotonic() + patience
    told = False
    while not _taken(descriptor, path):
        if time.monotonic() > deadline:
            raise _still_held(path, patience)
        if not told:
            tell(f"Waiting up to {patience:.0f} s for {path}, held by {_holder(path)}.")
            told = True
        time.sleep(_POLL)


def _taken(descriptor: int, path: Path) -> bool:
    try:
        _try_lock(descriptor)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        raise cannot_lock(path, error) from error
    return True


def cannot_lock(path: Path, error: OSError) -> UserError:
    """What to tell when the file system has no locks (ENOLCK, ENOTSUP, ENOSYS: some network file systems)."""
    return UserError(
        f"{path} can't be locked: {error.strerror or error}.",
        title="No lock",
        means="Usually the directory is on a network file system without locks, so two runs could damage it.",
        do="Use a local directory, then copy that to where it belongs.",
    )


def unwritable(path: Path, error: OSError) -> UserError:
    """What to tell when a directory, or a file in it, can't be written to."""
    return UserError(
        f"{path} can't be written to: {error.strerror or error}.",
        title="Not writable",
        means="Usually it belongs to another user, its file system is mounted read-only, or the disk is full.",
        do="Give a directory that this job may write to, and that has room.",
    )


def _still_held(path: Path, patience: float) -> UserError:
    return UserError(
        f"{path} was still held by {_holder(path)} after {patience:.0f} s.",
        title="In use",
        means="Another run writes to this directory. A run that was killed doesn't hold the lock any more.",
        do="Wait for it or end it, then run this again. Don't remove the file.",
    )


def _holder(path: Path) -> str:
    """What the holder wrote; a file's content, so only what can be printed of it."""
    try:
        said = path.read_bytes()[:200].decode(errors="replace")
    except OSError:
        said = ""
    return "".join(char for char in said if char.isprintable()) or "another run"


def _sign(descriptor: int, path: Path) -> None:
    """Say in the file who holds it."""
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {_now()}".encode())
    except OSError as error:
        raise unwritable(path.parent, error) from error


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
