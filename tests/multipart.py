"""A multipart/form-data body read as it comes: the fields to memory, the file to disk, whatever its size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from exchanges import CHUNK, Body


@dataclass(frozen=True)
class Form:
    """The fields in the order they came in, where `file` stands for the file; and what the file holds."""

    order: tuple[str, ...]
    fields: dict[str, str]
    md5: str
    size: int


def read_form(body: Body, content_type: str, target: Path) -> Form:
    """Read a body whose file's bytes are written to `target`.

    Raises:
        ValueError: it isn't a multipart body.
    """
    parts = _Parts(body, _boundary(content_type))
    fields: dict[str, str] = {}
    order: list[str] = []
    digest, size = hashlib.md5(usedforsecurity=False), 0
    for headers in parts.headers():
        name = str(headers.get_param("name", "", "content-disposition"))
        order.append(name)
        if name != "file":
            fields[name] = b"".join(parts.content()).decode()
            continue
        with target.open("wb") as out:
            for chunk in parts.content():
                digest.update(chunk)
                size += out.write(chunk)
    return Form(tuple(order), fields, digest.hexdigest(), size)


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise ValueError(f"not a multipart form: {content_type!r}")
    return b"\r\n--" + boundary.encode()


class _Parts:
    """The parts of a body, each read to its end before the next."""

    def __init__(self, body: Body, delimiter: bytes) -> None:
        self._body = body
        self._delimiter = delimiter
        # The first delimiter has no line before it.
        self._buffer = b"\r\n"

    def headers(self) -> Iterator[Message]:
        """The headers of each part."""
        for _ in self.content():
            pass
        while self._until(b"\r\n") != b"--":
            yield BytesParser().parsebytes(self._until(b"\r\n\r\n"))

    def content(self) -> Iterator[bytes]:
        """The bytes of the part, in chunks."""
        keep = len(self._delimiter)
        while (found := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > keep:
                yield self._buffer[:-keep]
                self._buffer = self._buffer[-keep:]
            self._more()
        yield self._buffer[:found]
        self._buffer = self._buffer[found + keep :]

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(end)
        return head

    def _more(self) -> None:
        chunk = self._body.read(CHUNK)
        if not chunk:
            raise ValueError("the form has no end")
        self._buffer += chunk
