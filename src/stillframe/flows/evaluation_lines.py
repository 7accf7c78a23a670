"""One line of an explanation: from what is kept of a snapshot and a subscription to what became of it, and why."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.diff import compute_diff
from stillframe.flows.evaluation_answer import Evaluation, HeldBack, Judged, Sent
from stillframe.flows.evaluation_baselines import Baselines, Kept, is_other_picture
from stillframe.flows.judging import is_new_baseline
from stillframe.flows.past import seen_at
from stillframe.flows.seeing import visible_members
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.diff import Diff
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.rules import Rule, explain_threshold, parse_rule
from stillframe.store import EvaluationNote, Unit
from stillframe.store.tellings import Telling

_HELD_SNAPSHOTS = 6
_FIRST = "this is the first snapshot; comparing begins with it"
_BEGAN_AGAIN = "the view spec, the key or the formula changed, so this snapshot is a new baseline"
_NOTHING = "nothing changed"
_CHANGED_SINCE = "it had another rule or another baseline then, and was not told of this"
_NOT_KEPT = "what was decided is no longer kept, and neither are the snapshots"
_NOT_SEEN = "it speaks of projects that you may not see"
_INACTIVE = "it was paused, or not yet confirmed, and judged for nobody"
_PASSED_OVER = {
    "not_adopted": "this is what a release gate refused, and no state of the dashboard",
    "late": "its data is older than that of the snapshot before, so nobody is told",
    "empty": "it is empty where there were rows before, so nobody is told",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    """What a rule said, and the tree that says why; the tree is None where the payloads are gone."""

    outcome: Judged
    sentence: str
    tree: Mapping[str, Any] | None = None


class Lines:
    """The lines of one subscription, as one caller may see them."""

    def __init__(
        self,
        services: Services,
        unit: Unit,
        caller: Caller,
        *,
        dashboard: Dashboard,
        subscription: Subscription,
        kept: Kept,
        changed_at: datetime | None,
    ) -> None:
        self._unit = unit
        self._caller = caller
        self._subscription = subscription
        self._rule: Rule = parse_rule(subscription.threshold)
        self._kept = kept
        self._changed_at = changed_at
        self._baselines = Baselines(unit, dashboard, subscription, kept=kept)
        self._top_n = parse_view_spec(dashboard.view_spec).top_n or services.limits.diff_top_n
        self._seen: OrderedDict[str, Snapshot | None] = OrderedDict()
        self._verdicts_since = _kept_since(services)

    def line(self, record: SnapshotRecord) -> Evaluation:
        """Return what became of the subscription at a snapshot."""
        notes, tellings = self._kept.notes.get(record.id, ()), self._kept.tellings.get(record.id, ())
        baseline_id, reason = self._reason(record, notes, tellings)
        held = next((note for note in notes if note.reason != "resolved"), None)
        suppressed = None if held is None else HeldBack(at=held.at, reason=held.reason, detail=held.detail)
        if suppressed is None and reason.outcome == "true" and not tellings:
            suppressed = HeldBack(at=record.timestamp, reason="known", detail="told already, and true since")
        return Evaluation(
            snapshot_id=record.id,
            sequence=record.sequence,
            as_of=record.as_of,
            timestamp=record.timestamp,
            baseline_snapshot_id=baseline_id,
            outcome=reason.outcome,
            suppressed=suppressed,
            deliveries=tuple(Sent(id=one.id, kind=one.kind, state=one.state) for one in tellings),
            verdict=reason.tree,
            sentence=_sentence(reason, tellings, suppressed),
        )

    def _reason(
        self, record: SnapshotRecord, notes: Sequence[EvaluationNote], tellings: Sequence[Telling]
    ) -> tuple[str | None, _Reason]:
        silence = self._silence(record)
        if silence is not None:
            return None, _Reason(outcome="not_judged", sentence=silence)
        note = next((one for one in notes if one.at == record.timestamp), None)
        if note is not None:
            return note.baseline_snapshot_id, self._known(
                record, note.baseline_snapshot_id, outcome=note.outcome, rule_id=note.rule_id
            )
        alert = next((one for one in tellings if one.kind == "alert"), None)
        if alert is not None:
            return alert.baseline_snapshot_id, self._known(
                record, alert.baseline_snapshot_id, outcome="true", rule_id=alert.rule_id
            )
        if self._changed_at is not None and record.timestamp <= self._changed_at:
            return None, _Reason(outcome="not_judged", sentence=_CHANGED_SINCE)
        baseline_id = self._baselines.at(record)
        assert baseline_id is not None
        reason = self._silent(record, baseline_id)
        return None if reason.outcome == "not_judged" else baseline_id, reason

    def _silence(self, record: SnapshotRecord) -> str | None:
        """Return why a snapshot was judged for nobody, if it was not."""
        if not record.adopted:
            return _PASSED_OVER["not_adopted"]
        if record.late:
            return _PASSED_OVER["late"]
        if record.capture_status == "empty":
            return _PASSED_OVER["empty"]
        parent = None if record.parent_snapshot_id is None else self._unit.snapshots.record(record.parent_snapshot_id)
        if parent is None:
            return _FIRST
        if is_other_picture(parent, record):
            return _BEGAN_AGAIN
        before, after = self._snapshot(parent), self._snapshot(record)
        return _BEGAN_AGAIN if before and after and is_new_baseline(before, after) else None

    def _known(self, record: SnapshotRecord, baseline_id: str, *, outcome: Judged, rule_id: int) -> _Reason:
        """Return the reasons for an outcome that is kept."""
        baseline = self._unit.snapshots.record(baseline_id)
        if not self._sees_whole(record, baseline):
            return _Reason(outcome=outcome, sentence=_NOT_SEEN)
        stored = (self._unit.verdicts.get(record.id, baseline_id) or {}).get(rule_id)
        if isinstance(stored, Mapping):
            return _Reason(outcome=outcome, sentence=str(stored["sentence"]), tree=stored)
        is_same_rule = rule_id == self._subscription.rule_id
        diff = self._compared(baseline, record) if is_same_rule and baseline is not None else None
        if diff is None:
            return _Reason(outcome=outcome, sentence=_bare(outcome))
        found = explain_threshold(diff, self._rule)
        return _Reason(outcome=outcome, sentence=found.sentence, tree=found.as_dict())

    def _silent(self, record: SnapshotRecord, baseline_id: str) -> _Reason:
        """Return what the rule said of a snapshot of which nothing is kept for this subscription alone."""
        baseline = self._unit.snapshots.record(baseline_id)
        diff = None if baseline is None else self._compared(baseline, record)
        if (diff is not None and diff.is_empty) or (baseline and baseline.content_hash == record.content_hash):
            return _Reason(outcome="false", sentence=_NOTHING)
        rule_id = self._subscription.rule_id
        # Whoever sees a part was judged on that part, and what is stored is of the whole.
        is_whole = self._sees_whole(record, baseline)
        stored = (self._unit.verdicts.get(record.id, baseline_id) or {}).get(rule_id) if is_whole else None
        if stored is None and diff is None:
            return _Reason(outcome="not_judged", sentence=_NOT_KEPT)
        if stored is None and is_whole and record.timestamp >= self._verdicts_since:
            return _Reason(outcome="not_judged", sentence=_INACTIVE)
        if isinstance(stored, Mapping):
            return self._true_and_silent(record, baseline_id, rule_id)
        if not self._sees_whole(record, baseline):
            return _Reason(outcome=stored or "not_judged", sentence=_NOT_SEEN)
        found = None if diff is None else explain_threshold(diff, self._rule)
        if stored is None and found is not None and found.met:
            return self._true_and_silent(record, baseline_id, rule_id)
        if found is None:
            kept: Judged = stored or "not_judged"
            return _Reason(outcome=kept, sentence=_bare(kept))
        return _Reason(outcome=stored or found.outcome, sentence=found.sentence, tree=found.as_dict())

    def _true_and_silent(self, record: SnapshotRecord, baseline_id: str, rule_id: int) -> _Reason:
        """Return why nothing came of a rule that was true: against a pin it was told before, else it was not active."""
        told = self._unit.tellings.last_before(self._subscription.id, record.timestamp)
        if self._subscription.baseline == "pinned" and told is not None:
            return self._known(record, baseline_id, outcome="true", rule_id=rule_id)
        return _Reason(outcome="not_judged", sentence=_INACTIVE)

    def _compared(self, baseline: SnapshotRecord, record: SnapshotRecord) -> Diff | None:
        """Return what differs as far as the caller sees it; None where the payloads are gone."""
        before, after = self._snapshot(baseline), self._snapshot(record)
        return None if before is None or after is None else compute_diff(before, after, top_n=self._top_n)

    def _sees_whole(self, *records: SnapshotRecord | None) -> bool:
        return all(one is None or visible_members(self._unit, self._caller, one) is None for one in records)

    def _snapshot(self, record: SnapshotRecord) -> Snapshot | None:
        if record.id not in self._seen:
            self._seen[record.id] = seen_at(self._unit, self._caller, record)
            if len(self._seen) > _HELD_SNAPSHOTS:
                self._seen.popitem(last=False)
        self._seen.move_to_end(record.id)
        return self._seen[record.id]


def _kept_since(services: Services) -> datetime:
    """Return since when the verdicts of every snapshot are kept."""
    now, days = services.clock(), services.limits.log_days.get("verdicts")
    return datetime.min.replace(tzinfo=now.tzinfo) if days is None else now - timedelta(days=days)


def _bare(outcome: Judged) -> str:
    return {"true": "the rule was met", "false": "the rule was not met", "unknown": "the rule could not be judged"}.get(
        outcome, outcome
    )


def _sentence(reason: _Reason, tellings: Sequence[Telling], suppressed: HeldBack | None) -> str:
    """Return the line in words: what came of it first, then the reason of the rule."""
    if tellings:
        return f"{' and '.join(one.kind for one in tellings)} told: {reason.sentence}"
    if suppressed is not None:
        return f"not told, {suppressed.detail or suppressed.reason}: {reason.sentence}"
    said = {"not_judged": "not judged", "false": "not met", "unknown": "cannot be judged"}.get(reason.outcome, "met")
    return f"{said}: {reason.sentence}"
