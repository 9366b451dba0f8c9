"""Directories that are made once and kept, on a person's machine."""

from __future__ import annotations

import hashlib
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from nightly.errors import UserError

VARIABLE = "NIGHTLY_CACHE"
"""Names another directory to keep things in."""


def cache_dir(environ: Mapping[str, str], platform: str) -> Path:
    """Where this project keeps what it can make again: VARIABLE's directory, else the platform's (`sys.platform`)."""
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE]).absolute()
    if platform == "win32" and environ.get("LOCALAPPDATA"):
        return Path(environ["LOCALAPPDATA"], "upload-nightly-action", "Cache")
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "upload-nightly-action"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "upload-nightly-action")


def key_of(lock: Path) -> str:
    """Tells what a lock installs here from what another lock, or another Python, would."""
    interpreter = (sys.version, sys.base_prefix, sysconfig.get_platform(), sysconfig.get_config_var("EXT_SUFFIX"))
    return hashlib.sha256(lock.read_bytes() + repr(interpreter).encode()).hexdigest()[:20]


def kept(cache: Path, key: str, make: Callable[[Path], None]) -> Path:
    """The directory that `make` filled for `key`; it's asked to fill one only where there's none.

    What counts is the file `key`, which names the directory and is put there in one step when that is whole. So
    nobody believes what a killed run left, and two runs at once each use a whole one. A directory is never renamed,
    as the scripts of a virtual environment hold its path.

    Raises:
        UserError: the cache can't be written to.
    """
    pointer = cache / key
    with suppress(OSError):
        name = pointer.read_text(encoding="utf-8")
        if name.startswith(key) and (cache / name).is_dir():
            return cache / name
    directory = _new_directory(cache, key)
    try:
        make(directory)
        _point(pointer, directory)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return directory


def _new_directory(cache: Path, key: str) -> Path:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{key}-", dir=cache))
    except OSError as error:
        raise UserError(
            f"Nothing can be kept in {str(cache)!r}: {error.strerror}.",
            title="No cache",
            do=f"Make it writable, or name another directory in the variable {VARIABLE}.",
        ) from error


def _point(pointer: Path, directory: Path) -> None:
    """Name the directory in the pointer, which a reader sees as it was or as it is then, never half of it."""
    scratch = directory.with_name(f"{directory.name}.pointer")
    scratch.write_text(directory.name, encoding="utf-8")
    try:
        scratch.replace(pointer)
    except PermissionError:
        # Windows refuses while another run reads or replaces the pointer: that run's directory is as good.
        with suppress(OSError):
            scratch.unlink()
