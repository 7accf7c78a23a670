"""Quiet hours and digests go by the clocks on somebody's wall, also where these jump."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.calm import WEEKDAYS, Digest, QuietHours
from stillframe.rules.quiet import next_digest_at, quiet_until

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Santiago",
    "Africa/Cairo",
)
"""Among them half-hour transitions, offsets of 45 minutes, transitions at midnight and twice around Ramadan."""
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 31, 45, 59]))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda found: found.replace(tzinfo=UTC))  # noqa: DTZ001  # because hypothesis wants the ends without a zone


def quiet(begin: str, end: str, zone: str = "UTC") -> QuietHours:
    return QuietHours(begin=time.fromisoformat(begin), end=time.fromisoformat(end), zone=zone)


def at(text: str, zone: str = "UTC") -> datetime:
    """Return a moment by the clocks of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def transitions(zone: str) -> list[datetime]:
    """Return when the clocks of a zone jump in two years, found hour by hour."""
    found = []
    moment, before = BEGIN, BEGIN.astimezone(ZoneInfo(zone)).utcoffset()
    while moment < END:
        moment += HOUR
        offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
        if offset != before:
            found.append(moment)
            before = offset
    return found


AROUND = [(zone, moment) for zone in ZONES for moment in transitions(zone)]


def is_quiet(hours: QuietHours, now: datetime) -> bool:
    """Say what a person says who looks at the clock on the wall."""
    clock = now.astimezone(ZoneInfo(hours.zone)).time()
    if hours.begin < hours.end:
        return hours.begin <= clock < hours.end
    return not hours.end <= clock < hours.begin


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T21:59", None),
        ("2026-03-02T22:00", "2026-03-03T07:00"),
        ("2026-03-02T23:59", "2026-03-03T07:00"),
        ("2026-03-03T00:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59", "2026-03-03T07:00"),
        ("2026-03-03T07:00", None),
    ],
)
def test_hours_over_midnight_end_on_the_next_day(now: str, until: str | None) -> None:
    """The beginning is quiet and the end is not."""
    found = quiet_until(quiet("22:00", "07:00"), now=at(now))
    assert found == (None if until is None else at(until))


def test_an_end_that_the_clocks_leave_out_is_when_they_go_on() -> None:
    """On the last Sunday of March there is no half past two in Berlin."""
    hours = quiet("22:00", "02:30", "Europe/Berlin")
    assert quiet_until(hours, now=utc("2026-03-29T00:59")) == utc("2026-03-29T01:00")
    assert quiet_until(hours, now=utc("2026-03-29T01:00")) is None


def test_an_hour_that_the_clocks_show_twice_is_quiet_both_times() -> None:
    """On the last Sunday of October it is twice half past two: quiet, loud for half an hour, quiet again."""
    hours = quiet("22:00", "02:30", "Europe/Berlin")
    assert quiet_until(hours, now=utc("2026-10-25T00:10")) == utc("2026-10-25T00:30")
    assert quiet_until(hours, now=utc("2026-10-25T00:30")) is None
    assert quiet_until(hours, now=utc("2026-10-25T01:10")) == utc("2026-10-25T01:30")


def test_two_quiet_spans_between_which_the_clocks_jump_are_one() -> None:
    """In Santiago there is no midnight on that day, so the only loud minute of these hours does not come."""
    hours = quiet("00:01", "00:00", "America/Santiago")
    assert quiet_until(hours, now=utc("2026-09-06T03:59")) == at("2026-09-07T00:00", "America/Santiago")


