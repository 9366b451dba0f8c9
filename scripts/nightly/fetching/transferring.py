"""Bringing one file in over the net, by as many requests as it takes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import requests

from nightly.answers import request_name
from nightly.auth import Auth
from nightly.downloading import opened
from nightly.fetching.files import Fetched, IndexFile
from nightly.fetching.parts import Part, WrongBytes
from nightly.http import Http
from nightly.http_errors import Refused, Unavailable
from nightly.retry import retrying

LARGEST = 8 * 1024**3
"""In bytes, of a file whose size nobody tells."""

_SLOWEST = 64 * 1024
"""Bytes that come at least within the time that patience has for an answer."""

_WORTH_ANOTHER_ROUND = 8 * 1024**2
"""Bytes of a large file that came before patience ended, so that it begins anew."""

CHUNK = 256 * 1024


class Stopped(Exception):
    """Somebody stopped the run."""


@dataclass(frozen=True)
class Download:
    """How files are fetched. `came` is told of each bunch of bytes; who sets `stopped` ends all of it."""

    http: Http
    auth: Callable[[str], Auth]
    directory: Path
    clobber: bool = False
    came: Callable[[int], None] = lambda _: None
    stopped: threading.Event = field(default_factory=threading.Event, repr=False)


class Transfer:
    """Bringing one file in, by as many requests as it takes."""

    def __init__(self, file: IndexFile, part: Part, download: Download) -> None:
        self._file = file
        self._part = part
        self._download = download
        self._etag = ""

    def run(self) -> Fetched:
        """Go on with what an earlier run has left, if that can be proved. Wrong bytes get a second chance, anew."""
        too_much = self._file.size is not None and self._part.size > self._file.size
        if too_much or not self._part.can_be_proved:
            self._part.discard()
        try:
            return self._finish()
        except WrongBytes:
            self._part.discard()
            return self._finish()

    def _finish(self) -> Fetched:
        if not (self._part.size and self._part.is_whole()):
            self._bring()
        return self._part.finish()

    def _bring(self) -> None:
        """Patience begins anew while much comes: a large file on a bad line takes many tries."""
        while True:
            before = self._part.size
            try:
                return retrying(lambda _: self._try(), self._download.http.patience)
            except Unavailable:
                if self._part.size - before < _WORTH_ANOTHER_ROUND:
                    raise

    def _try(self) -> None:
        self._go_on()
        begin = self._part.size if self._etag or self._part.can_be_proved else 0
        headers = {"Accept-Encoding": "identity"}
        if begin:
            headers |= {"Range": f"bytes={begin}-"} | ({"If-Range": self._etag} if self._etag else {})
        try:
            with opened(self._download.http, self._file.url, self._download.auth, headers) as response:
                self._save(response, begin)
        except Refused as error:
            if error.status != 416:
                raise
            self._begin_anew("the server has fewer bytes", 416)

    def _save(self, response: requests.Response, asked: int) -> None:
        begin, total = _place(response)
        if begin not in (0, asked):
            self._begin_anew("the server sends other bytes than it was asked for", response.status_code)
        etag = response.headers.get("ETag", "")
        self._etag = "" if etag.startswith("W/") else etag
        self._part.write(begin, self._steady(response), self._most(response, total))

    def _go_on(self) -> None:
        if self._download.stopped.is_set():
            raise Stopped

    def _begin_anew(self, reason: str, status: int) -> NoReturn:
        self._part.discard()
        raise Unavailable(request_name("GET", self._file.url), reason, status)

    def _most(self, response: requests.Response, total: int | None) -> int:
        """How many bytes may come.

        Raises:
            WrongBytes: another number than was told will come.
            Refused: nothing tells when all have come.
        """
        size = self._file.size
        if None not in (size, total) and size != total:
            raise WrongBytes(f"its size is {total} bytes, where {size} was told")
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        if total is None and size is None and not chunked and not self._part.can_be_proved:
            raise Refused(request_name("GET", self._file.url), "nothing tells when the file is whole")
        return next((each for each in (size, total) if each is not None), LARGEST)

    def _steady(self, response: requests.Response) -> Iterator[bytes]:
        """The bytes as they come, as they are. A server that drips them isn't waited for."""
        patience, came = self._download.http.patience.answer, 0
        deadline = time.monotonic() + patience
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            self._go_on()
            yield chunk
            self._download.came(len(chunk))
            came += len(chunk)
            if time.monotonic() > deadline:
                if came < _SLOWEST:
                    raise requests.exceptions.ReadTimeout("the file hardly comes")
                deadline, came = time.monotonic() + patience, 0


def _place(response: requests.Response) -> tuple[int, int | None]:
    """Where the bytes of an answer begin in the file, and how many it has in all, if that is told."""
    if response.status_code == 206:
        told = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", response.headers.get("Content-Range", ""))
        return (int(told[1]), None if told[2] == "*" else int(told[2])) if told else (-1, None)
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if re.fullmatch(r"\d{1,18}", length) else None
