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


_NAMES = (*SNAPSHOTS.c.keys(), "dashboard_id", "content_hash", "present", "parent_snapshot_id")
"""The columns of a row in their order: by name each of them would cost as much as reading it."""
_TIMED = ("rows", "milliseconds")


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
    timed = record.capture if all(map(_is_timed, record.capture.values())) else {}
    keys = texts.keys_of([*timed, *(word for word in words.values() if word is not None)])
    numbers = {name: None if word is None else keys[word] for name, word in words.items()}
    plain = {name: getattr(record, name) for name in PLAIN}
    bundle = [dict(found) for found in record.source_bundle] or None
    short = [value for source, found in timed.items() for value in (keys[source], *found.values())]
    capture = short or dict(record.capture) or None
    return plain | numbers | {"source_bundle": bundle, "capture": capture, "members": record.member_list}


def from_rows(rows: Sequence[Row[Any]], texts: Texts) -> list[SnapshotRecord]:
    """Return the records that rows of `RECORDS` hold."""
    found = [dict(zip(_NAMES, row, strict=False)) for row in rows]
    numbers = {values[name] for values in found for name in INTERNED} - {None}
    for values in found:
        if isinstance(values["capture"], list):
            numbers.update(values["capture"][:: 1 + len(_TIMED)])
    words = texts.texts_of(numbers)
    return [_from_values(values, words) for values in found]


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


def _from_values(values: Mapping[str, Any], words: Mapping[int, str]) -> SnapshotRecord:
    interned: dict[str, Any] = {name: None if values[name] is None else words[values[name]] for name in INTERNED}
    capture = values["capture"] or {}
    if isinstance(capture, list):
        step = 1 + len(_TIMED)
        entries = zip(*(capture[place::step] for place in range(step)), strict=True)
        capture = {words[source]: dict(zip(_TIMED, found, strict=True)) for source, *found in entries}
    return SnapshotRecord(
        **{name: values[name] for name in PLAIN},
        **interned,
        dashboard_id=values["dashboard_id"],
        parent_snapshot_id=values["parent_snapshot_id"],
        content_hash=values["content_hash"],
        source_bundle=tuple(values["source_bundle"] or ()),
        capture=capture,
        payload="expired" if values["present"] is None else "present",
        member_list=values["members"],
    )


def _is_timed(found: object) -> bool:
    """Say whether this is what a capture says of most sources, which a row holds by the source's number: two values."""
    return isinstance(found, Mapping) and tuple(found) == _TIMED
