"""The trend chart: metrics over time, gaps kept, extremes kept, nothing that falls off the canvas."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts import Line, trend_chart
from tests.report.charts.anything import MILLISECONDS, NAMES, NUMBERS, assert_drawable, cells_of, text_of, texts_of

DAY = 86_400_000
START = 1_763_700_000_000


@st.composite
def trends(draw: st.DrawFn) -> tuple[list[int], list[Line]]:
    """Times in order, and lines with values that may be absent."""
    times = draw(st.lists(MILLISECONDS, max_size=12).map(sorted))
    column = st.lists(st.one_of(st.none(), NUMBERS), min_size=len(times), max_size=len(times))
    line = st.builds(
        Line,
        name=NAMES,
        values=column,
        tolerance=st.floats(0, 1e9),
        limit=st.one_of(st.none(), NUMBERS),
        within=st.sampled_from([None, (0.0, 100.0)]),
    )
    return times, draw(st.lists(line, max_size=8))


def runs_of(chart: Any) -> list[list[float]]:
    """The x of the points of each stretch of line."""
    found: dict[Any, list[float]] = {}
    for row in cells_of(chart):
        if "line" in row and "n" in row:
            found.setdefault(row["line"], []).append(row["x"])
    return list(found.values())


@given(found=trends(), apart=st.booleans(), width=st.sampled_from([500, 640]))
def test_anything_can_be_drawn_and_twice_the_same(found: tuple[list[int], list[Line]], apart: bool, width: int) -> None:
    """Empty, one point, all absent, huge, below zero, all equal: on the canvas."""
    chart = trend_chart(*found, apart=apart, width=width)
    assert_drawable(chart)
    assert text_of(chart) == text_of(trend_chart(*found, apart=apart, width=width))


def test_a_gap_stays_a_gap() -> None:
    """No line is drawn through days of which nobody knows; a day alone is a dot."""
    values = [1, 2, None, 3, None, 4, 5]
    chart = trend_chart([START + number * DAY for number in range(7)], [Line(name="m", values=values)])
    assert [len(run) for run in runs_of(chart)] == [2, 2]


def test_a_long_series_keeps_its_spike() -> None:
    """One bad hour of a year is in the band, though the line is of averages."""
    values = [50.0] * 8_760
    values[4_000] = 3.0
    chart = trend_chart([START + number * DAY // 24 for number in range(8_760)], [Line(name="m", values=values)])
    heights = [abs(row["y2"] - row["y"]) for row in cells_of(chart) if "line" in row and "y2" in row]
    assert sum(height > 100 for height in heights) == 1
    assert "lowest to highest" in texts_of(chart)
    assert len(text_of(chart)) < 60_000


def test_lines_are_named_at_their_ends_apart_from_each_other() -> None:
    """Four scores of the same value are still four names that can be read."""
    lines = [Line(name=f"m-{number}", values=[50, 50]) for number in range(4)]
    chart = trend_chart([START, START + DAY], lines)
    places = sorted(row["y"] for row in cells_of(chart) if row.get("text", "").startswith("m-"))
    assert all(after - before >= 14 for before, after in pairwise(places))


def test_metrics_of_different_units_stand_apart() -> None:
    """A share and a count on one scale would flatten the share."""
    lines = [Line(name="share", values=[0.1, 0.9]), Line(name="count", values=[1_000, 9_000])]
    assert trend_chart([START, START + DAY], lines, apart=True).height > trend_chart([START, START + DAY], lines).height


def test_a_limit_is_drawn_and_named_and_always_visible() -> None:
    """Also when no value is near it."""
    chart = trend_chart([START, START + DAY], [Line(name="m", values=[90, 91], limit=40)])
    assert "limit 40" in texts_of(chart)


def test_too_many_lines_are_cut_and_counted() -> None:
    """Six can be told apart."""
    lines = [Line(name=f"m-{number}", values=[number]) for number in range(9)]
    assert "6 of 9 shown" in texts_of(trend_chart([START], lines))


def test_the_alternative_text_says_where_each_line_came_from_and_went() -> None:
    """With its lowest and highest; an empty line says that it is empty."""
    lines = [Line(name="Health", values=[80, 70, 90]), Line(name="None", values=[None] * 3)]
    chart = trend_chart([START, START + DAY, START + 2 * DAY], lines)
    assert chart.alt == "Health 80 → 90 (70 – 90); None: no data"


def test_moments_are_marked_with_their_names_and_stay_on_the_canvas() -> None:
    """Two that are near each other are both readable; one outside the drawn time stands at its edge."""
    times = [START + number * DAY for number in range(5)]
    marks = [(times[3], "frame 4"), (times[4] + 90 * DAY, "frame 5")]
    chart = trend_chart(times, [Line(name="m", values=[1, 2, 3, 4, 5])], marks=marks)
    assert_drawable(chart)
    named = {row["text"]: row["y"] for row in cells_of(chart) if row.get("text") in ("frame 4", "frame 5")}
    assert len(set(named.values())) == 2
    assert text_of(chart) != text_of(trend_chart(times, [Line(name="m", values=[1, 2, 3, 4, 5])]))
