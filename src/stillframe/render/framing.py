"""Messages on a pipe: a count of parts, then each part behind its length, all of it bounded."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Final

PARTS_MOST: Final = 1_024
BYTES_MOST: Final = 64 * 1024 * 1024
"""Of one message, its lengths not counted."""

_COUNT = struct.Struct(">I")
_LENGTH = struct.Struct(">Q")


def write_message(stream: IO[bytes], parts: Sequence[bytes]) -> None:
    """
    Write one message and flush it.

    Errors  ValueError if it is over the bounds, before anything is written; OSError if nobody reads any more.
    """
    _check(len(parts), sum(map(len, parts)))
    stream.write(_COUNT.pack(len(parts)))
    for part in parts:
        stream.write(_LENGTH.pack(len(part)))
        stream.write(part)
    stream.flush()


def read_message(stream: IO[bytes]) -> list[bytes] | None:
    """
    Return the parts of the next message, or None when the other side closed the pipe between two messages.

    Errors  EOFError if it closed the pipe inside one; ValueError if the message is over the bounds.
    """
    start = stream.read(_COUNT.size)
    if not start:
        return None
    (count,) = _COUNT.unpack(_whole(start, _COUNT.size))
    _check(count, 0)
    parts: list[bytes] = []
    total = 0
    for _ in range(count):
        (length,) = _LENGTH.unpack(_whole(stream.read(_LENGTH.size), _LENGTH.size))
        total += length
        _check(count, total)
        parts.append(_whole(stream.read(length), length))
    return parts


def _check(count: int, total: int) -> None:
    if count > PARTS_MOST or total > BYTES_MOST:
        raise ValueError(f"a message has at most {PARTS_MOST:,} parts and {BYTES_MOST:,} bytes; this has more")


def _whole(read: bytes, length: int) -> bytes:
    if len(read) != length:
        raise EOFError("the pipe was closed inside a message")
    return read
