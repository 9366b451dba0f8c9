"""Deleting from the stand-in of anaconda.org, as a cleanup does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anaconda_model import StoredFile
from anaconda_server import AnacondaServer
from nightly.anaconda.api import AnacondaWriter
from nightly.anaconda.channel import WritableAnacondaChannel
from nightly.auth import Token
from nightly.channel import Deletion, End, RemoteFile
from nightly.errors import UserError
from nightly.http import Http
from nightly.patience import Patience
from sample_wheels import make_wheel
from uploading import SLOW

STALE, KEPT = "1.0.dev0", "1.0.dev1"


@dataclass(frozen=True)
class Ended:
    """What a deletion of the files `asked` for told, and what ended it before its time."""

    asked: Sequence[RemoteFile]
    deletions: Sequence[Deletion]
    error: UserError | None = None

    @property
    def ends(self) -> list[End]:
        return [deletion.end for deletion in self.deletions]


@dataclass(frozen=True)
class Cleanup:
    """A channel with a project whose old files are to go, and one file that is to stay."""

    server: AnacondaServer
    root: Path

    def seed(self, version: str, minor: int, payload: bytes = b"old") -> StoredFile:
        """Have a wheel for a Python 3.`minor`."""
        tag = f"cp3{minor}-cp3{minor}-win_amd64"
        return self.server.seed(make_wheel(self.root / "seeds", version=version, tag=tag, payload=payload))

    def fill(self, stale: int = 2) -> list[RemoteFile]:
        """Have the kept file, and so many to delete, which are returned as they are listed."""
        self.seed(KEPT, 10)
        for minor in range(10, 10 + stale):
            self.seed(STALE, minor)
        return self.listed(STALE)

    def listed(self, version: str) -> list[RemoteFile]:
        files = self.channel(SLOW).listing("demo-pkg").files
        return [file for file in files if file.version == version]

    def channel(self, patience: Patience, secret: str = "") -> WritableAnacondaChannel:
        token = Token(secret or self.server.token)
        api = AnacondaWriter(Http(patience), self.server.api_url, self.server.organization, token, parallel=1)
        return WritableAnacondaChannel(api, self.server.index_url, ["main"])

    def delete(self, files: Sequence[RemoteFile], patience: Patience = SLOW, secret: str = "") -> Ended:
        """Delete them, one after the other, until the end or an error."""
        told: list[Deletion] = []
        try:
            for deletion in self.channel(patience, secret).delete(files):
                told.append(deletion)  # noqa: PERF402 - what was told before an error counts
        except UserError as error:
            return Ended(files, told, error)
        return Ended(files, told)

    def there(self) -> dict[tuple[str, str], bytes]:
        """The bytes on the channel by version and file name."""
        files = self.server.state.files(self.server.organization, "demo-pkg")
        return {(file.version, file.basename): file.read_bytes() for file in files}


def key(file: RemoteFile) -> tuple[str, str]:
    return file.version, file.filename
