"""The key under a passphrase: opened by that passphrase, and by nothing else."""

from __future__ import annotations

import os

import pytest

from stillframe.errors import InvalidInput
from stillframe.notify.wrapped_key import unwrap_key, wrap_key

KEY = os.urandom(32)
PASSPHRASE = b"correct horse"


def test_the_passphrase_opens_the_key() -> None:
    """And two wraps of one key have nothing in common."""
    wrapped = wrap_key(KEY, PASSPHRASE)
    assert unwrap_key(wrapped, PASSPHRASE) == KEY
    assert KEY not in wrapped
    assert wrap_key(KEY, PASSPHRASE) != wrapped


def test_another_passphrase_opens_nothing() -> None:
    """The answer says which of the two is wrong, and not the key."""
    with pytest.raises(InvalidInput, match="the passphrase does not open"):
        unwrap_key(wrap_key(KEY, PASSPHRASE), b"battery staple")


@pytest.mark.parametrize("place", [3, 20, 40, -1])
def test_a_changed_byte_opens_nothing(place: int) -> None:
    """Salt, nonce, ciphertext and tag are all part of it."""
    wrapped = bytearray(wrap_key(KEY, PASSPHRASE))
    wrapped[place] ^= 1
    with pytest.raises(InvalidInput):
        unwrap_key(bytes(wrapped), PASSPHRASE)


@pytest.mark.parametrize("wrapped", [b"", b"\x02" * 77, b"\x01" * 76])
def test_another_form_is_refused_before_the_passphrase_is_tried(wrapped: bytes) -> None:
    """What a later version writes is not guessed at."""
    with pytest.raises(InvalidInput, match="form"):
        unwrap_key(wrapped, PASSPHRASE)


def test_a_short_passphrase_is_refused() -> None:
    """Seven bytes are guessed in an afternoon."""
    with pytest.raises(InvalidInput, match="shorter than 8"):
        wrap_key(KEY, b"1234567")
