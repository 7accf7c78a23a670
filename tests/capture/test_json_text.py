"""JSON that a capture reads is strict JSON, and everything else is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture import parse_json
from stillframe.errors import CaptureRefused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_says_is_read_as_it_stands(value: object) -> None:
    """Strict refuses what is wrong and changes nothing that is right."""
    assert parse_json(json.dumps(value)) == value
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
