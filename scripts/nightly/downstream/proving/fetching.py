"""The planned wheels' own RECORD, for installers that write no hash of what they installed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from nightly.data import Unreadable
from nightly.downloading import download
from nightly.downstream.proving.record import Record, record_of_wheel
from nightly.downstream.records.plan import Package
from nightly.http import Http
from nightly.http_errors import HttpError, Refused
from nightly.patience import Patience
from nightly.wheels import hashes

Fetch: TypeAlias = "Callable[[Package], Record]"
"""Gives the RECORD of a planned package's wheel. It raises `NotFetched`, or `Moved`."""

_GONE = (404, 410)


class NotFetched(Exception):
    """The planned wheel can't be had, and why."""


class Moved(NotFetched):
    """The planned wheel isn't there any more: another one is under its URL, or none."""


class PlannedRecords:
    """A `Fetch` that downloads each URL once, and believes only bytes that have the planned hash."""

    def __init__(self, patience: Patience) -> None:
        self._http = Http(patience)
        self._seen: dict[str, Record | NotFetched] = {}

    def __call__(self, package: Package) -> Record:
        url = package.url or ""
        if url not in self._seen:
            self._seen[url] = self._try_to_fetch(url, package.sha256)
        found = self._seen[url]
        if isinstance(found, NotFetched):
            raise found
        return found

    def _try_to_fetch(self, url: str, sha256: str | None) -> Record | NotFetched:
        try:
            return self._fetch(url, sha256)
        except NotFetched as error:
            return error
        except FileNotFoundError:
            return Moved("there's no such file any more")
        except Refused as error:
            return Moved(str(error)) if error.status in _GONE else NotFetched(str(error))
        except (HttpError, Unreadable, OSError) as error:
            return NotFetched(str(error))

    def _fetch(self, url: str, sha256: str | None) -> Record:
        with tempfile.TemporaryDirectory() as folder:
            wheel = Path(folder, "planned.whl")
            download(self._http, url, lambda chunks: _saved(chunks, wheel))
            found = hashes(wheel)[1]
            if found != sha256:
                raise Moved(f"what is there now has the sha256 {found}")
            return record_of_wheel(wheel)


def _saved(chunks: Iterator[bytes], target: Path) -> None:
    with target.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
