"""Snapshots as a caller may see them: whole, as a view of the members that are theirs to see, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stillframe.errors import Gone, NotFound
from stillframe.flows.permission import seen
from stillframe.health import members_status, seen_members
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.scope import EVERYBODYS, Scope
from stillframe.model.snapshot import CaptureStatus, Snapshot, SnapshotRecord
from stillframe.model.view import SnapshotView, seen_record, whole
from stillframe.rules.access import readable_groups
from stillframe.store import Unit

PORTFOLIO_OF_ALL = Scope(kind="portfolio", name=EVERYBODYS).ref
_HIDDEN = "there is no snapshot here that you can see"
MEMBER_PREFIX = "project:"
"""How an entry of a source bundle names the member that it is the evidence of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A record that a caller may see, and how far: `members` are the visible ones, None where all are."""

    record: SnapshotRecord
    dashboard: Dashboard
    members: frozenset[str] | None


def sight_of(unit: Unit, caller: Caller, snapshot_id: str) -> Sight:
    """
    Return how far a caller sees a snapshot.

    Errors  NotFound when it is absent or not for the caller's eyes: the two look the same. Forbidden when only the
            token's scope is short.
    """
    record = unit.snapshots.record(snapshot_id)
    dashboard = None if record is None else unit.dashboards.get(record.dashboard_id)
    if record is None or dashboard is None:
        raise NotFound(_HIDDEN)
    if dashboard.id != PORTFOLIO_OF_ALL:
        seen(caller, dashboard, what="snapshot")
    members = visible_members(unit, caller, record)
    if dashboard.id == PORTFOLIO_OF_ALL and members is not None and not members:
        raise NotFound(_HIDDEN, invisible=True)
    return Sight(record=record, dashboard=dashboard, members=members)


def visible_snapshot(unit: Unit, caller: Caller, snapshot_id: str) -> tuple[SnapshotView, Dashboard]:
    """
    Return a snapshot as the caller may see it, and its dashboard.

    Errors  As `sight_of`; Gone, with the record, when its payload has expired, which only those learn who may see it.
    """
    sight = sight_of(unit, caller, snapshot_id)
    try:
        snapshot = unit.snapshots.get(snapshot_id)
    except Gone as error:
        raise Gone(snapshot=seen_records(unit, caller, [sight.record])[0]) from error
    if snapshot is None:
        raise NotFound(_HIDDEN)
    return view_of(snapshot, sight.members), sight.dashboard


def view_of(snapshot: Snapshot, members: Collection[str] | None) -> SnapshotView:
    """Return what those see who may see some members; with None, everything."""
    if members is None:
        return whole(snapshot)
    payload = seen_members(snapshot.payload, members)
    record = replace(_visible_record(snapshot.record, members), capture_status=members_status(payload))
    return SnapshotView(record=record, payload=payload, view_hash=content_hash(canonical_bytes(payload.as_dict())))


def visible_members(unit: Unit, caller: Caller, record: SnapshotRecord) -> frozenset[str] | None:
    """Return the members of a group's or portfolio's snapshot that a caller may see; None where that is all of it."""
    groups = readable_groups(caller)
    if record.member_list is None or groups is None:
        return None
    visible = unit.member_lists.visible(record.member_list, groups)
    return None if len(visible) == len(unit.member_lists.names(record.member_list)) else frozenset(visible)


def sees_whole(unit: Unit, caller: Caller, snapshot_ids: Iterable[str | None]) -> bool:
    """Say whether a caller may see every member that some snapshots speak of; None is of none."""
    groups = readable_groups(caller)
    if groups is None:
        return True
    records = (unit.snapshots.record(found) for found in snapshot_ids if found is not None)
    lists = {record.member_list for record in records if record is not None and record.member_list is not None}
    return not unit.member_lists.hidden(lists, groups)


def seen_records(unit: Unit, caller: Caller, records: Sequence[SnapshotRecord]) -> list[Mapping[str, Any]]:
    """
    Return the JSON of records that the caller may see, each as far as they see it.

    Of a view the hash is not computed here: it costs opening the payload.
    """
    groups = readable_groups(caller)
    lists = {record.member_list for record in records if record.member_list is not None}
    hidden = unit.member_lists.hidden(lists, groups)
    visible = {key: frozenset(unit.member_lists.visible(key, groups)) for key in hidden}
    shown: list[Mapping[str, Any]] = []
    for record in records:
        members = visible.get(record.member_list) if record.member_list is not None else None
        seen_by = record if members is None else _visible_record(record, members)
        shown.append(seen_record(seen_by, view_hash=None, redacted=members is not None))
    return shown


def unseen_sequences(unit: Unit, caller: Caller, dashboard: Dashboard) -> frozenset[int]:
    """Return which snapshots of a dashboard a caller does not see whole: their stored figures are of what is hidden."""
    groups = readable_groups(caller)
    if dashboard.kind != "health" or dashboard.project is not None or groups is None:
        return frozenset()
    return unit.member_lists.sequences_beyond(dashboard.id, groups)


def _visible_record(record: SnapshotRecord, members: Collection[str]) -> SnapshotRecord:
    """Return a record without what it says of members that are not visible."""
    bundle = tuple(entry for entry in record.source_bundle if str(entry["name"]).removeprefix(MEMBER_PREFIX) in members)
    evidence = {str(entry["name"]).removeprefix(MEMBER_PREFIX) for entry in bundle}
    status: CaptureStatus = "partial" if set(members) - evidence else "good"
    return replace(record, source_bundle=bundle, capture={}, capture_status=status)
