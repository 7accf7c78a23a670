"""Calm survives its JSON, and nothing asked for is the same as no calm."""

from __future__ import annotations

from datetime import UTC, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.calm import DIGEST_EVERY, NO_CALM, WEEKDAYS, Calm, Digest, QuietHours

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
CLOCKS = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 59))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # because the zone is given beside it
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
DIGESTS = st.builds(
    Digest, every=st.sampled_from(DIGEST_EVERY), at=CLOCKS, on=st.sampled_from(WEEKDAYS), zone=ZONES
).map(lambda digest: digest if digest.every == "weekly" else Digest(every=digest.every, at=digest.at, zone=digest.zone))
CALMS = st.builds(
    Calm,
    cooldown_seconds=st.none() | st.integers(1, 100_000),
    pending_for=st.none() | st.integers(2, 1000),
    snooze_until=st.none() | MOMENTS,
    quiet_hours=st.none() | st.builds(QuietHours, begin=CLOCKS, end=CLOCKS, zone=ZONES),
    digest=st.none() | DIGESTS,
    notify_on_resolve=st.booleans(),
)


@given(calm=CALMS)
def test_calm_is_read_back_as_it_was_written(calm: Calm) -> None:
    """What the table holds is what somebody asked for."""
    assert Calm.from_dict(calm.as_dict()) == calm
    assert calm.is_none == (calm == NO_CALM)


def test_every_member_is_shown_also_where_nothing_was_asked_for() -> None:
    """A reader of the JSON sees what could be asked for."""
    assert NO_CALM.as_dict() == {
        "cooldown_seconds": None,
        "pending_for": None,
        "snooze_until": None,
        "quiet_hours": None,
        "digest": None,
        "notify_on_resolve": False,
    }


def test_what_waits_and_what_resolves_have_episodes() -> None:
    """A cooldown alone has none: each change stands for itself."""
    assert Calm(pending_for=2).has_episodes
    assert Calm(notify_on_resolve=True).has_episodes
    assert not Calm(cooldown_seconds=60).has_episodes
