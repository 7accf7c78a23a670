"""Dumbbells: old and new, the largest change first, on one scale or each against its own old value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts import Dumbbell, dumbbells
from stillframe.report.charts.dumbbells import ROWS_MOST
from tests.report.charts.anything import NAMES, NUMBERS, assert_drawable, cells_of, text_of, texts_of

BELLS = st.builds(
    Dumbbell,
    name=NAMES,
    old=st.one_of(st.none(), NUMBERS),
    new=st.one_of(st.none(), NUMBERS),
    state=st.sampled_from(["improved", "regressed", "unchanged"]),
    tolerance=st.floats(0, 1e300),
    limit=st.one_of(st.none(), NUMBERS),
)


def bell(name: str, old: float | None, new: float | None, **more: Any) -> Dumbbell:
    return Dumbbell(name=name, old=old, new=new, **{"state": "unchanged"} | more)


def names_of(rows: list[Dumbbell], **options: Any) -> list[str]:
    """The rows' names in the order in which they are drawn."""
    named = {row.name for row in rows}
    return [text for text in texts_of(dumbbells(rows, **options)) if text in named]


@given(rows=st.lists(BELLS, max_size=30), within=st.sampled_from([None, (0.0, 100.0)]))
def test_anything_can_be_drawn_and_twice_the_same(rows: list[Dumbbell], within: tuple[float, float] | None) -> None:
    """Absent, equal, huge, from zero, below zero: on the canvas."""
    chart = dumbbells(rows, within=within)
    assert_drawable(chart)
    assert text_of(chart) == text_of(dumbbells(rows, within=within))


def test_the_largest_change_comes_first() -> None:
    """Relative to its old value, or in points where all share a scale; what came from zero is beyond all."""
    rows = [bell("small", 100, 101), bell("large", 10, 15), bell("absent", None, 3), bell("zero", 0, 1)]
    assert names_of(rows) == ["zero", "large", "small", "absent"]
    scores = [bell("small", 10, 15), bell("large", 100, 50)]
    assert names_of(scores, within=(0, 100)) == ["large", "small"]


def test_old_and_new_are_said_with_the_change() -> None:
    """In figures that differ where the numbers do; the arrow goes the way of the value."""
    assert {"15,025 → 15,661", "▲ +4.2 %"} <= set(texts_of(dumbbells([bell("m", 15_025, 15_661)])))
    assert {"88 → 71", "▼ 17"} <= set(texts_of(dumbbells([bell("m", 88, 71)], within=(0, 100))))


def test_signs_that_are_drawn_are_explained_and_no_others() -> None:
    """A legend of what is not there is noise."""
    plain = texts_of(dumbbells([bell("m", 1, 2)]))
    assert {"before", "after"} <= set(plain)
    assert not {"tolerance", "limit"} & set(plain)
    rich = texts_of(dumbbells([bell("m", 1, 2, tolerance=0.1, limit=3)]))
    assert {"tolerance", "limit"} <= set(rich)


def test_the_tolerance_lies_around_the_old_value() -> None:
    """A new value inside the band is no change."""
    chart = dumbbells([bell("m", 50, 60, tolerance=5)], within=(0, 100))
    band = next(row for row in cells_of(chart) if "x2" in row and row["y2"] - row["y"] == 16)
    dots = [row["x"] for row in cells_of(chart) if "said" in row]
    assert band["x"] < dots[0] < band["x2"] < dots[1]


def test_what_is_left_out_is_counted() -> None:
    """And it is what moved least."""
    rows = [bell(f"m-{number}", 100, 100 + number) for number in range(40)]
    chart = dumbbells(rows)
    assert f"{ROWS_MOST} of 40 shown" in texts_of(chart)
    assert "m-39" in texts_of(chart)
    assert "m-1" not in texts_of(chart)


def test_the_alternative_text_says_old_and_new() -> None:
    """Of what changed; and that nothing did, where nothing did."""
    assert dumbbells([bell("SCA", 88, 71), bell("Audit", 5, 5)]).alt == "SCA 88 → 71"
    assert dumbbells([bell("Audit", 5, 5)]).alt == "unchanged"
    assert dumbbells([]).alt == "no data"
