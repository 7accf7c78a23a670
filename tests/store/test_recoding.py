"""Encoding a chain anew: whatever leaves it, what stays is byte for byte what it was."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import StoreError
from stillframe.store.frames import delta_frame, key_frame, unrolled
from stillframe.store.recoding import Kept, free_number, in_segments, recoded


def chain(plains: list[bytes]) -> list[bytes]:
    """Encode payloads as captures do."""
    frames = [key_frame(plains[0])]
    for before, after in pairwise(plains):
        frames.append(delta_frame(after, predecessor=before) or b"")
    return frames


def kept(plains: list[bytes], depths: set[int]) -> dict[int, Kept]:
    return {
        depth: Kept(content=100 + depth, content_hash=hashlib.sha256(plains[depth]).hexdigest()) for depth in depths
    }


PLAINS = [f'{{"board":[{"7" * 40},{number}]}}'.encode() * (1 + number % 3) for number in range(20)]


@given(depths=st.sets(st.integers(0, 19), min_size=1))
def test_every_choice_of_what_stays_is_read_back(depths: set[int]) -> None:
    """Any subset of a chain survives the others: the new frames hold exactly its bytes, in order."""
    new = recoded(in_segments(chain(PLAINS), most_bytes=100), kept(PLAINS, depths), number=100)
    assert [content - 100 for found in new for content in found.contents] == sorted(depths)
    read = [plain for found in new for _, plain in unrolled(found.frames)]
    assert read == [PLAINS[depth] for depth in sorted(depths)]


def test_frames_whose_predecessor_stays_are_not_encoded_again() -> None:
    """A chain that loses its beginning gets one new key frame, and the other frames move as they are."""
    frames = chain(PLAINS)
    (new,) = recoded(frames, kept(PLAINS, set(range(5, 20))), number=100)
    assert list(new.frames[1:]) == frames[6:]


def test_a_new_chain_has_a_name_that_no_other_can_have() -> None:
    """It is named by its first content; the sign tells it from the chain that the content leaves."""
    (new,) = recoded(chain(PLAINS), kept(PLAINS, {0, 1}), number=100)
    assert new.number == -100
    (new,) = recoded(chain(PLAINS), kept(PLAINS, {3}), number=100)
    assert new.number == 103
    assert free_number(5, leaving=-5) == 5


def test_what_does_not_fit_its_hash_is_not_encoded_anew() -> None:
    """Damage is found before anything is written, and stays to be found by the doctor."""
    wrong = kept(PLAINS, {4, 5}) | {4: Kept(content=104, content_hash="00" * 32)}
    with pytest.raises(StoreError, match="not what its hash says"):
        recoded(chain(PLAINS), wrong, number=100)
    with pytest.raises(StoreError):
        recoded([b"".join(chain(PLAINS)[:4])], kept(PLAINS, {2, 9}), number=100)


def test_payloads_too_large_for_each_other_begin_chains_of_their_own() -> None:
    """What stood between two very large ones made them one chain; without it they are two."""
    large = 70 * 1024 * 1024
    plains = [b"0" * large, b"12345678", b"1" * large]
    first, second = recoded(chain(plains), kept(plains, {0, 2}), number=100)
    assert (first.contents, second.contents) == ((100,), (102,))
    assert (first.number, second.number) == (-100, 102)


def test_segments_hold_whole_frames_up_to_a_size() -> None:
    """A frame that is larger than a segment stands alone."""
    assert in_segments([b"aa", b"bb", b"c" * 9, b"d"], most_bytes=4) == [b"aabb", b"c" * 9, b"d"]
    assert in_segments([b"a", b"b"], most_bytes=0) == [b"a", b"b"]
