"""Files that aren't all there yet: their bytes lie under another name until they are found to be the right ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nightly.fetching.files import Fetched, IndexFile
from nightly.lock import locked, unwritable
from nightly.wheels import hashes

FOLDER = ".fetching"
"""In the directory that files are fetched to: it begins with a dot, so that no `dist/*` takes half a file along."""

_CHUNK = 2**20


class WrongBytes(Exception):
    """The bytes aren't the file's. The message says how that shows."""


class Part:
    """What is there of a file, which goes on growing, or begins anew."""

    def __init__(self, file: IndexFile, directory: Path) -> None:
        self._file = file
        self._target = directory / file.filename
        self._path = directory / FOLDER / f"{file.filename}.part"
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    @property
    def size(self) -> int:
        """In bytes; 0 where there's nothing."""
        return self._path.stat().st_size if self._path.is_file() else 0

    @property
    def can_be_proved(self) -> bool:
        """Whether its hash is known, so that bytes of an earlier run can be gone on with."""
        return bool(self._file.sha256 or self._file.md5)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)

    def write(self, begin: int, chunks: Iterator[bytes], most: int) -> None:
        """Keep `begin` bytes of what is there, and write the chunks behind them.

        Raises:
            WrongBytes: it would have more than `most` bytes.
        """
        self._begin_hashing(begin)
        size = begin
        with self._path.open("r+b" if begin else "wb") as part:
            part.truncate(begin)
            part.seek(begin)
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise WrongBytes(f"more than the {most} bytes come that it may have")
                part.write(chunk)
                self._hash(chunk)

    def is_whole(self) -> bool:
        """Whether what is there is all of it, by its hash."""
        self._begin_hashing(self.size)
        return self.can_be_proved and not self._wrong()

    def finish(self) -> Fetched:
        """Give it its name, if what was written are the right bytes.

        Raises:
            WrongBytes: they aren't.
        """
        if wrong := self._wrong():
            raise WrongBytes(wrong)
        size = self.size
        self._path.replace(self._target)
        return Fetched(self._target, size, self._sha256.hexdigest())

    def _wrong(self) -> str:
        """How it shows that the bytes aren't the file's."""
        told = (
            ("sha256", self._file.sha256, self._sha256.hexdigest()),
            ("md5", self._file.md5, self._md5.hexdigest() if self._needs_md5 else self._file.md5),
            ("size", self._file.size, self.size),
        )
        wrong = (
            f"its {kind} is {found}, where {said} was told" for kind, said, found in told if said not in (None, found)
        )
        return next(wrong, "" if self.can_be_proved else self._no_archive())

    def _no_archive(self) -> str:
        """How it shows that a file of which no hash is told is none: instead of it, some servers send a page."""
        with self._path.open("rb") as part:
            start = part.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not self.size:
            return "it is empty"
        return "it is an HTML or XML page" if start.startswith(b"<") else ""

    @property
    def _needs_md5(self) -> bool:
        return bool(self._file.md5 and not self._file.sha256)

    def _begin_hashing(self, size: int) -> None:
        """Hash so many bytes of what is there."""
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        if not size:
            return
        with self._path.open("rb") as part:
            while size and (chunk := part.read(min(size, _CHUNK))):
                self._hash(chunk)
                size -= len(chunk)

    def _hash(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        if self._needs_md5:
            self._md5.update(chunk)


def kept(file: IndexFile, directory: Path) -> Fetched | None:
    """The file, where it's there already: its hash has to be what is told, for a size alone proves nothing."""
    target = directory / file.filename
    if not (file.sha256 or file.md5) or not target.is_file():
        return None
    size, sha256, md5 = hashes(target)
    same = file.sha256 == sha256 if file.sha256 else (file.md5, file.size or size) == (md5, size)
    return Fetched(target, size, sha256, kept=True) if same else None


@contextmanager
def parts_folder(directory: Path, patience: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Fetch to a directory, which is made, alone: another run is waited for, up to `patience` seconds.

    What isn't whole at the end stays for the next run.

    Raises:
        UserError: it can't be written to, or another run doesn't end.
    """
    folder = directory / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(directory, error) from error
    with locked(folder / "lock", patience, tell):
        yield


def clear_parts(directory: Path) -> None:
    """Remove what earlier runs left, as all is there now."""
    for part in (directory / FOLDER).glob("*.part"):
        part.unlink()


def write_whole(directory: Path, name: str, text: str) -> None:
    """Write a small file beside those that were fetched, whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    part = directory / FOLDER / f"{name}.part"
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(directory / name)
