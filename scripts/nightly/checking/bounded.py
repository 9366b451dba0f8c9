"""A compressed stream that can be read only so far."""

from __future__ import annotations

import gzip

_AT_ONCE = 16 * 2**20
"""In bytes: a tar's own headers are read whole, and may say any length."""


class TooMuch(ValueError):
    """More would be unpacked than is believed."""


class Bounded:
    """What tarfile needs of a file, of which at most `limit` bytes can be reached."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._limit = limit

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _AT_ONCE:
            raise TooMuch(f"a header in it says that it has {size} bytes")
        self._require(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        """Forward, by unpacking what lies between."""
        self._require(position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def rest(self) -> None:
        """Go to the end, where a truncated stream or a wrong checksum shows.

        Raises:
            EOFError, OSError, zlib.error: it's not whole.
            TooMuch: as the name says.
        """
        while self.read(_AT_ONCE // 64):
            pass

    def _require(self, position: int) -> None:
        if position > self._limit + _AT_ONCE:
            raise TooMuch(f"it would unpack to more than {self._limit} bytes")
