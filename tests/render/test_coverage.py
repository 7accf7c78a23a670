"""The character map of a font file: exactly the code points that have a glyph."""

from __future__ import annotations

import struct
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.render.coverage import characters_of

_numbers = count()


def font(tmp_path: Path, *maps: tuple[int, int, bytes]) -> Path:
    """A file with nothing but a `cmap` of these subtables."""
    head = struct.pack(">HH", 0, len(maps))
    place = 4 + 8 * len(maps)
    body = b""
    for platform, encoding, content in maps:
        head += struct.pack(">HHL", platform, encoding, place + len(body))
        body += content
    table = head + body
    opening = struct.pack(">LHHHH", 0x00010000, 1, 16, 0, 0) + struct.pack(">4sLLL", b"cmap", 0, 28, len(table))
    path = tmp_path / f"font-{next(_numbers)}.ttf"
    path.write_bytes(opening + table)
    return path


def groups(*ranges: tuple[int, int, int]) -> bytes:
    """Format 12: first, last, first glyph."""
    content = b"".join(struct.pack(">LLL", *found) for found in ranges)
    return struct.pack(">HHLLL", 12, 0, 16 + len(content), 0, len(ranges)) + content


def segments(*ranges: tuple[int, int, int]) -> bytes:
    """Format 4 by delta: first, last, first glyph; the map ends with the segment that the format asks for."""
    whole = [*ranges, (0xFFFF, 0xFFFF, 0)]
    parts = [last for _, last, _ in whole], [first for first, _, _ in whole]
    deltas = [(glyph - first) & 0xFFFF for first, _, glyph in whole]
    size = len(whole)
    content = struct.pack(f">{size}H", *parts[0]) + b"\0\0" + struct.pack(f">{size}H", *parts[1])
    content += struct.pack(f">{size}H", *deltas) + bytes(2 * size)
    return struct.pack(">HHHHHHH", 4, 14 + len(content), 0, 2 * size, 0, 0, 0) + content


@given(ids=st.sets(st.integers(0x20, 0xFFFE), max_size=40))
def test_both_layouts_of_the_map_give_what_was_put_in(ids: set[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Format 4 below plane 1, format 12 everywhere."""
    folder = tmp_path_factory.getbasetemp()
    ordered = sorted(ids)
    ranges = [(code, code, place) for place, code in enumerate(ordered, 1)]
    assert characters_of(font(folder, (3, 1, segments(*ranges)))) == ids
    assert characters_of(font(folder, (3, 10, groups(*ranges)))) == ids


def test_what_is_mapped_to_no_glyph_is_not_there(tmp_path: Path) -> None:
    """Glyph 0 is the empty box, which is not a picture of the character."""
    assert characters_of(font(tmp_path, (3, 10, groups((0x41, 0x43, 0))))) == {0x42, 0x43}
    assert characters_of(font(tmp_path, (3, 1, segments((0x41, 0x43, 0))))) == {0x42, 0x43}


def test_glyphs_that_are_listed_one_by_one_are_read(tmp_path: Path) -> None:
    """Format 4 can point into a list, in which a gap is a zero."""
    content = struct.pack(">2H", 0x43, 0xFFFF) + b"\0\0" + struct.pack(">2H", 0x41, 0xFFFF)
    content += struct.pack(">2H", 0, 1) + struct.pack(">2H", 4, 0) + struct.pack(">3H", 7, 0, 9)
    table = struct.pack(">HHHHHHH", 4, 14 + len(content), 0, 4, 0, 0, 0) + content
    assert characters_of(font(tmp_path, (3, 1, table))) == {0x41, 0x43}


def test_the_most_complete_map_is_read(tmp_path: Path) -> None:
    """A font may have a map for old programs beside the whole one."""
    small, whole = segments((0x41, 0x41, 1)), groups((0x41, 0x41, 1), (0x1F600, 0x1F600, 2))
    assert characters_of(font(tmp_path, (3, 1, small), (3, 10, whole))) == {0x41, 0x1F600}


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    """Better an error at the start than a document without text."""
    (tmp_path / "a.ttf").write_bytes(struct.pack(">LHHHH", 0, 0, 0, 0, 0))
    with pytest.raises(ValueError, match="no table cmap"):
        characters_of(tmp_path / "a.ttf")
    with pytest.raises(ValueError, match="no Unicode character map"):
        characters_of(font(tmp_path, (1, 0, b"\0\0\0\0")))
