"""How payloads are encoded: zstd frames, each against its predecessor, in chains that a key frame begins."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator

if sys.version_info >= (3, 14):
    from compression.zstd import (
        CompressionParameter,
        DecompressionParameter,
        ZstdDecompressor,
        ZstdDict,
        ZstdError,
        compress,
        get_frame_info,
        get_frame_size,
    )
else:
    from backports.zstd import (
        CompressionParameter,
        DecompressionParameter,
        ZstdDecompressor,
        ZstdDict,
        ZstdError,
        compress,
        get_frame_info,
        get_frame_size,
    )

from stillframe.errors import StoreError

CHAIN_FRAMES = 184
"""
A key frame and at most 183 frames upon it: one link costs about 48 µs to decode.

A key frame weighs as much as forty deltas. With two in a year of daily frames the file stays under 0.8 % of their JSON.
"""
KEY_LEVEL = 19
DELTA_LEVEL = 9
LARGE_BYTES = 1024 * 1024
"""From here on a key frame is written at the level of deltas: level 19 would take seconds."""
_LONG_MATCHES = {
    CompressionParameter.enable_long_distance_matching: 1,
    CompressionParameter.ldm_min_match: 64,
    CompressionParameter.ldm_hash_rate_log: 4,
    CompressionParameter.min_match: 6,
}
"""Rows that only moved are found whole: 14 % fewer bytes than level 9 alone at the same speed."""
PAYLOAD_BYTES_MOST = 512 * 1024 * 1024
_PREFIX_BYTES_LEAST = 8
"""zstd refuses shorter dictionaries."""
_BROKEN = "A stored payload is not readable: a frame is broken; restore the database from a copy."
_WINDOW_LOG_LEAST = 10
_WINDOW_LOG_MOST = 27


def key_frame(canonical: bytes, *, level: int = KEY_LEVEL) -> bytes:
    """Return a frame that stands alone."""
    return compress(canonical, options=_options(level if len(canonical) < LARGE_BYTES else DELTA_LEVEL, len(canonical)))


def delta_frame(canonical: bytes, *, predecessor: bytes) -> bytes | None:
    """Return a frame that is read with its predecessor at hand; None where a key frame is as good."""
    span = len(canonical) + len(predecessor)
    if len(predecessor) < _PREFIX_BYTES_LEAST or span > 1 << _WINDOW_LOG_MOST:
        return None
    prefix = ZstdDict(predecessor, is_raw=True).as_prefix
    return compress(canonical, options=_options(DELTA_LEVEL, span) | _LONG_MATCHES, zstd_dict=prefix)


def unroll(segments: Iterable[bytes], *, depth: int, known: tuple[int, bytes] | None = None) -> bytes:
    """
    Return the canonical bytes at a depth of a chain.

    Shape   `segments`: the chain's bytes in order, each one or more whole frames. Depth 0 is the key frame. `known`: a
            depth up to this one whose bytes are at hand; the frames up to there are passed over.
    Errors  StoreError if the chain is broken or shorter than that.
    """
    if known is not None and known[0] == depth:
        return known[1]
    start, current = (0, b"") if known is None else (known[0] + 1, known[1])
    for place, (_, plain) in enumerate(unrolled(_after(segments, start), current), start):
        if place == depth:
            return plain
    raise StoreError(
        "A stored payload is not readable: its chain of frames is too short; restore the database from a copy."
    )


def unrolled(segments: Iterable[bytes], current: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    """
    Return every frame of a chain in order, each with the canonical bytes that it holds; two at a time are in memory.

    Shape   `current`: what comes before the first of them, where that is not the key frame.
    Errors  StoreError if the chain is broken, when that frame is reached.
    """
    for segment in segments:
        rest = segment
        while rest:
            frames = rest
            current, rest = _decoded(frames, predecessor=current)
            yield frames[: len(frames) - len(rest)], current


def _after(segments: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Yield the segments without their first frames, whose ends are found by their heads alone."""
    passed = 0
    for segment in segments:
        rest = memoryview(segment)
        try:
            while passed < count and rest:
                rest = rest[get_frame_size(rest) :]
                passed += 1
        except ZstdError as error:
            raise StoreError(_BROKEN) from error
        if rest:
            yield bytes(rest)


def checked(canonical: bytes, *, content_hash: str) -> bytes:
    """
    Return the bytes if they are what the hash names.

    Errors  StoreError if they are not.
    """
    if hashlib.sha256(canonical).hexdigest() != content_hash:
        raise StoreError(
            f"The stored payload {content_hash} is not what its hash says; restore the database from a copy."
        )
    return canonical


def packed(plain: bytes | memoryview, *, level: int = DELTA_LEVEL) -> bytes:
    """Return any bytes as one frame that stands alone, quickly made."""
    return compress(plain, options=_options(level, len(plain)))


def unpacked(frame: bytes) -> bytes:
    """
    Return what `packed` was given.

    Errors  StoreError if the frame is broken.
    """
    return _decoded(frame, predecessor=b"")[0]


def _options(level: int, span: int) -> dict[int, int]:
    window = min(max(span.bit_length(), _WINDOW_LOG_LEAST), _WINDOW_LOG_MOST)
    return {
        CompressionParameter.compression_level: level,
        CompressionParameter.checksum_flag: 1,
        CompressionParameter.window_log: window,
    }


def _decoded(frames: bytes, *, predecessor: bytes) -> tuple[bytes, bytes]:
    """Return what the first frame holds, and the frames after it."""
    try:
        size = get_frame_info(frames).decompressed_size
        if size is None or size > PAYLOAD_BYTES_MOST:
            raise StoreError(
                "A stored payload is not readable: a frame does not say its size; restore the database from a copy."
            )
        prefix = ZstdDict(predecessor, is_raw=True).as_prefix if predecessor else None
        reader = ZstdDecompressor(zstd_dict=prefix, options={DecompressionParameter.window_log_max: _WINDOW_LOG_MOST})
        plain = reader.decompress(frames, max_length=size)
        if not reader.eof:
            plain += reader.decompress(b"", max_length=1)
    except ZstdError as error:
        raise StoreError(_BROKEN) from error
    if len(plain) != size or not reader.eof:
        raise StoreError(
            "A stored payload is not readable: a frame is longer than it says; restore the database from a copy."
        )
    return plain, reader.unused_data
