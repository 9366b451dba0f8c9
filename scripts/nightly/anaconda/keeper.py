"""The keeper: a tiny wheel that comes before the first file of a package is replaced, and goes after the last.

It shows that files can come in before one is deleted. And it holds the package, which the server would collect with
its last file, and the token's right to come back with it. It has a label of its own, so no installer sees it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from nightly.channel import Listing, RemoteFile
from nightly.making import make_wheel
from nightly.wheels import Wheel, read_wheel

LABEL = "upload-nightly-keeper"

# No job on a runner of GitHub's lasts longer: an older keeper was left by a run that was killed.
_LEFT_BEHIND = timedelta(hours=6)


def make_keeper(wheel: Wheel, directory: Path) -> Wheel:
    """Make a keeper for the wheel's release; no two runs make one of the same name."""
    path = make_wheel(
        directory,
        wheel.name,
        wheel.version,
        build=f"0keeper{secrets.token_hex(4)}",
        summary="Holds the package while its files are replaced. Nothing to install.",
        files={},
    )
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
