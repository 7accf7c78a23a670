"""Frames: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from stillframe.errors import StoreError
from stillframe.store.frames import checked, delta_frame, key_frame, packed, unpacked, unroll


@given(some.lists(some.binary(min_size=8, max_size=400), min_size=1, max_size=8), some.data())
def test_every_depth_of_a_chain_reads_back(contents: list[bytes], data: some.DataObject) -> None:
    """A chain cut into segments anywhere between frames is the same chain."""
    frames = [key_frame(contents[0])]
    frames += [delta_frame(after, predecessor=before) or b"" for before, after in pairwise(contents)]
    cut = data.draw(some.integers(0, len(frames)))
    segments = [b"".join(frames[:cut]), b"".join(frames[cut:])]
    for depth, content in enumerate(contents):
        assert unroll(segments, depth=depth) == content
        for before in range(depth + 1):
            assert unroll(segments, depth=depth, known=(before, contents[before])) == content
    with pytest.raises(StoreError):
        unroll(segments, depth=len(contents))


@given(some.binary(min_size=8, max_size=200), some.integers(0, 10_000), some.integers(1, 255))
def test_a_flipped_byte_is_an_error_and_never_another_payload(content: bytes, place: int, flip: int) -> None:
    """Checksum, size and SHA-256 stand between a bad disk and a false picture."""
    import hashlib

    frame = bytearray(key_frame(content))
    frame[place % len(frame)] ^= flip
    name = hashlib.sha256(content).hexdigest()
    try:
        read = checked(unroll([bytes(frame)], depth=0), content_hash=name)
    except StoreError:
        return
    assert read == content


def test_what_is_known_of_a_chain_is_not_decoded_again() -> None:
    """Frames before it are passed over by their heads: what they hold does not matter, that they are frames does."""
    first, second, third = b"first " * 9, b"second " * 9, b"third " * 9
    frames = [key_frame(b"x" * 40), delta_frame(second, predecessor=first), delta_frame(third, predecessor=second)]
    assert unroll([b"".join(filter(None, frames))], depth=2, known=(1, second)) == third
    with pytest.raises(StoreError, match="broken"):
        unroll([b"no frame at all", *filter(None, frames)], depth=2, known=(1, second))


@given(some.binary(max_size=300))
def test_packing_is_undone_by_unpacking(plain: bytes) -> None:
    """Compression is invisible."""
    assert unpacked(packed(plain)) == plain


def test_a_short_predecessor_begins_a_new_chain() -> None:
    """zstd takes no dictionary under eight bytes."""
    assert delta_frame(b"anything", predecessor=b"short") is None
