"""Snapshots: records that never change, each naming a payload, and the head that moves with them."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Select, bindparam, or_, select, true

from stillframe.errors import Conflict, Gone, NotFound
from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.store.answers import Page
from stillframe.store.heads import locked_head, move_head
from stillframe.store.payloads import Payloads, Tip
from stillframe.store.records import RECORDS, as_read, from_rows, to_row
from stillframe.store.series import write_series
from stillframe.store.tables import ACCEPTANCES, DASHBOARDS, HEADS, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.types import PackedId, is_true
from stillframe.store.work import Work, bounded, number_cursor, page_of

_INSERT = SNAPSHOTS.insert()
_SEQUENCE_OF: Select[Any] = select(SNAPSHOTS.c.sequence).where(
    SNAPSHOTS.c.dashboard == bindparam("dashboard_key"), SNAPSHOTS.c.id == bindparam("wanted", type_=PackedId())
)
_BY_ID = RECORDS.where(SNAPSHOTS.c.id == bindparam("wanted", type_=PackedId()))
_BY_IDS = RECORDS.where(SNAPSHOTS.c.id.in_(bindparam("wanted", type_=PackedId(), expanding=True)))
_SLOT: Select[Any] = select(SNAPSHOTS.c.sequence).where(
    SNAPSHOTS.c.dashboard == bindparam("dashboard_key"), SNAPSHOTS.c.slot == bindparam("wanted")
)
_ACCEPTANCES: Select[Any] = (
    select(ACCEPTANCES.c.snapshot_id, ACCEPTANCES.c.accepted_at)
    .join(SNAPSHOTS, SNAPSHOTS.c.id == ACCEPTANCES.c.snapshot_id)
    .where(SNAPSHOTS.c.dashboard == bindparam("dashboard_key"))
)
_ACCEPTED: Select[Any] = select(ACCEPTANCES.c.snapshot_id).where(
    ACCEPTANCES.c.snapshot_id == bindparam("wanted", type_=PackedId())
)
_AT_ONCE = 500
_AT_HEADS = RECORDS.join(
    HEADS, (HEADS.c.dashboard == SNAPSHOTS.c.dashboard) & (HEADS.c.head_sequence == SNAPSHOTS.c.sequence)
).where(DASHBOARDS.c.id.in_(bindparam("wanted", expanding=True)))
_TRUTH = is_true(SNAPSHOTS.c.adopted) & or_(
    SNAPSHOTS.c.capture_status != "empty", select(1).where(ACCEPTANCES.c.snapshot_id == SNAPSHOTS.c.id).exists()
)
"""What may be shown as how things were: good, partial or accepted, and adopted."""


class Snapshots:
    """Records and payloads. A record, once added, is never changed and never removed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)
        self._payloads = Payloads(work)

    def add(
        self,
        record: SnapshotRecord,
        *,
        canonical: bytes,
        payload: Payload | None = None,
        moves_head: bool,
        slot: str | None = None,
    ) -> None:
        """
        Keep a record, its payload (once for each hash) and its metric values, and move the dashboard's head.

        Shape   `payload`: what `canonical` says, if the caller has it; it is remembered with the kinds it knows.
        Errors  Conflict if `sequence` is not the next one (the head moved since it was read), or the slot is taken;
                NotFound for an unknown dashboard; ValueError for a parent that is not of this dashboard.
        """
        key = self._work.dashboard_key(record.dashboard_id)
        head = locked_head(self._work, key)
        if record.sequence != head.last_sequence + 1:
            raise Conflict(
                f"the dashboard is at snapshot {head.last_sequence}, so the next one is not {record.sequence}"
            )
        if slot is not None and self.slot_taken(record.dashboard_id, slot):
            raise Conflict(f"the slot {slot} is taken")
        shown = payload or Payload.from_dict(orjson.loads(canonical))
        content, tip = self._payloads.store(canonical, record.content_hash, tip=_tip(head))
        row = to_row(record, self._texts)
        parent = self._sequence_of(record.parent_snapshot_id, key, head)
        self._work.run(_INSERT, row | {"dashboard": key, "parent": parent, "content": content, "slot": slot})
        if record.adopted and record.capture_status != "empty":
            write_series(self._work, self._texts, dashboard_key=key, record=record, payload=shown)
        self._move_head(key, record, moves_head=moves_head, tip=tip)
        memory = self._work.memory
        self._work.remember(lambda: memory.payloads.put(record.content_hash, shown, weight=len(canonical)))
        if moves_head:
            self._work.remember(lambda: memory.heads.put(record.id, as_read(record)))

    def get(self, snapshot_id: str) -> Snapshot | None:
        """
        Return a snapshot with its payload.

        Errors  Gone if the payload has expired; StoreError if what is stored is not what its hash says.
        """
        record = self.record(snapshot_id)
        return None if record is None else self._with_payload(record)

    def get_many(self, snapshot_ids: Sequence[str]) -> dict[str, Snapshot]:
        """
        Return snapshots with their payloads, by id; those that are not there are left out.

        Errors  As `get`.
        """
        found: dict[str, Snapshot] = {}
        for start in range(0, len(snapshot_ids), _AT_ONCE):
            wanted = {"wanted": list(snapshot_ids[start : start + _AT_ONCE])}
            for record in from_rows(self._work.rows(_BY_IDS, wanted), self._texts):
                found[record.id] = self._with_payload(record)
        return found

    def at_heads(self, dashboard_ids: Sequence[str]) -> dict[str, Snapshot]:
        """
        Return the snapshot at each dashboard's head, by dashboard; those without one are left out.

        Errors  StoreError if what is stored is not what its hash says.
        """
        found: dict[str, Snapshot] = {}
        for start in range(0, len(dashboard_ids), _AT_ONCE):
            wanted = {"wanted": list(dashboard_ids[start : start + _AT_ONCE])}
            for record in from_rows(self._work.rows(_AT_HEADS, wanted), self._texts):
                payload = self._work.memory.payloads.get(record.content_hash)
                found[record.dashboard_id] = Snapshot(
                    record=record, payload=payload or self._read_payload(record.content_hash)
                )
        return found

    def record(self, snapshot_id: str) -> SnapshotRecord | None:
        """Return a record alone; it is there for ever."""
        heads, stands = self._work.memory.heads, self._work.heads_payloads.get(snapshot_id, False)
        known = heads.get(snapshot_id) if stands else None
        if known is not None:
            return known
        found = from_rows(self._work.rows(_BY_ID, {"wanted": snapshot_id}), self._texts)
        if found and stands:
            heads.put(snapshot_id, found[0])
        return found[0] if found else None

    def canonical(self, content_hash: str) -> bytes:
        """
        Return the canonical bytes that a content hash names, checked against it.

        Errors  Gone if there are none, or no longer; StoreError if they are damaged.
        """
        found = self._payloads.canonical(content_hash)
        if found is None:
            raise Gone
        return found

    def list(self, dashboard_id: str, *, limit: int, cursor: str | None = None) -> Page[SnapshotRecord]:
        """
        Return a dashboard's records, newest first.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        before, most = number_cursor(cursor), bounded(limit)
        wanted = self._of(dashboard_id).order_by(SNAPSHOTS.c.sequence.desc()).limit(most + 1)
        wanted = wanted if before is None else wanted.where(SNAPSHOTS.c.sequence < before)
        return page_of(
            from_rows(self._work.rows(wanted), self._texts), limit=most, cursor=lambda record: str(record.sequence)
        )

    def last_good(self, dashboard_id: str, count: int) -> builtins.list[SnapshotRecord]:
        """Return the newest records that are good, partial or accepted, adopted and not late, newest first."""
        wanted = (
            self._of(dashboard_id)
            .where(_TRUTH, ~is_true(SNAPSHOTS.c.late))
            .order_by(SNAPSHOTS.c.sequence.desc())
            .limit(count)
        )
        return from_rows(self._work.rows(wanted), self._texts)

    def at_or_before(self, dashboard_id: str, as_of: datetime) -> SnapshotRecord | None:
        """Return the record of truth whose data describes the newest time up to `as_of`; late ones count."""
        return self._one_of_truth(
            dashboard_id, SNAPSHOTS.c.as_of <= as_of, SNAPSHOTS.c.as_of.desc(), SNAPSHOTS.c.sequence.desc()
        )

    def first(self, dashboard_id: str) -> SnapshotRecord | None:
        """Return the record of truth whose data describes the oldest time."""
        return self._one_of_truth(dashboard_id, true(), SNAPSHOTS.c.as_of, SNAPSHOTS.c.sequence)

    def accept(self, snapshot_id: str, *, by: str, at: datetime) -> None:
        """
        Take an empty capture as the truth: its numbers join the series, and the head moves to it unless it stands on a
        later one.

        The record stays as it is: acceptance is another row. Accepting twice changes nothing.

        Errors  NotFound if there is no such snapshot.
        """
        record = self.record(snapshot_id)
        if record is None:
            raise NotFound
        row = {"snapshot_id": snapshot_id, "accepted_by": by, "accepted_at": at}
        self._work.run(self._work.insert_once(ACCEPTANCES), row)
        key = self._work.dashboard_key(record.dashboard_id)
        if record.adopted and record.payload == "present":
            shown = self._read_payload(record.content_hash)
            write_series(self._work, self._texts, dashboard_key=key, record=record, payload=shown)
        if record.sequence > (locked_head(self._work, key).head_sequence or 0):
            move_head(self._work, key, _head_columns(record))

    def accepted(self, snapshot_id: str) -> bool:
        """Say whether an empty capture was taken as the truth."""
        return self._work.row(_ACCEPTED, {"wanted": snapshot_id}) is not None

    def acceptances(self, dashboard_id: str) -> dict[str, datetime]:
        """Return when each empty capture of a dashboard was taken as the truth, by the snapshot's id."""
        key = self._work.dashboard_key(dashboard_id)
        return {row.snapshot_id: row.accepted_at for row in self._work.rows(_ACCEPTANCES, {"dashboard_key": key})}

    def slot_taken(self, dashboard_id: str, slot: str) -> bool:
        """Say whether the timer's slot has its snapshot."""
        key = self._work.dashboard_key(dashboard_id)
        return self._work.row(_SLOT, {"dashboard_key": key, "wanted": slot}) is not None

    def _one_of_truth(
        self, dashboard_id: str, condition: ColumnElement[bool], *order: ColumnElement[Any]
    ) -> SnapshotRecord | None:
        """Look among the narrow rows first: joining every one of a year of snapshots would cost ten times as much."""
        key = self._work.dashboard_key(dashboard_id)
        narrow = select(SNAPSHOTS.c.sequence).where(SNAPSHOTS.c.dashboard == key, _TRUTH, condition)
        row = self._work.row(narrow.order_by(*order).limit(1))
        if row is None:
            return None
        return from_rows(
            self._work.rows(self._of(dashboard_id).where(SNAPSHOTS.c.sequence == row.sequence)), self._texts
        )[0]

    def _of(self, dashboard_id: str) -> Select[Any]:
        return RECORDS.where(SNAPSHOTS.c.dashboard == self._work.dashboard_key(dashboard_id))

    def _with_payload(self, record: SnapshotRecord) -> Snapshot:
        known = self._work.memory.payloads.get(record.content_hash) if record.payload == "present" else None
        return Snapshot(record=record, payload=known or self._read_payload(record.content_hash))

    def _read_payload(self, content_hash: str) -> Payload:
        canonical = self.canonical(content_hash)
        payload = Payload.from_dict(orjson.loads(canonical))
        self._work.memory.payloads.put(content_hash, payload, weight=len(canonical))
        return payload

    def _sequence_of(self, parent_id: str | None, key: int, head: Row[Any]) -> int | None:
        near = {None: None, head.last_snapshot_id: head.last_sequence, head.head_snapshot_id: head.head_sequence}
        if parent_id is None or near.get(parent_id) is not None:
            return near[parent_id] if parent_id else None
        row = self._work.row(_SEQUENCE_OF, {"dashboard_key": key, "wanted": parent_id})
        if row is None:
            raise ValueError(f"snapshot {parent_id} is not of this dashboard, so it is no parent here")
        sequence: int = row.sequence
        return sequence

    def _move_head(self, key: int, record: SnapshotRecord, *, moves_head: bool, tip: Tip | None) -> None:
        values: dict[str, Any] = {
            "last_snapshot_id": record.id,
            "last_sequence": record.sequence,
            "last_timestamp": record.timestamp,
        }
        if tip is not None:
            values |= {"chain": tip.chain, "depth": tip.depth, "tip": tip.content, "segment": tip.segment}
            values |= {"segment_bytes": tip.segment_bytes}
        if moves_head:
            values |= _head_columns(record)
        move_head(self._work, key, values)


def _head_columns(record: SnapshotRecord) -> dict[str, Any]:
    return {
        "head_sequence": record.sequence,
        "head_snapshot_id": record.id,
        "head_content_hash": record.content_hash,
        "head_as_of": record.as_of,
        "head_view_spec_hash": record.view_spec_hash,
    }


def _tip(head: Row[Any]) -> Tip | None:
    if head.chain is None:
        return None
    return Tip(
        chain=head.chain, depth=head.depth, content=head.tip, segment=head.segment, segment_bytes=head.segment_bytes
    )
