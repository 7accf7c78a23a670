"""The canonical form is that of RFC 8785, also where the fast writer is used, and the hash names it."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from stillframe.model.canonical import (
    canonical_bytes,
    canonical_members,
    canonical_rows,
    content_hash,
    digest_of,
    float_is_plain,
    name_is_plain,
    one_line,
)

SAFE_INTEGER = 2**53 - 1
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [
        0.0,
        -0.0,
        1.0,
        1e-5,
        9.999e-6,
        1e-6,
        1e-7,
        1e15,
        1e16,
        1e20,
        1e21,
        1e22,
        5e-324,
        1.7976931348623157e308,
        2.0**53,
        0.1,
        -1e-7,
    ]
)
INTEGERS = st.integers(-SAFE_INTEGER, SAFE_INTEGER)
NAMES = st.text(max_size=4) | st.sampled_from(
    ["Größe", "\ud7ff", "\ue000", "\uffff", "\U00010000", "😀", "", "\x00", "\u2028", '"\\']
)
CELLS = st.none() | st.booleans() | INTEGERS | FLOATS | st.text(max_size=8)
VALUES = st.recursive(
    CELLS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=25
)


@given(VALUES)
@example({"\ue000": 1, "\U00010000": 2})
@example({"summaries": {"sca": {"score": 87.5, "measures": [{"name": "größe", "value": 1e-6}]}}})
def test_the_form_is_that_of_rfc_8785(value: Any) -> None:
    """Whichever writer is chosen, the bytes are the standard's."""
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_members_that_are_canonical_already_are_only_put_in_order(members: dict[str, Any]) -> None:
    """Composing the parts gives the bytes of the whole, also for names beyond the Basic Multilingual Plane."""
    written = {name: canonical_bytes(member) for name, member in members.items()}
    assert canonical_members(written) == rfc8785.dumps(members)


@given(st.lists(st.dictionaries(NAMES.filter(name_is_plain), CELLS, max_size=5), max_size=6))
def test_rows_whose_odd_columns_are_known_are_written_canonically(rows: list[dict[str, Any]]) -> None:
    """Only the floats that the fast writer spells otherwise take the slow way."""
    odd = {name for row in rows for name, cell in row.items() if type(cell) is float and not float_is_plain(cell)}
    assert canonical_rows(rows, odd=odd) == rfc8785.dumps(rows)


@given(FLOATS)
def test_a_float_is_plain_only_where_both_writers_agree(number: float) -> None:
    """The fast writer is never trusted with a number that it spells otherwise."""
    if float_is_plain(number):
        assert canonical_rows([{"n": number}]) == rfc8785.dumps([{"n": number}])


@given(st.lists(NAMES, unique=True, max_size=6))
def test_a_name_is_plain_only_where_both_writers_sort_alike(names: list[str]) -> None:
    """Code points and UTF-16 code units part at the surrogates."""
    if all(map(name_is_plain, names)):
        row = dict.fromkeys(names, 0)
        assert canonical_rows([row]) == rfc8785.dumps([row])


def test_names_with_accents_take_the_fast_way() -> None:
    """A German column costs no more than an English one."""
    assert name_is_plain("Größe")
    assert name_is_plain("漢字")
    assert not name_is_plain("😀")
    assert not name_is_plain("\ue000")


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, b"x"]
)
@pytest.mark.parametrize("deep", [False, True])
def test_what_json_cannot_say_is_an_error_and_never_null(value: Any, deep: bool) -> None:
    """The fast writer alone would turn NaN into null, and a hash would then name another picture."""
    with pytest.raises((ValueError, TypeError)):
        canonical_bytes({"a": [1, value]} if deep else value)


def test_a_list_and_a_tuple_are_one_array() -> None:
    """What is frozen in memory is written like what was read."""
    assert canonical_bytes({"a": (1, [2.5])}) == b'{"a":[1,[2.5]]}'


def test_the_hash_is_the_sha_256_of_the_bytes() -> None:
    """Anyone can check it with tools of their own."""
    assert content_hash(b"{}") == hashlib.sha256(b"{}").hexdigest()
    assert digest_of({"b": 1, "a": 2.0}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.randoms())
def test_the_order_of_members_changes_no_digest(value: dict[str, Any], random: Any) -> None:
    """Two mappings that are equal have one name."""
    names = list(value)
    random.shuffle(names)
    assert digest_of({name: value[name] for name in names}) == digest_of(value)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_one_line_says_the_same_in_the_order_given(value: dict[str, Any]) -> None:
    """What is only read keeps its members where they were put."""
    line = one_line(value)
    assert b"\n" not in line
    assert json.loads(line) == value
    assert list(json.loads(line)) == list(value)
