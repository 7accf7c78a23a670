"""Each channel gets its own form of a message, and what is never sent is never written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stillframe.errors import StoreError
from stillframe.flows.writing import written
from stillframe.model.delivery import SubscriberKind
from stillframe.store import Claimed
from tests.flows.room import Room
from tests.report.messages import a_message

ENTRY = Claimed(
    delivery_id="s-2_sub-1",
    lease_token=1,
    attempt=1,
    subscription_id="sub-1",
    dashboard_id="d-1",
    snapshot_id="s-2",
    baseline_snapshot_id="s-1",
    rule_id=1,
    receiver="receiver-1",
    sealed_address=None,
    sealed_secret=None,
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
)


def by(channel: SubscriberKind) -> Claimed:
    return replace(ENTRY, channel=channel)


@pytest.mark.parametrize(("channel", "member"), [("webhook", "diff"), ("channel", "alerts")])
def test_each_channel_has_its_own_form(room: Room, channel: SubscriberKind, member: str) -> None:
    """A webhook gets the diff itself; a channel gets words and alerts."""
    assert member in json.loads(written(room.services, a_message(), by(channel)))


def test_what_is_told_in_the_product_is_not_sent(room: Room) -> None:
    """A persona's comment was written with the snapshot."""
    with pytest.raises(StoreError, match="persona"):
        written(room.services, a_message(), by("persona"))
