"""Chart jobs: our own Vega-Lite specifications become SVG or PNG, without asking anybody for anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import vl_convert

_ADDRESSES: Final = frozenset({"url", "href"})
"""Members by which a specification reaches outside; ours carry their data inside."""
_SMALL: Final = {
    "data": {"values": [{"x": 1}]},
    "mark": "text",
    "encoding": {"x": {"field": "x", "type": "quantitative"}, "text": {"value": "Aa"}},
}


def svg(parts: Sequence[bytes]) -> bytes:
    """
    Return the SVG of a specification.

    Shape   One part: the JSON of the specification.
    Errors  ValueError if it is no valid specification, or reaches outside.
    """
    return vl_convert.vegalite_to_svg(_own(parts[0]), allowed_base_urls=[]).encode()


def png(parts: Sequence[bytes]) -> bytes:
    """
    Return the PNG of a specification.

    Shape   Two parts: the JSON of the specification, and how many pixels the picture has for one of it.
    Errors  As `svg`.
    """
    return vl_convert.vegalite_to_png(_own(parts[0]), scale=float(parts[1]), allowed_base_urls=[])


def warm_up() -> None:
    """Compile a small chart: the first takes half a second."""
    png([json.dumps(_SMALL).encode(), b"1"])


def _own(spec: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(spec)
    _refuse_addresses(document)
    return document


def _refuse_addresses(found: object) -> None:
    if isinstance(found, dict):
        if reaching := _ADDRESSES & found.keys():
            raise ValueError(f"a specification carries its data inside; this one has {sorted(reaching)}")
        for value in found.values():
            _refuse_addresses(value)
    elif isinstance(found, list):
        for value in found:
            _refuse_addresses(value)
