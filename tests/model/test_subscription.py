"""A subscription's JSON: the table's column names, times as text, and no secret to show."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.model.subscription import OutboxEntry, Subscription

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_subscription_speaks_in_the_column_names_of_its_table() -> None:
    """The database, the API and the documentation call a thing by one name."""
    subscription = Subscription(
        id="s",
        dashboard_id="d",
        subscriber_kind="webhook",
        subscriber_id="https://example.org/…#ab12",
        threshold={"any_change": True},
        rule_id=1,
        owner_id="u",
        created_at=NOW,
    )
    document = subscription.as_dict()
    assert document["dashboard_artifact_id"] == "d"
    assert document["threshold_json"] == {"any_change": True}
    assert document["last_notified_at"] is None
    assert {name for name in document if "secret" in name or "sealed" in name} == {"old_secret_until"}


def test_a_delivery_shows_its_tries_oldest_first() -> None:
    """What was tried, when, with which answer."""
    entry = OutboxEntry(
        id="x",
        subscription_id="s",
        dashboard_id="d",
        cause="n",
        kind="alert",
        baseline_snapshot_id="b",
        state="pending",
        due_at=NOW,
        attempts=1,
        created_at=NOW,
        tries=({"attempt": 1, "status": 500},),
    )
    assert entry.as_dict()["tries"] == [{"attempt": 1, "status": 500}]
    assert entry.as_dict()["due_at"] == "2026-01-01T00:00:00.000Z"
