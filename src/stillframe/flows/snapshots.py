"""Taking a snapshot: capture, compare, judge, promise, commit, and then tell."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from stillframe.capture import Captured, ViewSpec, capture, decide_status, parse_view_spec, view_spec_hash
from stillframe.errors import InvalidInput, nearest
from stillframe.flows.attempts import recorded
from stillframe.flows.dispatch import DispatchReport, send
from stillframe.flows.idempotency import Receipt
from stillframe.flows.judging import Judgement, judge
from stillframe.flows.permission import require, require_owner_connections, visible_dashboard
from stillframe.flows.promises import Promise, promise
from stillframe.flows.reading_turns import reading_turn
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.identity import Caller
from stillframe.model.snapshot import CaptureStatus, Snapshot, SnapshotRecord, TriggerSource
from stillframe.model.times import milliseconds, time_text
from stillframe.store import Unit

_HEAD_MOVED_TRIES = 3
_log = structlog.get_logger(__name__)
LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRequest:
    """
    What a caller may say about a snapshot.

    Shape   `data`: rows or a value by panel, for panels whose source is `push`. `slot`: the timer's slot, else None.
    """

    reason: str | None = None
    source_ref: str | None = None
    as_of: datetime | None = None
    immutable: bool = False
    retention_class: str = "standard"
    analyzer_version: str | None = None
    rule_version: str | None = None
    data: Mapping[str, Any] | None = None
    trigger_source: TriggerSource = "manual"
    slot: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SnapshotTaken:
    """The stored record, what changed since the head, and who was told so far."""

    record: SnapshotRecord
    diff_summary: Mapping[str, Any] | None
    dispatch: DispatchReport

    def as_dict(self) -> dict[str, Any]:
        return {**self.record.as_dict(), "diff_summary": self.diff_summary, "dispatch": self.dispatch.as_dict()}


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A capture that wants to become the next snapshot of a dashboard."""

    dashboard: Dashboard
    spec: ViewSpec
    caller: Caller
    request: SnapshotRequest
    captured: Captured
    captured_at: datetime
    snapshot_id: str
    receipt: Receipt | None = field(default=None)


