"""Times along an axis: few, round, and inside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.report.charts.calendar_ticks import time_of, time_ticks
from tests.report.charts.anything import MILLISECONDS

DAY = 86_400_000
START = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@given(first=MILLISECONDS, span=st.integers(0, 10**14), most=st.integers(2, 8))
def test_they_are_few_in_order_and_inside(first: int, span: int, most: int) -> None:
    """From one moment to thousands of years, also where the calendar ends."""
    found, _ = time_ticks(first, first + span, most=most)
    assert len(found) <= most
    assert found == sorted(set(found))
    assert all(first <= moment <= first + span for moment in found)
    assert all(time_of(moment).tzinfo is UTC for moment in found)


@pytest.mark.parametrize(
    ("span", "grain", "second"),
    [
        (3_600_000, "minute", "00:15"),
        (DAY, "hour", "06:00"),
        (10 * DAY, "day", "2026-01-03"),
        (365 * DAY, "month", "2026-04-01"),
        (3_650 * DAY, "year", "2028-01-01"),
    ],
)
def test_they_are_where_people_look_for_them(span: int, grain: str, second: str) -> None:
    """At quarters of an hour, of a day and of a year, by the length of what is shown."""
    found, fineness = time_ticks(START, START + span, most=6)
    assert fineness == grain
    assert second in time_of(found[1]).isoformat()


def test_a_time_beyond_the_calendar_is_its_end() -> None:
    """A wrong unit of time draws a strange picture and fails nothing."""
    assert time_of(10**17).year == 9_998
    assert time_of(0) == datetime(1970, 1, 1, tzinfo=UTC)
