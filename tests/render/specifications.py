"""Small chart specifications for tests of what compiles them."""

from __future__ import annotations

from typing import Any


def small(text: str = "Aa", *, width: int = 60) -> dict[str, Any]:
    """A chart of one word."""
    return {
        "width": width,
        "height": 20,
        "data": {"values": [{"text": text}]},
        "mark": {"type": "text", "font": "sans-serif"},
        "encoding": {"text": {"field": "text", "type": "nominal"}},
    }
