"""The words of charts in English; other languages bring their own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stillframe.report.charts.calendar_ticks import Grain
from stillframe.report.charts.words import ENGLISH


@pytest.mark.parametrize(
    ("grain", "text"),
    [("minute", "07:05"), ("hour", "2 Jan 07:05"), ("day", "2 Jan"), ("month", "Jan 2026"), ("year", "2026")],
)
def test_a_time_is_no_finer_than_its_axis(grain: Grain, text: str) -> None:
    """A year of months needs no days."""
    assert ENGLISH.time(datetime(2026, 1, 2, 7, 5, tzinfo=UTC), grain) == text


def test_a_change_has_its_sign() -> None:
    """Zero has none."""
    assert [ENGLISH.signed_percent(share) for share in (0.042, -0.1, 0)] == ["+4.2 %", "-10 %", "0 %"]
    assert ENGLISH.shown(30, 1_200) == "30 of 1,200 shown"
