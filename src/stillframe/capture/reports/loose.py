"""Free-form members of a report, whose shape no format promises: taken where they are small and well, else as none."""

from __future__ import annotations

from typing import Any, Final

import msgspec

MOST_LOOSE_BYTES: Final = 64 * 1024
_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])


def loose_members(raw: msgspec.Raw) -> dict[str, Any]:
    """
    Return the members of a free-form object; none of one that is larger than 64 KiB, or no object at all.

    >>> loose_members(msgspec.Raw(b'{"tags": ["security"]}'))
    {'tags': ['security']}
    >>> loose_members(msgspec.Raw(b"7"))
    {}
    """
    if len(memoryview(raw)) > MOST_LOOSE_BYTES:
        return {}
    try:
        return _OBJECT.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def loose_texts(value: object) -> list[str]:
    """
    Return the texts in what may be a list of texts.

    >>> loose_texts(["CWE-79", 7]), loose_texts("CWE-79"), loose_texts(None)
    (['CWE-79'], ['CWE-79'], [])
    """
    if isinstance(value, str):
        return [value]
    return [found for found in value if isinstance(found, str)] if isinstance(value, list) else []
