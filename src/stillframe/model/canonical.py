"""Canonical bytes (RFC 8785) and the SHA-256 that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
import rfc8785

_PLAIN_FLOAT_MIN = 1e-5
_PLAIN_FLOAT_MAX = 1e16
_SAFE_INTEGER = 2**53 - 1
_FIRST_SURROGATE = "\ud800"


def canonical_bytes(value: Any) -> bytes:  # noqa: ANN401 because any JSON value is allowed
    """
    Return the RFC 8785 form of a JSON value.

    Errors  rfc8785.CanonicalizationError for what JSON cannot say: NaN, infinities, integers beyond 2^53 - 1, lone
            surrogates.
    Source  RFC 8785. The fast writer is used only where both writers agree; a property test holds them together.

    >>> canonical_bytes({"b": 1.0, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    if _orjson_agrees(value):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(value)


def one_line(value: Mapping[str, Any]) -> bytes:
    """
    Return JSON on one line with its members in the order given: for what is read, and not named by its hash.

    Shape   Made from payloads, whose numbers are finite and fit: of anything else NaN would become null.

    >>> one_line({"b": 1.0, "a": "é"}).decode()
    '{"b":1.0,"a":"é"}'
    """
    return orjson.dumps(value)


def content_hash(canonical: bytes) -> str:
    """Return the SHA-256 of canonical bytes, in hex: the name of a payload."""
    return hashlib.sha256(canonical).hexdigest()


def float_is_plain(number: float) -> bool:
    """
    Say whether orjson writes this float as RFC 8785 does.

    They differ on integral floats (1.0 and 1), below 1e-5 and from 1e16 on (exponents), and on what is not finite.
    """
    return _PLAIN_FLOAT_MIN <= abs(number) < _PLAIN_FLOAT_MAX and not number.is_integer()


def name_is_plain(name: str) -> bool:
    """
    Say whether orjson sorts a member of this name as RFC 8785 does.

    Code points and UTF-16 code units sort alike up to the surrogates' range.
    """
    return name.isascii() or max(name) < _FIRST_SURROGATE


def _orjson_agrees(value: Any) -> bool:  # noqa: ANN401 because any JSON value is allowed
    kind = type(value)
    if kind is str:
        return True
    if kind is int:
        return bool(-_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    if kind is float:
        return float_is_plain(value)
    if kind is bool or value is None:
        return True
    if kind is dict:
        plain = all(type(name) is str and name_is_plain(name) for name in value)
        return plain and all(map(_orjson_agrees, value.values()))
    if kind is list or kind is tuple:
        return all(map(_orjson_agrees, value))
    return False


def digest_of(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 in hex of a mapping's canonical form: what names specs, rules and formulas."""
    return content_hash(canonical_bytes(value))


def canonical_members(members: Mapping[str, bytes]) -> bytes:
    """
    Return the canonical object of members that are canonical already.

    >>> canonical_members({"b": b"[1]", "a": b"null"}).decode()
    '{"a":null,"b":[1]}'
    """
    ordered = sorted(members, key=_utf_16)
    return b"{" + b",".join(canonical_bytes(name) + b":" + members[name] for name in ordered) + b"}"


def canonical_rows(rows: Sequence[Mapping[str, Any]], *, odd: Collection[str] = ()) -> bytes:
    """
    Return the canonical form of rows whose every cell was looked at: text, whole numbers that fit, floats that are
    finite, booleans and null, under names that are plain (`name_is_plain`).

    Shape   `odd`: the columns with a float that is not plain (`float_is_plain`).
    """
    if odd:
        rows = [{**row, **{name: _written(row[name]) for name in odd if name in row}} for row in rows]
    return orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)


def _written(cell: Any) -> Any:  # noqa: ANN401 because any cell is allowed
    is_odd = type(cell) is float and not float_is_plain(cell)
    return orjson.Fragment(rfc8785.dumps(cell)) if is_odd else cell


def _utf_16(name: str) -> bytes:
    return name.encode("utf-16-be")
