"""Messages on a pipe: what went in comes out, and nothing larger than was agreed."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.render.framing import BYTES_MOST, PARTS_MOST, read_message, write_message


def written(*parts: bytes) -> bytes:
    stream = BytesIO()
    write_message(stream, parts)
    return stream.getvalue()


@given(messages=st.lists(st.lists(st.binary(max_size=40), max_size=5), max_size=4))
def test_messages_come_out_as_they_went_in(messages: list[list[bytes]]) -> None:
    """Any bytes may be inside, the lengths say where a part ends; after the last message the pipe is simply closed."""
    stream = BytesIO(b"".join(written(*parts) for parts in messages))
    assert [read_message(stream) for _ in messages] == messages
    assert read_message(stream) is None


@given(parts=st.lists(st.binary(max_size=40), min_size=1, max_size=3), data=st.data())
def test_a_message_that_was_cut_is_no_message(parts: list[bytes], data: st.DataObject) -> None:
    """Who died while writing has said nothing."""
    whole = written(*parts)
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(EOFError):
        read_message(BytesIO(whole[:cut]))


def test_more_than_was_agreed_is_refused_on_both_sides() -> None:
    """A length of eight bytes could ask for more memory than there is; nothing is written or read of such a message."""
    stream = BytesIO()
    with pytest.raises(ValueError, match="at most"):
        write_message(stream, [b""] * (PARTS_MOST + 1))
    assert stream.getvalue() == b""
    with pytest.raises(ValueError, match="at most"):
        read_message(BytesIO(b"\xff\xff\xff\xff"))
    with pytest.raises(ValueError, match="at most"):
        read_message(BytesIO((1).to_bytes(4, "big") + (BYTES_MOST + 1).to_bytes(8, "big")))
