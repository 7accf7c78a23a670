"""Messages with boring, complete defaults: what happened to a small picture, as every channel's writer gets it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report.link import SnapshotLink
from stillframe.report.message import Message
from stillframe.report.notice import diff_document
from stillframe.rules import explain_threshold
from tests.report.answers import answer
from tests.report.pictures import picture, row

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
WEB = "https://frames.example"
RULE = {"value_delta_pct": 0.1, "on_field": "on_time"}


def frame(sequence: int) -> SnapshotLink:
    return SnapshotLink(
        id=f"s-{sequence}",
        sequence=sequence,
        timestamp=datetime(2026, 1, sequence, tzinfo=UTC),
        content_hash="ab",
        url=f"{WEB}/api/snapshot/s-{sequence}",
    )


def a_fall() -> Diff:
    """United fell by a tenth."""
    return compute_diff(picture([row("UA", on_time=0.6)]), picture([row("UA", on_time=0.54)]))


def a_message(diff: Diff | None = None, *, rule: Any = None, **given: Any) -> Message:
    """An alert about a change that a rule was true of."""
    found = a_fall() if diff is None else diff
    plain: dict[str, Any] = {
        "delivery_id": "s-2_sub-1",
        "kind": "alert",
        "dashboard_id": "d-1",
        "dashboard_title": "Carriers",
        "subscription_id": "sub-1",
        "created_at": NOON,
        "links": {
            "dashboard": f"{WEB}/api/dashboard/d-1",
            "diff": f"{WEB}/api/dashboard/d-1/diff?from=s-1&to=s-2",
            "subscription": f"{WEB}/api/dashboard/d-1/subscriptions/sub-1",
        },
        "snapshot_a": frame(1),
        "snapshot_b": frame(2),
        "diff_json": diff_document(found),
        "reason": explain_threshold(found, rule or RULE).as_dict(),
    }
    return Message(**(plain | given))


def a_decision(**given: Any) -> Message:
    """What a release gate decided; `answer` changes members of its answer."""
    told = answer(**given.pop("answer", {}))
    links = {**told["links"], "subscription": f"{WEB}/api/dashboard/d-1/subscriptions/sub-1"}
    plain: dict[str, Any] = {
        "delivery_id": "g-1_sub-1_gate",
        "kind": "gate",
        "dashboard_id": "project:acme",
        "dashboard_title": "acme",
        "subscription_id": "sub-1",
        "created_at": NOON,
        "links": links,
        "gate": told,
    }
    return Message(**(plain | given))
