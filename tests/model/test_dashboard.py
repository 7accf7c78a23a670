"""A dashboard's and an attempt's JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.model.dashboard import Attempt, Dashboard, Head

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_dashboard_shows_its_view_spec_under_the_name_it_was_given_by() -> None:
    """What was sent as `view_spec_json` is read as `view_spec_json`."""
    dashboard = Dashboard(
        id="d",
        slug="s",
        title="T",
        owner_id="u",
        view_spec={"title": "T"},
        view_spec_hash="h",
        created_at=NOW,
        updated_at=NOW,
    )
    document = dashboard.as_dict()
    assert document["view_spec_json"] == {"title": "T"}
    assert "view_spec" not in document
    assert document["updated_at"] == "2026-01-01T00:00:00.000Z"


def test_a_new_head_stands_before_the_first_snapshot() -> None:
    """Sequences count from 1, so nothing has the number 0."""
    head = Head(dashboard_id="d")
    assert (head.last_sequence, head.head_snapshot_id) == (0, None)


def test_an_attempt_shows_every_fault_with_its_path() -> None:
    """The owner sees which cell it was."""
    attempt = Attempt(
        id="a",
        dashboard_id="d",
        started_at=NOW,
        finished_at=NOW,
        initiator="scheduler",
        trigger_source="schedule",
        error_code="capture_refused",
        message="$.panels.b: no",
        faults=({"path": "$.panels.b", "message": "no"},),
    )
    assert attempt.as_dict()["faults"] == [{"path": "$.panels.b", "message": "no"}]
