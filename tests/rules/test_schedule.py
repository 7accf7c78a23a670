"""Which slot is due: policies, missed slots, and the hours that a clock change repeats or skips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from stillframe.rules.schedule import FAILED_SLOT_WAIT_SECONDS, due_slot, may_try_again

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_manual_is_never_due() -> None:
    """A dashboard without a policy is captured by people only."""
    assert due_slot("manual", since=LONG_AGO, now=at("2026-01-01T12:00:00")) is None


@pytest.mark.parametrize(
    ("policy", "now", "slot"),
    [
        ("hourly", "2026-01-01T12:34:56", "2026-01-01T12:00:00"),
        ("hourly", "2026-01-01T12:00:00", "2026-01-01T12:00:00"),
        ("daily", "2026-01-01T12:34:56", "2026-01-01T00:00:00"),
        ({"cron": "30 7 * * 1-5", "zone": "Europe/Berlin"}, "2026-01-05T07:00:00", "2026-01-05T06:30:00"),
        ({"cron": "30 7 * * 1-5", "zone": "Europe/Berlin"}, "2026-01-05T06:29:59", "2026-01-02T06:30:00"),
        ({"cron": "0 12 * * *"}, "2026-01-05T12:00:00", "2026-01-05T12:00:00"),
    ],
)
def test_the_newest_slot_is_due(policy: object, now: str, slot: str) -> None:
    """A slot is due from its own moment on, and named in UTC."""
    assert due_slot(policy, since=LONG_AGO, now=at(now)) == at(slot)  # type: ignore[arg-type]  # because the table mixes both forms of a policy


def test_slots_that_were_missed_coalesce_into_the_newest() -> None:
    """After three days asleep there is one slot to take, not seventy-two."""
    assert due_slot("hourly", since=at("2026-01-01T00:00:00"), now=at("2026-01-04T00:10:00")) == at(
        "2026-01-04T00:00:00"
    )


def test_a_slot_before_the_policy_began_is_not_due() -> None:
    """Setting a policy at 12:34 does not ask for the slot of 12:00."""
    assert due_slot("hourly", since=at("2026-01-01T12:34:00"), now=at("2026-01-01T12:50:00")) is None


def test_an_hour_that_occurs_twice_is_two_slots() -> None:
    """02:00 summer time and 02:00 winter time are an hour apart."""
    policy = {"cron": "0 * * * *", "zone": "Europe/Berlin"}
    assert due_slot(policy, since=LONG_AGO, now=at("2026-10-25T00:30:00")) == at("2026-10-25T00:00:00")
    assert due_slot(policy, since=LONG_AGO, now=at("2026-10-25T01:30:00")) == at("2026-10-25T01:00:00")


def test_a_daily_time_that_occurs_twice_is_one_slot() -> None:
    """02:30 on the day of the change is taken once, at its first occurrence."""
    policy = {"cron": "30 2 * * *", "zone": "Europe/Berlin"}
    assert due_slot(policy, since=LONG_AGO, now=at("2026-10-25T01:45:00")) == at("2026-10-25T00:30:00")


@given(
    line=st.sampled_from(["30 2 * * *", "0 * * * *", "*/15 * * * *", "30 7 * * 1-5"]), minutes=st.integers(0, 4 * 1440)
)
def test_looking_back_finds_what_looking_forward_finds(line: str, minutes: int) -> None:
    """Around every change of the clock the newest slot is the last one that a forward walk passes."""
    for change in ("2026-03-27T00:00:00", "2026-10-23T00:00:00"):
        start, now = at(change) - timedelta(days=4), at(change) + timedelta(minutes=minutes)
        forward = CronSim(line, start.astimezone(BERLIN))
        passed = [slot.astimezone(UTC) for slot in takewhile(now.__ge__, forward)]
        assert due_slot({"cron": line, "zone": "Europe/Berlin"}, since=start, now=now) == (
            passed[-1] if passed else None
        )


def test_a_failed_slot_waits_before_it_is_tried_again() -> None:
    """A source that is down is not asked every second."""
    slot, now = at("2026-01-01T12:00:00"), at("2026-01-01T12:04:00")
    assert may_try_again(last_failure_at=None, slot=slot, now=now)
    assert may_try_again(last_failure_at=at("2026-01-01T11:59:00"), slot=slot, now=now)
    assert not may_try_again(last_failure_at=at("2026-01-01T12:01:00"), slot=slot, now=now)
    assert may_try_again(
        last_failure_at=at("2026-01-01T12:01:00"),
        slot=slot,
        now=at("2026-01-01T12:01:00") + timedelta(seconds=FAILED_SLOT_WAIT_SECONDS),
    )


def test_an_unknown_policy_is_an_error_and_not_silence() -> None:
    """No view spec can hold it; if one does, somebody hears of it."""
    with pytest.raises(ValueError, match="weekly"):
        due_slot("weekly", since=LONG_AGO, now=at("2026-01-01T12:00:00"))
