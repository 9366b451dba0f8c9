"""The keeper: a tiny wheel that holds a package while its only file is replaced.

The server would collect a package with its last file, and the token's right to come back with it. The keeper has a
label of its own, so no installer sees it.
"""

from __future__ import annotations

import hashlib
import secrets
import zipfile
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from pathlib import Path

from nightly.channel import Listing, RemoteFile
from nightly.wheels import Wheel, read_wheel

LABEL = "upload-nightly-keeper"

# A file is replaced within ten minutes or not at all: an older keeper was left by a run that was killed.
_LEFT_BEHIND = timedelta(minutes=15)


def make_keeper(wheel: Wheel, directory: Path) -> Wheel:
    """Make a keeper for the wheel's release; no two runs make one of the same name."""
    stem = "-".join(wheel.filename.split("-")[:2])
    path = directory / f"{stem}-0keeper{secrets.token_hex(4)}-py3-none-any.whl"
    members = {
        f"{stem}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {wheel.name}\nVersion: {wheel.version}\n"
            "Summary: Holds the package while its only file is replaced. Nothing to install.\n"
        ),
        f"{stem}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: upload-nightly-action\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{name},{_digest(text)},{len(text.encode())}" for name, text in members.items()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**members, record: "\n".join([*lines, f"{record},,", ""])}.items():
            archive.writestr(name, text)
    return read_wheel(path)


def is_keeper(file: RemoteFile) -> bool:
    """Whether a file is a keeper, of whichever run."""
    return file.labels == {LABEL}


def removable(listing: Listing, own: RemoteFile | None, now: datetime) -> tuple[RemoteFile, ...]:
    """The keepers that may go from a package that has another file: this run's own, and old ones.

    A young one may hold the package for another run right now, and an unknown age isn't old.
    """
    keepers = [file for file in listing.files if is_keeper(file)]
    if len(keepers) == len(listing.files):
        return ()
    return tuple(file for file in keepers if (own and file.filename == own.filename) or _is_left_behind(file, now))


def _is_left_behind(file: RemoteFile, now: datetime) -> bool:
    return file.uploaded_at is not None and now - file.uploaded_at > _LEFT_BEHIND


def _digest(text: str) -> str:
    digest = urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