def take_snapshot(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    request: SnapshotRequest,
    receipt: Receipt | None = None,
    wait_for_sends: bool = False,
) -> SnapshotTaken:
    """
    Capture a dashboard, store what it showed, and tell whoever asked to be told of such a change.

    Units   The sends are waited for during `dispatch_timeout_ms` from the commit on; with `wait_for_sends`, until each
            has ended.
    Errors  NotFound, Forbidden, InvalidInput; CaptureRefused and SourceFailed with the id of the recorded attempt;
            StoreError. After any of them nothing was stored but the attempt.
    Source  docs/reference/semantics.md.
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        spec = spec_of(dashboard)
        require_owner_connections(unit, dashboard, spec)
    require(caller, "snapshot.take", owner_id=dashboard.owner_id)
    if request.immutable:
        require(caller, "snapshot.freeze", owner_id=dashboard.owner_id)
    check_request(services, request)
    with services.turns.of(dashboard.id):
        draft = _captured(services, caller, dashboard=dashboard, spec=spec, request=request, receipt=receipt)
        record, judgement, promised = _stored(services, draft)
    committed_at = time.monotonic()
    report = _told(services, promised, committed_at=committed_at, wait_for_sends=wait_for_sends)
    summary = None if judgement.previous is None else judgement.previous.summary
    return SnapshotTaken(record=record, diff_summary=summary, dispatch=report)


def check_request(services: Services, request: SnapshotRequest) -> None:
    """
    Refuse what no snapshot may say.

    Errors  InvalidInput naming the member.
    """
    classes = services.limits.retention_classes
    if request.retention_class not in classes:
        hint = nearest(request.retention_class, classes)
        raise InvalidInput.at("$.retention_class", f"{request.retention_class!r} is not a retention class{hint}")
    if request.as_of is not None and request.as_of > services.clock():
        raise InvalidInput.at(
            "$.as_of", f"{time_text(request.as_of)} lies in the future; the data describes a time that has been"
        )
    for name in ("reason", "source_ref", "analyzer_version", "rule_version"):
        if len(getattr(request, name) or "") > LONGEST_REASON:
            raise InvalidInput.at(f"$.{name}", f"at most {LONGEST_REASON} characters")


def spec_of(dashboard: Dashboard) -> ViewSpec:
    """Return the parsed view spec of a stored dashboard."""
    return parse_view_spec(dashboard.view_spec)


def _captured(
    services: Services,
    caller: Caller,
    *,
    dashboard: Dashboard,
    spec: ViewSpec,
    request: SnapshotRequest,
    receipt: Receipt | None,
) -> _Draft:
    with (
        recorded(services, caller, dashboard=dashboard, trigger_source=request.trigger_source),
        reading_turn(services, dashboard, spec),
    ):
        captured = capture(
            spec,
            connections=services.connections,
            pushed=request.data,
            max_rows=services.limits.max_rows,
            source_timeout_seconds=services.limits.source_timeout_seconds,
        )
    return _Draft(
        dashboard=dashboard,
        spec=spec,
        caller=caller,
        request=request,
        captured=captured,
        captured_at=milliseconds(services.clock()),
        snapshot_id=services.new_id(),
        receipt=receipt,
    )


def _stored(services: Services, draft: _Draft) -> tuple[SnapshotRecord, Judgement, Promise]:
    """
    Judge against the head, and commit if it is still the head; else judge again.

    No long computation holds the write lock, and every snapshot is compared with its true predecessor. After a few
    rounds of a head that keeps moving the last judgement is made under the lock.
    """
    for _ in range(_HEAD_MOVED_TRIES):
        with services.store.read() as unit:
            judgement = _judged(services, unit, draft, head=unit.heads.get(draft.dashboard.id))
        with services.store.write() as unit:
            if unit.heads.lock(draft.dashboard.id) == judgement.head:
                return _written(services, unit, draft, judgement=judgement)
    with services.store.write() as unit:
        judgement = _judged(services, unit, draft, head=unit.heads.lock(draft.dashboard.id))
        return _written(services, unit, draft, judgement=judgement)


def _judged(services: Services, unit: Unit, draft: _Draft, *, head: Head) -> Judgement:
    previous = unit.snapshots.get(head.head_snapshot_id) if head.head_snapshot_id else None
    record = _record(
        draft,
        head,
        status=decide_status(
            draft.captured.payload, None if previous is None else previous.payload, draft.spec.empty_is_news
        ),
    )
    candidate = Snapshot(record=record, payload=draft.captured.payload)
    top_n = draft.spec.top_n or services.limits.diff_top_n
    return judge(services, unit, head=head, previous=previous, candidate=candidate, top_n=top_n)


def _record(draft: _Draft, head: Head, *, status: CaptureStatus) -> SnapshotRecord:
    request = draft.request
    timestamp = max(draft.captured_at, head.last_timestamp or draft.captured_at)
    as_of = milliseconds(request.as_of) if request.as_of else timestamp
    return SnapshotRecord(
        id=draft.snapshot_id,
        dashboard_id=draft.dashboard.id,
        sequence=head.last_sequence + 1,
        parent_snapshot_id=head.head_snapshot_id,
        timestamp=timestamp,
        as_of=as_of,
        late=head.head_as_of is not None and as_of < head.head_as_of,
        reason=request.reason,
        initiator=draft.caller.name,
        trigger_source=request.trigger_source,
        analyzer_version=request.analyzer_version,
        rule_version=request.rule_version,
        source_ref=request.source_ref,
        immutable=request.immutable,
        retention_class=request.retention_class,
        content_hash=draft.captured.content_hash,
        view_spec_hash=view_spec_hash(draft.spec),
        capture_status=status,
        capture=draft.captured.info,
    )


def _written(
    services: Services, unit: Unit, draft: _Draft, *, judgement: Judgement
) -> tuple[SnapshotRecord, Judgement, Promise]:
    record = judgement.candidate.record
    unit.snapshots.add(
        record,
        canonical=draft.captured.canonical,
        payload=draft.captured.payload,
        moves_head=judgement.candidate.is_baseline,
        slot=None if draft.request.slot is None else time_text(draft.request.slot),
    )
    promised = promise(services, unit, draft.dashboard, judgement=judgement)
    if draft.receipt is not None:
        summary = None if judgement.previous is None else judgement.previous.summary
        answer = SnapshotTaken(
            record=record, diff_summary=summary, dispatch=promised.report(budget_ms=services.limits.dispatch_timeout_ms)
        )
        draft.receipt.answer(services, unit, status=201, document=answer.as_dict())
    return record, judgement, promised


def _told(services: Services, promised: Promise, *, committed_at: float, wait_for_sends: bool) -> DispatchReport:
    if promised.queued:
        services.work_waiting.set()
    until = None if wait_for_sends else committed_at + services.limits.dispatch_timeout_ms / 1000
    try:
        sends = send(services, promised.claimed, known=promised.evidence, until=until)
    except Exception:  # noqa: BLE001  # because the snapshot is stored: an error now would be answered as if it were not
        _log.exception("dispatch_failed", deliveries=len(promised.claimed))
        sends = None
    return promised.report(budget_ms=services.limits.dispatch_timeout_ms, sends=sends)
