"""Fetching files to a directory, several at once. Each is whole and right in the end, or isn't there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

from nightly.fetching.files import Fetched, IndexFile
from nightly.fetching.parts import Part, WrongBytes, kept
from nightly.fetching.transferring import CHUNK, LARGEST, Download, Transfer
from nightly.http_errors import HttpError, Unavailable
from nightly.lock import unwritable


@dataclass(frozen=True)
class Failed:
    """A file that couldn't be fetched, and why. `may_come` says that it may be fetched later, as indexes lag."""

    filename: str
    reason: str
    may_come: bool


End: TypeAlias = Fetched | Failed


class Lost(Exception):
    """A directory lists a file that can't be read."""


def fetch_all(files: Sequence[IndexFile], download: Download, parallel: int) -> Iterator[tuple[IndexFile, End]]:
    """Fetch the files, yielding how it ended for each as it's known. One's failure stops no other.

    The directory has to be held by `parts_folder`.

    Raises:
        UserError: the directory can't be written to, which stops all.
    """
    pool = ThreadPoolExecutor(parallel)
    try:
        ends = {pool.submit(_end, file, download): file for file in files}
        for done in as_completed(ends):
            yield ends[done], done.result()
    finally:
        download.stopped.set()
        pool.shutdown(cancel_futures=True)


def _end(file: IndexFile, download: Download) -> End:
    try:
        return _fetch(file, download)
    except WrongBytes as error:
        return Failed(file.filename, str(error), may_come=True)
    except HttpError as error:
        may_come = isinstance(error, Unavailable) or error.status in (404, 410)
        return Failed(file.filename, str(error), may_come)
    except Lost as error:
        return Failed(file.filename, str(error), may_come=True)
    except OSError as error:
        raise unwritable(download.directory / file.filename, error) from error


def _fetch(file: IndexFile, download: Download) -> Fetched:
    there = kept(file, download.directory)
    if there and not download.clobber:
        return there
    part = Part(file, download.directory)
    if part.can_be_proved and not there:
        (download.directory / file.filename).unlink(missing_ok=True)
    try:
        return _copied(file, part) if urlsplit(file.url).scheme == "file" else Transfer(file, part, download).run()
    except WrongBytes:
        part.discard()
        raise


def _copied(file: IndexFile, part: Part) -> Fetched:
    with _source(file.url) as source:
        part.write(0, iter(lambda: source.read(CHUNK), b""), LARGEST if file.size is None else file.size)
    return part.finish()


def _source(url: str) -> BinaryIO:
    try:
        return Path(url2pathname(urlsplit(url).path)).open("rb")
    except OSError as error:
        raise Lost(f"{error.strerror or error}: {error.filename}") from error
