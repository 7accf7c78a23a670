"""Strict JSON: what a capture may read from text, and a clear refusal of everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import orjson

from stillframe.capture.refusals import refused

_NOTHING = object()
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAY_HOLD_SURROGATES = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def parse_json(data: bytes | str, *, path: str = "$") -> Any:  # noqa: ANN401  # because JSON may hold anything
    """
    Return the value that a JSON text holds.

    Numbers that JSON cannot say (NaN, infinities, integers beyond 2^53 - 1) pass: who knows panel, row and field
    refuses them there.

    Errors  CaptureRefused at `path` for text that is not UTF-8 or not JSON (with line and column), a member that occurs
            twice, lone surrogates, an integer of thousands of digits, and nesting that no dashboard has.
    Source  RFC 8259; I-JSON, RFC 7493, section 2.

    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    quick = _quickly(data) if isinstance(data, bytes) else _NOTHING
    if quick is not _NOTHING:
        return quick
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = _DECODER.decode(text)
        lone = _surrogate_in(value) if _MAY_HOLD_SURROGATES.search(text) else None
    except UnicodeDecodeError as error:
        raise refused(path, f"this is not UTF-8: byte {error.start} does not belong there") from error
    except json.JSONDecodeError as error:
        raise refused(path, f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise refused(path, "this is nested too deep for any dashboard") from error
    except ValueError as error:
        raise refused(path, "an integer has too many digits; send it as text") from error
    except _Fault as fault:
        raise refused(path, str(fault)) from fault
    if lone is not None:
        raise refused(path + lone, "a lone surrogate is no character; write whole characters")
    return value


def _quickly(data: bytes) -> Any:  # noqa: ANN401  # because JSON may hold anything
    """
    Return the value, if the fast reader takes it and no member can have occurred twice in it, else nothing.

    The fast reader keeps the last of two equal members. But every member is written with a colon: where there are no
    more colons than members that were kept, none was lost. A colon in a text is only a false alarm. Integers beyond 64
    bits become floats, which no snapshot holds either.
    """
    try:
        value = orjson.loads(data)
        whole = _members_in(value) == data.count(b":")
    except (orjson.JSONDecodeError, RecursionError):
        return _NOTHING
    return value if whole else _NOTHING


def _members_in(value: Any) -> int:  # noqa: ANN401  # because JSON may hold anything
    """Return how many members there are, down to the rows of a pushed panel; what lies deeper is not counted."""
    if not isinstance(value, dict):
        return sum(map(len, value)) if _are_rows(value) else 0
    below = (_members_in(member) for member in value.values() if isinstance(member, (dict, list)))
    return len(value) + sum(below)


def _are_rows(value: Any) -> bool:  # noqa: ANN401  # because JSON may hold anything
    return isinstance(value, list) and set(map(type, value)) == {dict}


class _Fault(Exception):
    """Raised inside the decoder, which knows no path."""


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Fault(f"the member {twice[:80]!r} occurs twice in one object")
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_members)


def _surrogate_in(value: object) -> str | None:
    """Return where in a value a lone surrogate stands, or None."""
    if isinstance(value, str):
        return "" if _SURROGATE.search(value) else None
    if isinstance(value, dict):
        for name, member in value.items():
            if _SURROGATE.search(name):
                return ""
            if (found := _surrogate_in(member)) is not None:
                return f".{name}{found}"
    if isinstance(value, list):
        for index, item in enumerate(value):
            if (found := _surrogate_in(item)) is not None:
                return f"[{index}]{found}"
    return None
