"""Tables as queries see them: every noun fits its table, and stored numbers keep their meaning."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from stillframe.model.audit import AuditEntry
from stillframe.model.dashboard import Attempt, Dashboard, Head
from stillframe.model.discussion import Comment, Notification
from stillframe.model.identity import Persona, Token, User
from stillframe.model.ownership import Group, Membership, Project
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.store import tables
from stillframe.store.tables import METADATA
from stillframe.store.types import TimeMillis, TimeText

RENAMED = {"dashboard_id": "dashboard_artifact_id", "threshold": "threshold_json"}
ELSEWHERE: dict[type, set[str]] = {
    Dashboard: {"group_id", "project"},
    SnapshotRecord: {"member_list", "dashboard_id", "parent_snapshot_id", "lifecycle_state", "content_hash", "payload"},
    Membership: {"user_name"},
    Head: {"dashboard_id"},
    Attempt: {"dashboard_id"},
    OutboxEntry: {"dashboard_id", "tries"},
}
"""Members that are joined from another table, or the same in every row."""


@pytest.mark.parametrize(
    ("noun", "table"),
    [
        (User, tables.USERS),
        (Token, tables.TOKENS),
        (Persona, tables.PERSONAS),
        (Group, tables.GROUPS),
        (Project, tables.PROJECTS),
        (Membership, tables.MEMBERSHIPS),
        (AuditEntry, tables.AUDIT),
        (Dashboard, tables.DASHBOARDS),
        (Head, tables.HEADS),
        (SnapshotRecord, tables.SNAPSHOTS),
        (Attempt, tables.ATTEMPTS),
        (OutboxEntry, tables.OUTBOX),
        (Comment, tables.COMMENTS),
        (Notification, tables.NOTIFICATIONS),
    ],
    ids=lambda found: found.__name__ if isinstance(found, type) else found.name,
)
def test_every_member_of_a_noun_has_a_column_of_its_name(noun: type, table: Table) -> None:
    """A new member of the model without a column would be lost without a word."""
    members = set(noun.__slots__) - ELSEWHERE.get(noun, set())  # type: ignore[attr-defined]  # because all are slotted
    assert members <= set(table.c.keys())


def test_a_subscription_is_kept_under_the_names_that_people_read() -> None:
    """`dashboard_subscriptions` is read by people with SQL, so its columns are called as documented."""
    names = {RENAMED.get(name, name) for name in Subscription.__slots__}
    assert names <= set(tables.SUBSCRIPTIONS.c.keys())


def test_a_stored_status_keeps_its_number() -> None:
    """Rows hold the place in this list: words may be added at its end, and never moved."""
    assert tables.CAPTURE_STATUSES[:3] == ("good", "empty", "partial")


def test_every_time_is_kept_as_one() -> None:
    """A time in a column of another type would sort by chance."""
    wrong = [
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.c
        if column.name.endswith(("_at", "timestamp", "as_of", "_since")) or column.name in {"until", "before"}
        if not isinstance(column.type, TimeMillis | TimeText)
    ]
    assert wrong == []
