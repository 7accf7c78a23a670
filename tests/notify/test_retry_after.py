"""Tests of how a receiver's Retry-After is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.retry_after import LONGEST_SECONDS, parse_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0007", 7.0),
        ("86400", 86_400.0),
        ("86401", 86_400.0),
        ("9" * 5000, 86_400.0),
        ("0" * 5000, 0.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90.0),
        ("Sun Mar  1 12:01:30 2026", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Mar 2030 12:00:00 GMT", 86_400.0),
    ],
)
def test_seconds_and_the_three_http_dates_are_read_and_clamped(text: str, seconds: float) -> None:
    """RFC 9110 knows a number and three forms of a date; none parks a delivery for over a day."""
    assert parse_retry_after(text, now=NOW) == seconds


ODD = "| |soon|-5|+5|1.5|1e3|0x10|٣|７|5 s|5, 6|NaN|inf|Sun, 99 Mar 2026 12:00:00|2026-03-01T12:00:30Z|Sun, \0|Sun, "


@pytest.mark.parametrize("text", [None, *ODD.split("|"), "Sun, 01 Mar 99999 12:00:00 GMT"])
def test_what_cannot_be_read_is_as_if_it_were_not_there(text: str | None) -> None:
    """An odd value changes nothing: our own schedule decides."""
    assert parse_retry_after(text, now=NOW) is None


@given(st.text())
def test_no_text_breaks_it_or_leaves_the_bounds(text: str) -> None:
    """Whatever a receiver sends, the answer is None or between zero and a day."""
    seconds = parse_retry_after(text, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS


@given(st.integers(min_value=-200_000, max_value=200_000))
def test_a_date_means_the_seconds_until_then(offset_seconds: int) -> None:
    """A date and a number of seconds that mean the same moment give the same wait."""
    text = format_datetime(NOW + timedelta(seconds=offset_seconds), usegmt=True)
    assert parse_retry_after(text, now=NOW) == min(max(offset_seconds, 0), LONGEST_SECONDS)
