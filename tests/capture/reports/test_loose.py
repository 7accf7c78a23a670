"""Free-form members: taken where they are what one hopes, and none where they are not."""

from __future__ import annotations

import msgspec
import pytest

from stillframe.capture.reports.loose import MOST_LOOSE_BYTES, loose_members, loose_texts


@pytest.mark.parametrize("text", [b"null", b"[]", b"7", b'{"a": "\xff"}', b'{"a": "\\ud800"}', b'{"a":' + b"[" * 5_000])
def test_what_is_no_object_has_no_members(text: bytes) -> None:
    """No format promises what is in a bag of properties, so nothing in it is a fault."""
    assert loose_members(msgspec.Raw(text)) == {}


def test_a_bag_over_the_bound_is_not_opened() -> None:
    """Nobody says how large it may be, so we do."""
    small = b'{"a": "%s"}' % (b"x" * (MOST_LOOSE_BYTES - 9))
    assert len(small) == MOST_LOOSE_BYTES
    assert loose_members(msgspec.Raw(small))["a"].startswith("xx")
    assert loose_members(msgspec.Raw(small + b" ")) == {}


def test_texts_are_taken_and_all_else_left() -> None:
    """One text is a list of one."""
    assert loose_texts(["a", 1, None, "b"]) == ["a", "b"]
    assert loose_texts("a") == ["a"]
    assert loose_texts({"a": "b"}) == []
