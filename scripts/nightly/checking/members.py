"""The members of a zip, read so that neither a made-up size nor a zip bomb costs memory.

zipfile believes the size that the zip's directory gives, and passes over what follows; here a member has to be exactly
what the directory says, or is refused.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

CHUNK = 256 * 1024

UNPACKED, RATIO = 2**30, 50
"""What unpacks to more bytes than this, and to so many times its size, is a bomb: wheels compress 2 to 10 fold."""

_HEADER = struct.Struct("<4s22xHH")
_IS_UTF8 = 0x800


class BadMember(Exception):
    """Why a member can't be unpacked, as a clause that follows its name."""


def bomb(entries: Sequence[zipfile.ZipInfo], size: int) -> str:
    """Why a zip of this size in bytes isn't even begun to be unpacked; or ""."""
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if packed > size:
        return f"its members take {packed} bytes together, more than the {size} of the file: they overlap"
    if unpacked > UNPACKED and unpacked > RATIO * size:
        return f"it would unpack to {unpacked} bytes, {unpacked // max(size, 1)} times its size"
    return ""


def unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes in pieces, of which there are never more than the directory says.

    Raises:
        BadMember: it isn't what the directory says, or is packed in a way that not all installers read.
        OSError: the file can't be read.
    """
    _seek(file, entry)
    if entry.compress_type == zipfile.ZIP_STORED:
        pieces = _packed(file, entry.compress_size)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        pieces = _inflated(file, entry.compress_size)
    else:
        raise BadMember(f"is compressed by method {entry.compress_type}, only stored and deflate are portable")
    size, crc = 0, 0
    for piece in pieces:
        size, crc = size + len(piece), zlib.crc32(piece, crc)
        if size > entry.file_size:
            raise BadMember(f"has more bytes than the {entry.file_size} that the zip's directory says")
        yield piece
    if size != entry.file_size:
        raise BadMember(f"has {size} bytes, and not the {entry.file_size} that the zip's directory says")
    if crc != entry.CRC:
        raise BadMember("has another checksum (CRC-32) than the zip's directory says")


def _seek(file: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """To the member's bytes, behind a header of its own, in which it has the same name."""
    file.seek(entry.header_offset)
    header = file.read(_HEADER.size)
    if len(header) != _HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise BadMember("has no header where the zip's directory says")
    _, name, extra = _HEADER.unpack(header)
    if file.read(name).decode("utf-8" if entry.flag_bits & _IS_UTF8 else "cp437", "replace") != entry.orig_filename:
        raise BadMember("has another name in its own header")
    file.seek(extra, 1)


def _packed(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, CHUNK))
        if not piece:
            raise BadMember("is cut off")
        size -= len(piece)
        yield piece


def _inflated(file: BinaryIO, size: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _packed(file, size):
            rest = packed
            while rest and not inflate.eof:
                yield inflate.decompress(rest, CHUNK)
                rest = inflate.unconsumed_tail
            if inflate.unused_data or rest:
                raise BadMember("has bytes behind its end")
        while not inflate.eof and (piece := inflate.decompress(b"", CHUNK)):
            yield piece
    except zlib.error as error:
        raise BadMember(f"can't be unpacked ({error})") from error
    if not inflate.eof:
        raise BadMember("ends before its end")
