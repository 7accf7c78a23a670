"""A message holds what every channel needs, and shows no secret when it is printed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from stillframe.report.message import Message

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def message() -> Message:
    return Message(
        delivery_id="s-2_sub-1",
        kind="alert",
        dashboard_id="d-1",
        dashboard_title="Board",
        subscription_id="sub-1",
        created_at=NOON,
        links={},
        diff_json=b"a whole diff",
    )


def test_a_message_is_a_value() -> None:
    """Every try is written from the same message, so nobody can change one."""
    assert message() == message()
    with pytest.raises(FrozenInstanceError):
        message().kind = "digest"  # type: ignore[misc]  # because that is what is refused


def test_what_nobody_said_is_empty_and_not_absent() -> None:
    """Writers read members without asking whether they are there."""
    plain = message()
    assert (dict(plain.reason), dict(plain.said), plain.importance, plain.max_items) == ({}, {}, "normal", None)
    assert "a whole diff" not in repr(plain)
