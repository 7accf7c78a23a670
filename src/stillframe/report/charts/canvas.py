"""The canvas: Vega-Lite specifications with every position in pixels, and the colours and type of our pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

FONT: Final = "Inter, system-ui, 'Segoe UI', Roboto, sans-serif"
"""Inter is what documents are set in. The compiler measures every text, and three times slower once the list names a
large font that the machine has, such as DejaVu Sans."""
UP: Final = "#0b7a75"
DOWN: Final = "#b4540a"
ACCENT: Final = "#1f5fbf"
INK: Final = "#1f2328"
MUTED: Final = "#5b6470"
QUIET: Final = "#98a1ab"
HAIR: Final = "#d5dae0"
BAND: Final = "#e9edf1"
PAPER: Final = "#ffffff"

TEXT: Final = 12
SMALL: Final = 11
WIDTH: Final = 640

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"

Look: TypeAlias = str | float | bool | Sequence[float]
"""One property of a mark."""
Layer: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """
    A picture, and what it says to who cannot see it.

    Shape   `spec`: a Vega-Lite specification with its data inside and no address in it. `alt`: one line.
    """

    spec: Mapping[str, Any]
    alt: str

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.spec["width"])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.spec["height"])


def chart(layers: Sequence[Layer | None], *, width: int, height: float, alt: str) -> Chart:
    """
    Return the chart that these layers make, the first at the back.

    Nothing is left for the compiler to measure: no axis, legend or title of its own, and no automatic size. So a
    picture has the same bytes on every machine, whatever fonts are installed there.
    """
    spec = {
        "$schema": _SCHEMA,
        "description": alt,
        "width": width,
        "height": round(height),
        "padding": 0,
        "autosize": {"type": "none"},
        "background": PAPER,
        "layer": [layer for layer in layers if layer is not None] or [note([], x=0, y=0)],
        "config": {"aria": False, "font": FONT, "view": {"stroke": None}},
    }
    return Chart(spec=spec, alt=alt)


def texts(rows: Sequence[Mapping[str, Any]], **mark: Look) -> Layer | None:
    """Return a layer of texts at `x`, `y`; each row gives them as `text`."""
    look = {"type": "text", "fontSize": TEXT, "fill": INK, "baseline": "middle", **mark}
    return _layer(look, rows, ("x", "y"), text=_plain("text"))


def note(lines: Sequence[str], *, x: float, y: float) -> Layer:
    """Return one muted line of small text."""
    rows = [{"x": _px(x), "y": _px(y), "text": " · ".join(filter(None, lines))}]
    found = texts(rows, fontSize=SMALL, fill=MUTED, align="left")
    assert found is not None
    return found


def rules(rows: Sequence[Mapping[str, Any]], **mark: Look) -> Layer | None:
    """Return a layer of straight lines from `x`, `y` to `x2`, `y2`."""
    look = {"type": "rule", "stroke": HAIR, "strokeWidth": 1, **mark}
    return _layer(look, rows, ("x", "y", "x2", "y2"))


def points(rows: Sequence[Mapping[str, Any]], *, filled: bool = True, **mark: Look) -> Layer | None:
    """Return a layer of dots at `x`, `y`; a row says more of itself as `said`."""
    look = {"type": "point", "filled": filled, "size": 44, "opacity": 1, "strokeWidth": 1.5, **mark}
    return _layer(look, rows, ("x", "y"), **_tooltip(rows))


def lines(rows: Sequence[Mapping[str, Any]], **mark: Look) -> Layer | None:
    """Return a layer of lines: a row is a point at `x`, `y`, those with the same `line` are joined in their order."""
    look = {"type": "line", "strokeWidth": 1.75, "strokeJoin": "round", "strokeCap": "round", **mark}
    order = {"field": "n", "type": "quantitative"}
    return _layer(look, _numbered(rows), ("x", "y"), detail=_plain("line"), order=order)


def areas(rows: Sequence[Mapping[str, Any]], **mark: Look) -> Layer | None:
    """Return a layer of areas between `y` and `y2` along `x`, one for each `line`."""
    look = {"type": "area", "fill": BAND, **mark}
    return _layer(look, rows, ("x", "y", "y2"), detail=_plain("line"))


def boxes(rows: Sequence[Mapping[str, Any]], **mark: Look) -> Layer | None:
    """Return a layer of rectangles from `x`, `y` to `x2`, `y2`."""
    return _layer({"type": "rect", "fill": BAND, **mark}, rows, ("x", "y", "x2", "y2"))


def _layer(
    mark: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], places: Sequence[str], **channels: Mapping[str, Any]
) -> Layer | None:
    if not rows:
        return None
    encoding = {name: _pixels(name) for name in places} | channels
    values = [{name: _px(cell) if name in places else cell for name, cell in row.items()} for row in rows]
    return {"data": {"values": values}, "mark": dict(mark), "encoding": encoding}


def _pixels(name: str) -> dict[str, Any]:
    if name.endswith("2"):
        return {"field": name}
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}


def _plain(name: str) -> dict[str, Any]:
    return {"field": name, "type": "nominal"}


def _tooltip(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"tooltip": _plain("said")} if any("said" in row for row in rows) else {}


def _numbered(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "n": number} for number, row in enumerate(rows)]


def _px(place: float) -> float:
    """Return a position to a tenth of a pixel, which nobody sees more of."""
    rounded = round(float(place), 1)
    return int(rounded) if rounded.is_integer() else rounded
