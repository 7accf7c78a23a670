"""Tests of how a receiver is named without its address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.receiver import receiver_digest, shown_address

KEY = bytes(range(32))
URL = "https://example.org:8443/services/T0KEN?auth=hush"


def test_equal_addresses_have_equal_names() -> None:
    """The digest is what tells a subscription from one that is already there."""
    assert receiver_digest(URL, KEY) == receiver_digest(URL, KEY)


@given(st.text(max_size=60), st.text(max_size=60))
def test_different_addresses_have_different_names(one: str, other: str) -> None:
    """Two receivers do not share limits or a 409."""
    assert (receiver_digest(one, KEY) == receiver_digest(other, KEY)) == (one == other)


def test_the_name_depends_on_the_key() -> None:
    """Whoever guesses at a path cannot check the guess without the key of the installation."""
    assert receiver_digest(URL, KEY) != receiver_digest(URL, bytes(32))


def test_the_name_has_sixteen_hex_digits() -> None:
    """Short enough for a list, long enough that two do not meet."""
    digest = receiver_digest(URL, KEY)
    assert len(digest) == 16
    assert set(digest) <= set("0123456789abcdef")


def test_only_scheme_host_and_name_are_shown() -> None:
    """A webhook's path and query are its credential."""
    assert shown_address(URL, "ab12cd34") == "https://example.org:8443/…#ab12cd34"


def test_userinfo_is_never_shown() -> None:
    """Even an address that never passed the check shows no password."""
    assert shown_address("https://alice:hush@example.org/x", "ab12cd34") == "https://example.org/…#ab12cd34"
