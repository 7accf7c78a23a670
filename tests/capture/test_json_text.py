"""JSON that a capture reads is strict JSON, and everything else is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture import parse_json
from stillframe.errors import CaptureRefused


def json_values(integers: st.SearchStrategy[int]) -> st.SearchStrategy[object]:
    return st.recursive(
        st.none() | st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )


VALUES = json_values(st.integers())
READ_ALIKE = json_values(st.integers(-(2**63), 2**64 - 1))


@given(VALUES)
def test_what_json_says_is_read_as_it_stands(value: object) -> None:
    """Strict refuses what is wrong and changes nothing that is right."""
    assert parse_json(json.dumps(value)) == value


@given(READ_ALIKE)
def test_bytes_are_read_as_they_stand(value: object) -> None:
    """With every character written as itself, up to integers of 64 bits."""
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        (b'{"a": 1, "a": 2}', "$.data", "the member 'a' occurs twice in one object"),
        (b'{"a": [{"b": {"c": 1, "c": 1}}]}', "$.data", "'c' occurs twice"),
        (b'{"a": 1,}', "$.data", "line 1, column"),
        (b'{"a":\n\n nope}', "$.data", "line 3, column 2"),
        (b"", "$.data", "not JSON"),
        (b"1 2", "$.data", "not JSON"),
        (b"'a'", "$.data", "not JSON"),
        (b'"\xff"', "$.data", "not UTF-8: byte 1"),
        ('"\\ud800"', "$.data", "lone surrogate"),
        (b'{"a": ["x", "\\udfff"]}', "$.data.a[1]", "lone surrogate"),
        (b'{"\\ud800": 1}', "$.data", "lone surrogate"),
        pytest.param('["\ud800"]', "$.data[0]", "lone surrogate", id="surrogate in text"),
        pytest.param(b"[" * 100_000, "$.data", "nested too deep", id="deep"),
        pytest.param(b"[1" + b"0" * 5_000 + b"]", "$.data", "too many digits", id="digits"),
    ],
)
def test_what_is_not_strict_json_is_refused_with_its_place(data: bytes | str, path: str, said: str) -> None:
    """A member that occurs twice means two things to two readers: it is evidence of nothing."""
    with pytest.raises(CaptureRefused) as caught:
        parse_json(data, path="$.data")
    assert caught.value.faults[0].path == path
    assert said in caught.value.faults[0].message


@pytest.mark.parametrize("depth", [10, 500, 800, 900, 930, 960, 1_000, 5_000])
def test_however_deep_a_fault_lies_the_answer_is_a_refusal(depth: int) -> None:
    """Somewhere the stack ends, and no document may find out where."""
    with pytest.raises(CaptureRefused, match=r"lone surrogate|nested too deep"):
        parse_json(b"[" * depth + b'"\\ud800"' + b"]" * depth)


def test_numbers_that_no_snapshot_holds_are_refused_later_where_the_row_is_known() -> None:
    """`NaN` in row 3 is said to be in row 3, not at byte 4711."""
    assert str(parse_json(b"[NaN, Infinity, 9007199254740993]")) == "[nan, inf, 9007199254740993]"


def test_a_byte_order_mark_and_whole_surrogate_pairs_are_fine() -> None:
    """What editors write is read."""
    assert parse_json(b'\xef\xbb\xbf["\\ud83d\\ude00"]') == ["😀"]


@given(READ_ALIKE, st.sampled_from([b"", b" ", b'{"a":1,"a":2}', b'"a:b"']))
def test_the_fast_reader_reads_what_the_strict_one_reads(value: object, odd: bytes) -> None:
    """Whatever is given as bytes is answered as the strict reader answers it as text: the value, or the refusal."""
    for data in (json.dumps(value).encode(), odd, b'{"data": %s, "x": %s}' % (json.dumps(value).encode(), odd or b"0")):
        assert _answer(data) == _answer(data.decode())


@pytest.mark.parametrize("colons", [0, 1])
def test_a_member_that_occurs_twice_in_a_row_is_found(colons: int) -> None:
    """Also among many rows, and where a text holds a colon."""
    rows = [{"id": number, "text": ":" * colons} for number in range(50)]
    text = json.dumps({"data": {"board": rows}})
    assert parse_json(text.encode()) == {"data": {"board": rows}}
    with pytest.raises(CaptureRefused, match="'id' occurs twice"):
        parse_json(text.replace('"id": 30', '"id": 30, "id": 31').encode())


def _answer(data: bytes | str) -> object:
    try:
        return repr(parse_json(data))
    except CaptureRefused as error:
        return error.message