@given(around=st.sampled_from(AROUND), minutes=st.integers(-36 * 60, 36 * 60), begin=CLOCKS, end=CLOCKS)
def test_quiet_lasts_until_its_end_and_not_a_minute_longer(
    around: tuple[str, datetime], minutes: int, begin: time, end: time
) -> None:
    """At every transition of two years: each minute up to the end is quiet by the clock on the wall, the end is not."""
    zone, moment = around
    hours, now = QuietHours(begin=begin, end=end, zone=zone), moment + minutes * MINUTE
    if begin == end:
        return
    until = quiet_until(hours, now=now)
    assert (until is not None) is is_quiet(hours, now)
    if until is not None:
        assert now < until <= now + 50 * HOUR
        assert not is_quiet(hours, until)
        assert all(is_quiet(hours, now + passed * MINUTE) for passed in range(0, (until - now) // MINUTE, 7))
        assert is_quiet(hours, until - MINUTE) or until - MINUTE < now


@pytest.mark.parametrize(
    ("digest", "after", "due"),
    [
        (Digest(every="hourly"), "2026-03-02T08:00", "2026-03-02T09:00"),
        (Digest(every="hourly", at=time(0, 15)), "2026-03-02T08:14", "2026-03-02T08:15"),
        (Digest(every="daily", at=time(8)), "2026-03-02T07:59", "2026-03-02T08:00"),
        (Digest(every="daily", at=time(8)), "2026-03-02T08:00", "2026-03-03T08:00"),
        (Digest(every="weekly", at=time(8), on="monday"), "2026-03-02T08:00", "2026-03-09T08:00"),
        (Digest(every="weekly", at=time(8), on="sunday"), "2026-03-02T08:00", "2026-03-08T08:00"),
    ],
)
def test_a_digest_is_due_at_the_next_such_time_and_never_now(digest: Digest, after: str, due: str) -> None:
    """What was sent at eight is not due again at eight."""
    assert next_digest_at(digest, after=at(after)) == at(due)


def test_an_hourly_digest_goes_by_the_minutes_on_the_wall() -> None:
    """In Kathmandu the full hour is a quarter past elsewhere; on Lord Howe the clocks move by half an hour."""
    assert next_digest_at(Digest(every="hourly", zone="Asia/Kathmandu"), after=utc("2026-03-02T08:00")) == utc(
        "2026-03-02T08:15"
    )
    jump = next(moment for moment in transitions("Australia/Lord_Howe"))
    due = next_digest_at(Digest(every="hourly", zone="Australia/Lord_Howe"), after=jump - 10 * MINUTE)
    assert due.astimezone(ZoneInfo("Australia/Lord_Howe")).minute == 0


def test_a_daily_time_that_the_clocks_leave_out_or_show_twice_is_once() -> None:
    """In spring when the clocks go on, in autumn at the first of the two."""
    digest = Digest(every="daily", at=time(2, 30), zone="Europe/Berlin")
    assert next_digest_at(digest, after=utc("2026-03-28T12:00")) == utc("2026-03-29T01:00")
    assert next_digest_at(digest, after=utc("2026-03-29T01:00")) == utc("2026-03-30T00:30")
    assert next_digest_at(digest, after=utc("2026-10-24T12:00")) == utc("2026-10-25T00:30")
    assert next_digest_at(digest, after=utc("2026-10-25T00:30")) == utc("2026-10-26T01:30")


@given(zone=st.sampled_from(ZONES), start=MOMENTS, clock=CLOCKS)
def test_digests_are_in_order_and_one_a_day(zone: str, start: datetime, clock: time) -> None:
    """Each due time is after the one before, and every day on the wall has exactly one of its own."""
    digest, due = Digest(every="daily", at=clock, zone=zone), start
    days = []
    for _ in range(40):
        later = next_digest_at(digest, after=due)
        assert later > due
        due = later
        days.append((due.astimezone(ZoneInfo(zone))).date())
    assert days == [days[0] + passed * DAY for passed in range(40)]


@given(zone=st.sampled_from(ZONES), start=MOMENTS, clock=CLOCKS, on=st.sampled_from(WEEKDAYS))
def test_a_week_has_one_digest_on_its_day(zone: str, start: datetime, clock: time, on: str) -> None:
    """Seven days lie between two, by the calendar on the wall."""
    digest, due = Digest(every="weekly", at=clock, on=on, zone=zone), start  # type: ignore[arg-type]  # because hypothesis gives a str
    days = []
    for _ in range(6):
        due = next_digest_at(digest, after=due)
        days.append(due.astimezone(ZoneInfo(zone)).date())
    assert {WEEKDAYS[day.weekday()] for day in days} == {on}
    assert {later - earlier for earlier, later in pairwise(days)} == {7 * DAY}


@given(around=st.sampled_from(AROUND), minutes=st.integers(-180, 180), clock=CLOCKS)
def test_an_hour_is_never_missed(around: tuple[str, datetime], minutes: int, clock: time) -> None:
    """At every transition the next hourly digest is at most as far away as the clocks can make it."""
    zone, moment = around
    after = moment + minutes * MINUTE
    due = next_digest_at(Digest(every="hourly", at=clock, zone=zone), after=after)
    assert after < due <= after + HOUR + HOUR / 2
    assert due.astimezone(ZoneInfo(zone)).minute == clock.minute


def test_the_zones_of_these_tests_do_jump() -> None:
    """Two years have at least four transitions where there are any."""
    counts = {zone: len(transitions(zone)) for zone in ZONES}
    assert counts["UTC"] == counts["Asia/Kathmandu"] == 0
    assert all(count >= 4 for zone, count in counts.items() if zone not in {"UTC", "Asia/Kathmandu"})
