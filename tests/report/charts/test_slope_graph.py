"""The slope graph: every row that matters once, its way told by colour, stroke and arrow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts import slope_graph
from stillframe.report.charts.canvas import DOWN, QUIET, UP
from stillframe.report.charts.slope_graph import DEPTH_MOST
from tests.report.charts.anything import IDS, NAMES, assert_drawable, cells_of, compiled, text_of, texts_of

BEFORE = list("ABCDE")
AFTER = list("BACXE")
TITLES = {letter: f"Carrier {letter}" for letter in "ABCDEX"}


@st.composite
def rankings(draw: st.DrawFn) -> dict[str, Any]:
    """Two rankings of few ids, so that they overlap, and what some of the rows are called."""
    before, after = (draw(st.lists(IDS, unique=True, max_size=50)) for _ in range(2))
    return {
        "before": before,
        "after": after,
        "titles": draw(st.dictionaries(IDS, NAMES, max_size=8)),
        "top_n": draw(st.integers(1, 60)),
    }


def drawn(given_rankings: dict[str, Any], **more: Any) -> Any:
    members = given_rankings | more
    return slope_graph(members.pop("before"), members.pop("after"), **members)


@given(found=rankings(), width=st.sampled_from([500, 640, 900]))
def test_anything_can_be_drawn_and_twice_the_same(found: dict[str, Any], width: int) -> None:
    """Empty, equal, disjoint, long: on the canvas, no deeper than a glance, the same specification each time."""
    chart = drawn(found, width=width)
    assert_drawable(chart)
    assert text_of(chart) == text_of(drawn(found, width=width))
    assert chart.height < 100 + (DEPTH_MOST + 1) * 24


def lines_of(chart: Any) -> dict[tuple[str, bool], int]:
    """How many lines there are of each colour, dashed or not, apart from the cut."""
    return {
        (layer["mark"]["stroke"], "strokeDash" in layer["mark"]): len(layer["data"]["values"])
        for layer in chart.spec["layer"]
        if layer["mark"]["type"] == "rule"
        and layer["mark"].get("strokeDash") != [2, 2]
        and layer["mark"].get("strokeDash") != [1.5, 3]
    }


def test_each_way_has_its_own_colour_stroke_and_arrow() -> None:
    """So it is read in print, and by who sees no colours."""
    chart = slope_graph(BEFORE, AFTER, titles=TITLES, top_n=5)
    assert lines_of(chart) == {(QUIET, False): 2, (DOWN, True): 1, (UP, False): 1}
    beside = {row["y"]: row["text"] for row in cells_of(chart) if row.get("text", "x")[0] in "▲▼–"}
    assert [beside[place] for place in sorted(beside)] == ["▲1", "▼1", "–", "–"]


def test_a_row_of_one_side_hangs_off_its_edge_and_says_where_it_was() -> None:
    """New and gone, or from a place that is not drawn."""
    texts = texts_of(slope_graph(BEFORE, AFTER, titles=TITLES, top_n=5))
    assert texts.count("new") == texts.count("gone") == 1
    long = [*range(100)]
    texts = texts_of(slope_graph(long, [long[70], *long[:70], *long[71:]], titles={}, top_n=10))
    assert "from 71" in texts
    assert "to 16" in texts


@pytest.mark.parametrize(("top_n", "drawn_cut"), [(3, True), (5, False), (9, False)])
def test_the_cut_of_the_rule_is_drawn_where_it_has_two_sides(top_n: int, drawn_cut: bool) -> None:
    """A line below everything separates nothing."""
    texts = texts_of(slope_graph(BEFORE, AFTER, titles=TITLES, top_n=top_n))
    assert (f"top {top_n}" in texts) is drawn_cut


def test_what_is_left_out_is_counted() -> None:
    """A picture of fifteen rows says that there are three hundred."""
    long = list(range(300))
    chart = slope_graph(long, long, titles={}, top_n=10)
    assert "15 of 300 shown" in texts_of(chart)
    assert chart.alt == "unchanged"


def test_the_alternative_text_tells_the_largest_moves_first() -> None:
    """Five of them, and how many there were."""
    before, after = list("abcdefghij"), list("jabcdefghi")
    alt = slope_graph(before, after, titles={"j": "Jetstar"}, top_n=10).alt
    assert alt.startswith("Jetstar 10 → 1; a 1 → 2")
    assert alt.endswith("5 of 10 shown")


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    """Neither Vega's expressions nor the SVG act upon it."""
    made = compiled(slope_graph(["x"], ["x"], titles={"x": "<i>&{{1+1}}</i>"}, top_n=1))
    assert "&lt;i&gt;&amp;{{1+1}}&lt;/i&gt;" in made
    assert "<i>" not in made
