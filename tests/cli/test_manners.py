"""Manners on the command line: short to write, exact in the API's members, and refused with the option's name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from stillframe.cli.manners import digest_in, duration_in, manners_in, quiet_hours_in, until_in
from stillframe.errors import InvalidInput

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOTHING: dict[str, Any] = dict.fromkeys(
    ("cooldown", "pending_for", "snooze", "quiet_hours", "digest", "notify_on_resolve", "importance", "max_items")
)


def test_what_is_not_named_is_not_said() -> None:
    """A change leaves alone what nobody spoke of."""
    assert manners_in(**NOTHING) == {}
    assert manners_in(**NOTHING | {"cooldown": "4h", "max_items": 5}) == {"cooldown_seconds": 14_400, "max_items": 5}


def test_none_and_a_count_of_zero_take_a_manner_back() -> None:
    """As null does in the API."""
    back = {"cooldown": "none", "snooze": "none", "quiet_hours": "none", "digest": "none", "pending_for": 0}
    said = manners_in(**NOTHING | back)
    assert said == dict.fromkeys(("cooldown_seconds", "snooze_until", "quiet_hours", "digest", "pending_for"))


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1_800), ("4h", 14_400), ("2d", 172_800), ("1w", 604_800)]
)
def test_a_length_of_time_has_a_number_and_a_unit(text: str, seconds: int) -> None:
    """Without the unit nobody knows."""
    assert duration_in(text, option="--cooldown").total_seconds() == seconds
    with pytest.raises(InvalidInput) as refused:
        duration_in(text[:-1], option="--cooldown")
    assert refused.value.faults[0].path == "--cooldown"


def test_a_snooze_is_a_length_of_time_or_a_time() -> None:
    """Two days from now, or until a day; a bare word is refused."""
    assert until_in("2d", option="--snooze", now=NOON) == "2026-01-04T12:00:00.000Z"
    assert until_in("2026-02-01T00:00:00+01:00", option="--snooze", now=NOON) == "2026-01-31T23:00:00.000Z"
    with pytest.raises(InvalidInput, match="neither 2d"):
        until_in("tomorrow", option="--snooze", now=NOON)


@pytest.mark.parametrize("text", ["22-7", "22:00", "22:00 - 07:00 Europe Berlin", ""])
def test_quiet_hours_are_two_times_and_a_zone(text: str) -> None:
    """Anything else is refused with an example."""
    assert quiet_hours_in("22:00-07:00") == {"from": "22:00", "to": "07:00", "zone": "UTC"}
    with pytest.raises(InvalidInput, match="is not like"):
        quiet_hours_in(text)


def test_a_digest_is_a_span_and_if_wanted_a_day_a_time_and_a_zone() -> None:
    """Each may be left out; whoever keeps the subscription says what then holds."""
    assert digest_in("hourly") == {"every": "hourly"}
    assert digest_in("daily 08:00 Europe/Berlin") == {"every": "daily", "at": "08:00", "zone": "Europe/Berlin"}
    assert digest_in("weekly friday") == {"every": "weekly", "on": "friday"}
    with pytest.raises(InvalidInput, match="is not like"):
        digest_in("daily 08:00 Europe/Berlin please")
