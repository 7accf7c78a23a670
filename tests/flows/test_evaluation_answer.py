"""A line of an explanation and its JSON."""

from __future__ import annotations

from stillframe.flows.evaluation_answer import Evaluation, HeldBack, Sent
from tests.rules.histories import BEGIN


def test_what_came_of_it_is_the_first_notice() -> None:
    """A snapshot may cause an alert and, when a digest is due, no second one of its kind; the rest is listed too."""
    sent = (Sent(id="d-1", kind="resolved", state="sent"), Sent(id="d-2", kind="alert", state="pending"))
    line = Evaluation(
        snapshot_id="s1",
        sequence=2,
        as_of=BEGIN,
        timestamp=BEGIN,
        outcome="true",
        suppressed=HeldBack(at=BEGIN, reason="snooze", detail=None),
        deliveries=sent,
        sentence="told",
    )
    document = line.as_dict()
    assert (line.told, document["delivery"]["id"]) == ("resolved", "d-1")
    assert [one["id"] for one in document["deliveries"]] == ["d-1", "d-2"]
    assert document["suppressed"] == {"at": "2026-03-02T12:00:00.000Z", "reason": "snooze", "detail": None}


def test_silence_has_no_notice() -> None:
    """Null, and an empty list."""
    line = Evaluation(snapshot_id="s1", sequence=2, as_of=BEGIN, timestamp=BEGIN, outcome="false", sentence="not met")
    assert (line.told, line.as_dict()["delivery"], line.as_dict()["deliveries"]) == (None, None, [])
