"""What a reply asks for is said by its first word; what is no command is talk, and what is nearly one is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.rules.replies import Accept, Acknowledge, Reply, Snooze, parse_reply

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "until"),
    [
        ("/snooze 30m", NOW + timedelta(minutes=30)),
        ("/snooze 2h", NOW + timedelta(hours=2)),
        ("  /snooze   2d until I am back", NOW + timedelta(days=2)),
        ("/SNOOZE 1w.", NOW + timedelta(weeks=1)),
        ("/snooze 366d", NOW + timedelta(days=366)),
        ("/snooze 2026-03-02T09:00:00+01:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("/snooze 2026-03-02T09:00:00Z,\nthen we look again", datetime(2026, 3, 2, 9, tzinfo=UTC)),
    ],
)
def test_a_snooze_lasts_for_a_span_or_until_a_time(body: str, until: datetime) -> None:
    """Minutes, hours, days, weeks, or a time with its zone; words after it are the writer's own."""
    assert parse_reply(body, now=NOW) == Snooze(until=until)


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ("/ack", Acknowledge()),
        ("/ack, on it", Acknowledge()),
        ("/Ack.\nI called them.", Acknowledge()),
        ("/accept", Accept()),
        ("\n/accept new normal", Accept()),
    ],
)
def test_what_needs_no_time_takes_none(body: str, asked: Reply) -> None:
    """However it is written, with words after it or without."""
    assert parse_reply(body, now=NOW) == asked


@pytest.mark.parametrize("body", ["thanks", "I would /ack this", "/", "// no", "/etc/hosts changed", "1/2", "/2d", ""])
def test_what_begins_otherwise_is_talk(body: str) -> None:
    """A path, a fraction, a command in the middle of a sentence: none of them does anything."""
    assert parse_reply(body, now=NOW) is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("/snoze 2d", "did you mean '/snooze'"),
        ("/acknowledge", "known: /snooze, /ack, /accept"),
        ("/acept", "did you mean '/accept'"),
        ("/mute", "known: /snooze, /ack, /accept"),
        ("/snooze", "'' is no time to snooze: 30m, 2h, 2d, 1w"),
        ("/snooze tomorrow", "'tomorrow' is no time to snooze"),
        ("/snooze\n2d", "'' is no time to snooze"),
        ("/snooze 2 days", "'2' is no time to snooze"),
        ("/snooze 99999d", "is no time to snooze"),
        ("/snooze 2026-03-02", "is no time to snooze"),
        ("/snooze 2026-03-02T09:00:00", "is not a time; write RFC 3339 with a zone"),
        ("/snooze 0m", "at least a minute and at most 366 days"),
        ("/snooze 367d", "at least a minute and at most 366 days"),
        ("/snooze 9999w", "at least a minute and at most 366 days"),
        ("/snooze 2026-03-01T12:00:00Z", "at least a minute and at most 366 days"),
        ("/snooze 9999-12-31T23:59:59Z", "at least a minute and at most 366 days"),
    ],
)
def test_what_is_nearly_a_command_is_refused_with_what_is_allowed(body: str, says: str) -> None:
    """Whoever wrote a command believes that it was done: silence would be a lie."""
    with pytest.raises(InvalidInput) as refused:
        parse_reply(body, now=NOW)
    (fault,) = refused.value.faults
    assert fault.path == "$.body"
    assert says in fault.message


@given(body=st.text())
def test_no_text_is_too_odd(body: str) -> None:
    """Anybody may write anything under a dashboard."""
    try:
        asked = parse_reply(body, now=NOW)
    except InvalidInput:
        return
    assert asked is None or body.lstrip().startswith("/")
