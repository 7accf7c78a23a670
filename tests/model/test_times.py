"""Times as text: one form, which sorts, and refuses what is no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.model.times import milliseconds, texts_of_millis, time_from_text, time_text

times = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])
)


@given(time=times.filter(lambda time: 1 < time.year < 9999))
def test_text_and_back_keeps_whole_milliseconds(time: datetime) -> None:
    """What is finer than a millisecond is cut, and nothing else is lost."""
    assert time_from_text(time_text(time)) == milliseconds(time)


@given(one=times.filter(lambda time: 1 < time.year < 9999), other=times.filter(lambda time: 1 < time.year < 9999))
def test_texts_sort_as_times_do(one: datetime, other: datetime) -> None:
    """A database may order them without understanding them."""
    if milliseconds(one) != milliseconds(other):
        assert (time_text(one) < time_text(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "1E9"],
)
def test_what_is_no_time_is_refused_at_its_place(text: str) -> None:
    """A date alone, a time without a zone and an impossible one are told apart from a time."""
    with pytest.raises(InvalidInput) as caught:
        time_from_text(text, path="$.as_of")
    assert caught.value.faults[0].path == "$.as_of"


def test_a_time_without_a_zone_is_a_mistake_of_the_code() -> None:
    """Nobody guesses a zone."""
    with pytest.raises(ValueError, match="zone"):
        time_text(datetime(2026, 1, 1))  # noqa: DTZ001  # because the missing zone is the point


def test_every_spelling_of_rfc_3339_is_read() -> None:
    """Offsets, lower case letters, a space, and more digits than we keep."""
    expected = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    for text in ("2026-01-02T03:04:05.678Z", "2026-01-02t04:04:05.678901+01:00", "2026-01-02 03:04:05.678z"):
        assert time_from_text(text) == expected


@given(st.lists(st.integers(-2_000_000_000_000, 250_000_000_000_000), max_size=20))
def test_texts_in_bulk_are_the_texts_one_by_one(times: list[int]) -> None:
    """The fast way for thousands says the same, before 1970 too."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert texts_of_millis(times) == [time_text(epoch + timedelta(milliseconds=time)) for time in times]
