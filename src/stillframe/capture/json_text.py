"""Strict JSON: what a capture may read from text, and a clear refusal of everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from stillframe.capture.refusals import refused

_SURROGATE = re.compile("[\ud800-\udfff]")


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
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = _DECODER.decode(text)
        if "\\u" in text or not isinstance(data, bytes):
            _refuse_surrogates(value, path)
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
    return value


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


def _refuse_surrogates(value: Any, path: str) -> None:  # noqa: ANN401  # because JSON may hold anything
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise refused(path, "a lone surrogate is no character; write whole characters")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_surrogates(name, path)
            _refuse_surrogates(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_surrogates(item, f"{path}[{index}]")
