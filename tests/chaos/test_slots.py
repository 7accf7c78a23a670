"""The second opinion on slots agrees with the product's, and with what a calendar says about a change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.schedulers import BEGIN, END, TIMED
from chaos.slots import Timed, transitions
from stillframe.rules.schedule import due_slot

BERLIN_DAILY = Timed(minute=30, hour=2, zone="Europe/Berlin")
BERLIN_HOURLY = Timed(minute=30, hour=None, zone="Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timed", "now", "slot"),
    [
        (BERLIN_DAILY, "2026-10-25T01:45", "2026-10-25T00:30"),
        (BERLIN_DAILY, "2026-03-29T01:00", "2026-03-29T01:00"),
        (BERLIN_DAILY, "2026-03-29T00:59", "2026-03-28T01:30"),
        (BERLIN_HOURLY, "2026-10-25T00:45", "2026-10-25T00:30"),
        (BERLIN_HOURLY, "2026-10-25T01:45", "2026-10-25T01:30"),
    ],
)
def test_a_time_that_occurs_twice_or_never_is_what_the_calendar_says(timed: Timed, now: str, slot: str) -> None:
    """An hour that occurs twice is two slots, a daily time that does is one, and one left out comes right after."""
    assert timed.newest(at(now)) == at(slot)


def test_every_change_of_the_clocks_is_known() -> None:
    """Berlin changes its clocks twice a year, on these days."""
    days = [moment.date().isoformat() for moment in transitions("Europe/Berlin", since=BEGIN, until=END)]
    assert days == ["2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"]


@settings(max_examples=40)
@given(timed=st.sampled_from(TIMED), change=st.integers(0, 100), minutes=st.integers(-300, 300))
def test_the_product_agrees_around_every_change(timed: Timed, change: int, minutes: int) -> None:
    """Two ways of working it out, one of them without a cron library, have one answer."""
    changes = transitions(timed.zone, since=BEGIN, until=END) or [BEGIN + timedelta(days=100)]
    now = changes[change % len(changes)] + timedelta(minutes=minutes)
    assert due_slot(timed.policy, since=BEGIN - timedelta(days=9), now=now) == timed.newest(now)
