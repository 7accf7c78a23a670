"""Which characters a font file has a glyph for: its character map, read once."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

_PREFERRED = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))
"""Platform and encoding of the Unicode maps, the most complete first."""
_SEGMENTS, _GROUPS = 4, 12
_UINT16 = 0xFFFF


@lru_cache(maxsize=8)
def characters_of(font: Path) -> frozenset[int]:
    """
    Return the code points that a TrueType or OpenType file maps to a glyph.

    Errors  ValueError if it is no such file or has no Unicode map of format 4 or 12; OSError.
    Source  OpenType 1.9.1, "cmap".
    """
    data = font.read_bytes()
    start = _table(data, b"cmap", font)
    (count,) = struct.unpack_from(">H", data, start + 2)
    maps = {
        (platform, encoding): start + offset
        for platform, encoding, offset in struct.iter_unpack(">HHL", data[start + 4 : start + 4 + 8 * count])
    }
    for kind in _PREFERRED:
        if kind in maps:
            (layout,) = struct.unpack_from(">H", data, maps[kind])
            if layout == _GROUPS:
                return _from_groups(data, maps[kind])
            if layout == _SEGMENTS:
                return _from_segments(data, maps[kind])
    raise ValueError(f"{font.name} has no Unicode character map that can be read")


def _table(data: bytes, tag: bytes, font: Path) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for found, _, offset, _ in struct.iter_unpack(">4sLLL", data[12 : 12 + 16 * count]):
        if found == tag:
            return int(offset)
    raise ValueError(f"{font.name} is not a font: it has no table {tag.decode()}")


def _from_groups(data: bytes, start: int) -> frozenset[int]:
    (count,) = struct.unpack_from(">L", data, start + 12)
    found: set[int] = set()
    for first, last, glyph in struct.iter_unpack(">LLL", data[start + 16 : start + 16 + 12 * count]):
        found.update(range(first if glyph else first + 1, last + 1))
    return frozenset(found)


def _from_segments(data: bytes, start: int) -> frozenset[int]:
    count = struct.unpack_from(">H", data, start + 6)[0] // 2
    places = [start + 14 + 2 * count * part + (2 if part else 0) for part in range(4)]
    last, first, delta, offset = (struct.unpack_from(f">{count}H", data, place) for place in places)
    found: set[int] = set()
    for segment in range(count):
        for code in range(first[segment], last[segment] + 1):
            glyph = code
            if offset[segment]:
                place = places[3] + 2 * segment + offset[segment] + 2 * (code - first[segment])
                (glyph,) = struct.unpack_from(">H", data, place)
                if not glyph:
                    continue
            if (glyph + delta[segment]) & _UINT16 and code != _UINT16:
                found.add(code)
    return frozenset(found)
