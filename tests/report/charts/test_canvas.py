"""The canvas: pictures that need nothing measured, and are the same everywhere."""

from __future__ import annotations

import re

from stillframe.report.charts.canvas import chart, lines, note, points, rules, texts
from tests.report.charts.anything import compiled, text_of


def drawing() -> list[dict[str, object] | None]:
    return [
        rules([{"x": 0, "y": 1, "x2": 10.04, "y2": 1}]),
        lines([{"x": 9, "y": 1, "line": "a"}, {"x": 1, "y": 5, "line": "a"}]),
        points([]),
        texts([{"x": 3, "y": 3, "text": "<b>"}]),
    ]


def test_the_picture_has_exactly_the_size_that_was_asked() -> None:
    """Nothing is added for axes, titles or margins, so no font can change it."""
    made = compiled(chart(drawing(), width=321, height=45.4, alt="a"))
    assert re.search(r'<svg [^>]*width="321" height="45" viewBox="0 0 321 45"', made)


def test_lines_keep_the_order_of_their_points() -> None:
    """They go where they are told, also backwards."""
    assert "M9,1L1,5" in compiled(chart(drawing(), width=20, height=20, alt="a"))


def test_positions_are_as_fine_as_can_be_seen() -> None:
    """A tenth of a pixel: a shorter specification, and the same on every processor."""
    assert '"x2": 10,' in text_of(chart(drawing(), width=20, height=20, alt="a"))


def test_a_layer_of_nothing_is_left_out_and_a_picture_of_nothing_is_one() -> None:
    """An empty list of points is no error anywhere."""
    assert len(chart(drawing(), width=20, height=20, alt="a").spec["layer"]) == 3
    assert compiled(chart([], width=20, height=20, alt="a")).startswith("<svg")


def test_the_alternative_text_is_in_the_specification() -> None:
    """Whoever has the picture has what it says."""
    assert chart([], width=20, height=20, alt="two rows moved").spec["description"] == "two rows moved"


def test_a_note_joins_what_there_is_to_say() -> None:
    """Nothing where there is nothing."""
    assert note(["a", "", "b"], x=1, y=1)["data"]["values"][0]["text"] == "a · b"
