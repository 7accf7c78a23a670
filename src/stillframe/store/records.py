"""Snapshot records between their narrow rows and the model: repeated words go in and come out by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import FromClause, Row, Select, select

from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.tables import CONTENTS, DASHBOARDS, PAYLOADS, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.types import from_millis, json_text, to_millis

INTERNED = (
    "scope",
    "scope_ref",
    "project_name",
    "group_id",
    "initiator",
    "trigger_source",
    "analyzer_version",
    "rule_version",
    "formula_digest",
    "retention_class",
    "view_spec_hash",
)
PLAIN = (
    "id",
    "sequence",
    "timestamp",
    "as_of",
    "late",
    "reason",
    "source_ref",
    "immutable",
    "capture_status",
    "adopted",
)

PARENT = SNAPSHOTS.alias("parent_snapshot")
RECORD_COLUMNS: tuple[Any, ...] = (
    SNAPSHOTS,
    DASHBOARDS.c.id.label("dashboard_id"),
    CONTENTS.c.hash.label("content_hash"),
    PAYLOADS.c.content.label("present"),
    PARENT.c.id.label("parent_snapshot_id"),
)


def with_pointed_at(snapshots: FromClause) -> FromClause:
    """Return rows of `SNAPSHOTS`, alone or joined with what picks them, joined with what they only point at."""
    same_dashboard = PARENT.c.dashboard == SNAPSHOTS.c.dashboard
    return (
        snapshots.join(DASHBOARDS, DASHBOARDS.c.key == SNAPSHOTS.c.dashboard)
        .join(CONTENTS, CONTENTS.c.key == SNAPSHOTS.c.content)
        .outerjoin(PAYLOADS, PAYLOADS.c.content == SNAPSHOTS.c.content)
        .outerjoin(PARENT, same_dashboard & (PARENT.c.sequence == SNAPSHOTS.c.parent))
    )


RECORDS: Select[Any] = select(*RECORD_COLUMNS).select_from(with_pointed_at(SNAPSHOTS))
"""Every record with what its row only points at; a query adds its own WHERE and order."""


def to_row(record: SnapshotRecord, texts: Texts) -> dict[str, Any]:
    """Return a record's columns that need only interning; dashboard, parent, content and slot are the caller's."""
    words = {name: getattr(record, name) for name in INTERNED}
    keys = texts.keys_of(word for word in words.values() if word is not None)
    numbers = {name: None if word is None else keys[word] for name, word in words.items()}
    plain = {name: getattr(record, name) for name in PLAIN}
    bundle = [dict(found) for found in record.source_bundle] or None
    rest = {"source_bundle": bundle, "capture": dict(record.capture) or None, "members": record.member_list}
    return plain | numbers | rest


def from_rows(rows: Sequence[Row[Any]], texts: Texts) -> list[SnapshotRecord]:
    """Return the records that rows of `RECORDS` hold."""
    numbers = {number for row in rows for name in INTERNED if (number := getattr(row, name)) is not None}
    words = texts.texts_of(numbers)
    return [_from_row(row, words) for row in rows]


def as_read(record: SnapshotRecord) -> SnapshotRecord:
    """Return a record as reading it back would give it: whole milliseconds, plain JSON, and its payload present."""
    return replace(
        record,
        timestamp=from_millis(to_millis(record.timestamp)),
        as_of=from_millis(to_millis(record.as_of)),
        source_bundle=tuple(orjson.loads(json_text(record.source_bundle))),
        capture=orjson.loads(json_text(record.capture)),
        payload="present",
    )


def _from_row(row: Row[Any], words: Mapping[int, str]) -> SnapshotRecord:
    found: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    for name in INTERNED:
        number = getattr(row, name)
        found[name] = None if number is None else words[number]
    return SnapshotRecord(
        **found,
        dashboard_id=row.dashboard_id,
        parent_snapshot_id=row.parent_snapshot_id,
        content_hash=row.content_hash,
        source_bundle=tuple(row.source_bundle or ()),
        capture=row.capture or {},
        payload="expired" if row.present is None else "present",
        member_list=row.members,
    )
