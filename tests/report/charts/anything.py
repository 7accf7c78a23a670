"""Anything that a chart may be asked to draw: names from outside, and numbers of every size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from stillframe.render.charts import svg
from stillframe.report.charts import Chart

NAMES = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "日本航空株式会社 国際線ターミナル",
            "😀" * 50,
            "datum.x",
            "a\nb\x1b[31m",
            "\u202egnol",
            "x" * 5_000,
            "",
            "{{ constructor }}",
            "\ud800",
        ]
    ),
    st.text(max_size=40),
)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, -1, 1e308, -1e308, 5e-324, 0.1]),
)
IDS = st.one_of(st.integers(0, 60), st.sampled_from("abcdefgh"))
MILLISECONDS = st.one_of(
    st.integers(1_700_000_000_000, 1_700_600_000_000), st.integers(-(10**15), 10**15), st.just(1_700_000_000_000)
)


def text_of(chart: Chart) -> str:
    """The specification as it is sent to be compiled; fails where it is no JSON or has no address of its own in it."""
    return json.dumps(chart.spec, allow_nan=False, sort_keys=True)


def cells_of(chart: Chart) -> Iterator[dict[str, Any]]:
    """Every row of data of every layer."""
    for layer in chart.spec["layer"]:
        yield from layer["data"]["values"]


def texts_of(chart: Chart) -> list[str]:
    """What is written in the picture."""
    return [row["text"] for row in cells_of(chart) if "text" in row]


def assert_drawable(chart: Chart) -> None:
    """A chart whose every mark lies on its canvas, whose texts are short and printable, and that says what it shows."""
    text_of(chart)
    assert chart.alt
    assert "\n" not in chart.alt
    for row in cells_of(chart):
        for name in ("x", "x2"):
            assert -1 <= row.get(name, 0) <= chart.width + 1, row
        for name in ("y", "y2"):
            assert -1 <= row.get(name, 0) <= chart.height + 1, row
        said = row.get("text", "x")
        assert len(said) <= 200
        assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in said), said


def compiled(chart: Chart) -> str:
    """The SVG of a chart."""
    return svg([json.dumps(chart.spec).encode()]).decode()
