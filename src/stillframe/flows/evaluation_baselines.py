"""What a subscription's rule was compared with at each snapshot, found again from what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from stillframe.model.dashboard import Dashboard
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.store import EvaluationNote, Unit
from stillframe.store.tellings import Telling

_A_PAGE = 200
_WATCHED = ("pending", "cooldown", "snooze", "quiet_hours")
"""Reasons that leave an episode open: the next snapshot is compared with what this one was."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """
    What is kept of one subscription at some snapshots and at those before them.

    Shape   Both by snapshot, in the order of time. `looked_at`: the ids of all of these snapshots.
    """

    looked_at: frozenset[str]
    notes: Mapping[str, Sequence[EvaluationNote]]
    tellings: Mapping[str, Sequence[Telling]]


class Baselines:
    """The baselines of one subscription, as far as they can be told from what is kept."""

    def __init__(self, unit: Unit, dashboard: Dashboard, subscription: Subscription, *, kept: Kept) -> None:
        self._unit = unit
        self._dashboard = dashboard
        self._subscription = subscription
        self._kept = kept
        self._stretch: tuple[SnapshotRecord, SnapshotRecord] | None = None
        """A new baseline, and a later snapshot of the same picture: between them nothing began again."""

    def at(self, record: SnapshotRecord) -> str | None:
        """Return the id of what a snapshot was compared with; None where there was nothing before it."""
        parent_id = record.parent_snapshot_id
        if parent_id is None:
            return None
        return self._watched(self._judged_last(parent_id)) or self._usual(record, parent_id)

    def _judged_last(self, snapshot_id: str) -> str:
        """Return the snapshot that was judged last up to this one: an empty one that was accepted was not."""
        found = self._unit.snapshots.record(snapshot_id)
        while found is not None and found.capture_status == "empty" and found.parent_snapshot_id is not None:
            found = self._unit.snapshots.record(found.parent_snapshot_id)
        return snapshot_id if found is None else found.id

    def _watched(self, parent_id: str) -> str | None:
        """Return the baseline of the episode that was open after the snapshot before."""
        notes, tellings = self._kept_at(parent_id)
        episodes = self._subscription.calm.has_episodes
        if tellings and (not notes or notes[-1].reason == "resolved" or tellings[-1].created_at >= notes[-1].at):
            alert = tellings[-1].kind == "alert" and episodes
            return tellings[-1].baseline_snapshot_id if alert else None
        if not notes:
            return None
        last = notes[-1]
        return last.baseline_snapshot_id if last.reason in _WATCHED or (last.reason == "known" and episodes) else None

    def _kept_at(self, snapshot_id: str) -> tuple[Sequence[EvaluationNote], Sequence[Telling]]:
        if snapshot_id in self._kept.looked_at:
            return self._kept.notes.get(snapshot_id, ()), self._kept.tellings.get(snapshot_id, ())
        mine = self._subscription.id
        return self._unit.evaluations.at_snapshots(mine, [snapshot_id]), self._unit.tellings.at(mine, [snapshot_id])

    def _usual(self, record: SnapshotRecord, parent_id: str) -> str:
        match self._subscription.baseline:
            case "previous":
                return parent_id
            case "pinned":
                return self._subscription.baseline_snapshot_id or parent_id
            case "last_notified":
                return self._drifting(record) or parent_id

    def _drifting(self, record: SnapshotRecord) -> str | None:
        """Return the snapshot last told of before this one, or where the subscription began, whichever is later."""
        told = self._unit.tellings.last_before(self._subscription.id, record.timestamp)
        found = None if told is None else self._unit.snapshots.record(told.cause)
        if found is None or found.sequence >= record.sequence:
            found = self._head_when_made
        began = self._began_again(record, since=0 if found is None else found.sequence)
        return began.id if began is not None else None if found is None else found.id

    @cached_property
    def _head_when_made(self) -> SnapshotRecord | None:
        """Return the first snapshot since which it is compared: the head when the subscription was made."""
        made, cursor = self._subscription.created_at, None
        while True:
            page = self._unit.snapshots.list(self._dashboard.id, limit=_A_PAGE, cursor=cursor)
            for record in page.items:
                if record.timestamp <= made and _is_truth(record):
                    return record
            if page.next_cursor is None:
                return None
            cursor = page.next_cursor

    def _began_again(self, record: SnapshotRecord, *, since: int) -> SnapshotRecord | None:
        """Return the newest new baseline before a snapshot, if there was one after the sequence number `since`."""
        if self._stretch is None or not self._stretch[0].sequence < record.sequence <= self._stretch[1].sequence:
            found = self._look_back(record, since=since)
            if found is None:
                return None
            self._stretch = (found, record)
        return self._stretch[0] if self._stretch[0].sequence > since else None

    def _look_back(self, record: SnapshotRecord, *, since: int) -> SnapshotRecord | None:
        cursor: str | None = str(record.sequence)
        later = record
        while cursor is not None:
            page = self._unit.snapshots.list(self._dashboard.id, limit=_A_PAGE, cursor=cursor)
            for earlier in filter(_is_truth, page.items):
                if not _is_alike(earlier, later):
                    return later
                if earlier.sequence <= since:
                    return None
                later = earlier
            cursor = page.next_cursor
        return None if later is record else later


def is_other_picture(before: SnapshotRecord, after: SnapshotRecord) -> bool:
    """Say whether two records are of pictures that were made differently, as far as records say it."""
    return not _is_alike(before, after)


def _is_alike(before: SnapshotRecord, after: SnapshotRecord) -> bool:
    return before.view_spec_hash == after.view_spec_hash and before.formula_digest == after.formula_digest


def _is_truth(record: SnapshotRecord) -> bool:
    return record.adopted and not record.late and record.capture_status != "empty"
