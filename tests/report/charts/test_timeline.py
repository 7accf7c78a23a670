"""The time axis: every time has its place, and a few are named."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts.canvas import chart
from stillframe.report.charts.timeline import timeline
from stillframe.report.charts.words import ENGLISH
from tests.report.charts.anything import MILLISECONDS, assert_drawable, texts_of


@given(times=st.lists(MILLISECONDS, max_size=6).map(sorted))
def test_every_time_has_its_place_in_order(times: list[int]) -> None:
    """From nothing to a thousand years, times that are equal too."""
    axis = timeline(times, start=40, end=400)
    places = [axis(moment) for moment in times]
    assert places == sorted(places)
    assert all(40 <= place <= 400 for place in places)
    assert_drawable(chart(list(axis.axis(ENGLISH, top=10, foot=100)), width=440, height=130, alt="a"))


def test_one_time_alone_is_named_in_full() -> None:
    """There is nothing round near it; it stands in the middle."""
    axis = timeline([1_763_700_000_000], start=0, end=100)
    assert axis(1_763_700_000_000) == 50
    assert texts_of(chart(list(axis.axis(ENGLISH, top=0, foot=9)), width=100, height=30, alt="a")) == ["21 Nov 04:40"]
