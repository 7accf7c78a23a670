"""The bump chart: who held the first places over time, with gaps where a row was not among them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts import bump_chart
from stillframe.report.charts.canvas import ACCENT, DOWN, UP
from tests.report.charts.anything import IDS, MILLISECONDS, NAMES, assert_drawable, cells_of, text_of, texts_of

DAY = 86_400_000
START = 1_763_700_000_000


@st.composite
def films(draw: st.DrawFn) -> dict[str, Any]:
    """Times in order, each with ranks, some of them tied, and what some of the rows are called."""
    times = draw(st.lists(MILLISECONDS, max_size=8).map(sorted))
    frame = st.dictionaries(IDS, st.integers(1, 70), max_size=12)
    return {
        "times": times,
        "frames": draw(st.lists(frame, min_size=len(times), max_size=len(times))),
        "titles": draw(st.dictionaries(IDS, NAMES, max_size=8)),
        "top_n": draw(st.integers(0, 60)),
    }


def drawn(film: dict[str, Any], **more: Any) -> Any:
    members = film | more
    return bump_chart(members.pop("times"), members.pop("frames"), **members)


def film(*orders: str, **more: Any) -> dict[str, Any]:
    """Frames a day apart, each given by its rows in rank order."""
    frames = [{letter: place + 1 for place, letter in enumerate(order)} for order in orders]
    times = [START + number * DAY for number in range(len(orders))]
    return {"times": times, "frames": frames, "titles": {}, "top_n": 3} | more


def strokes_of(chart: Any) -> dict[str, set[int]]:
    """Which rows are drawn in which colour."""
    return {
        layer["mark"]["stroke"]: {row["row"] for row in layer["data"]["values"]}
        for layer in chart.spec["layer"]
        if layer["mark"]["type"] == "line"
    }


@given(found=films(), width=st.sampled_from([500, 640]))
def test_anything_can_be_drawn_and_twice_the_same(found: dict[str, Any], width: int) -> None:
    """No frame, one frame, ties, rows that come and go: on the canvas."""
    chart = drawn(found, width=width)
    assert_drawable(chart)
    assert text_of(chart) == text_of(drawn(found, width=width))


def test_the_leader_what_rose_and_what_fell_are_told_apart() -> None:
    """By colour and by stroke."""
    assert strokes_of(drawn(film("abc", "acb"))) == {ACCENT: {0}, UP: {1}, DOWN: {2}}


def test_a_row_that_was_not_among_the_first_has_a_gap() -> None:
    """It is not drawn through places that it did not hold."""
    chart = drawn(film("abc", "abc", "xyz", "abc", "abc"))
    starts = {row["line"] for row in cells_of(chart) if row.get("said", "").startswith("a:") and "n" in row}
    assert starts == {row["line"] for row in cells_of(chart) if row.get("row") == 0 and "n" in row}
    assert len(starts) == 2


def test_rows_that_tie_share_a_place_and_a_line_of_text() -> None:
    """Two firsts are two firsts."""
    found = film("ab") | {"frames": [{"a": 1, "b": 1, "c": 3}]}
    assert "a, b" in texts_of(drawn(found))


def test_many_frames_are_thinned_and_the_newest_is_kept() -> None:
    """Two hundred places are as many as can be seen."""
    orders = ["abc"] * 4_999 + ["cab"]
    chart = drawn(film(*orders))
    assert chart.alt.startswith("c 3 → 1")
    assert len(text_of(chart)) < 120_000
