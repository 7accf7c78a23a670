"""From a capture to a committed snapshot: compared, judged, promised, all in one transaction, and then told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from stillframe.capture import Captured
from stillframe.diff import compute_diff
from stillframe.errors import InvalidInput, nearest
from stillframe.flows.auditing import audited
from stillframe.flows.dispatch import DispatchReport, send
from stillframe.flows.eyes import with_eyes
from stillframe.flows.idempotency import Receipt
from stillframe.flows.judging import Judgement, judge
from stillframe.flows.owner_notices import tell_of_empty
from stillframe.flows.promises import Promise, promise
from stillframe.flows.seeing import view_of, visible_members
from stillframe.flows.services import Services
from stillframe.flows.taken import note_taken
from stillframe.flows.waking import wake, wake_within
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.model.snapshot import CaptureStatus, Snapshot, SnapshotRecord, TriggerSource
from stillframe.model.times import milliseconds, time_text
from stillframe.model.view import seen_record
from stillframe.report.words import diff_summary, titles_of
from stillframe.store import PackedReport, Unit

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
        record = seen_record(self.record, view_hash=None)
        return {**record, "diff_summary": self.diff_summary, "dispatch": self.dispatch.as_dict()}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """
    What a dashboard shows, with all that a record says of it beside the request.

    Shape   `scope`: of health dashboards only. `members`: the projects that a group's or portfolio's picture speaks of.
            `source_bundle`: what the picture was made from. `analyzer_version`, `rule_version`: where the caller names
            none. `packed`: reports of the bundle whose bytes are not in the store yet, or may not be. `adopted`: False
            for a refused candidate, which is evidence and no state of the dashboard.
    """

    captured: Captured
    status: CaptureStatus
    view_spec_hash: str
    scope: Scope | None = None
    project: str | None = None
    group_id: str | None = None
    formula_digest: str | None = None
    analyzer_version: str | None = None
    rule_version: str | None = None
    source_bundle: tuple[Mapping[str, Any], ...] = ()
    packed: tuple[PackedReport, ...] = ()
    members: tuple[str, ...] | None = None
    adopted: bool = True


@dataclass(frozen=True, kw_only=True)
class Draft:
    """
    A capture that wants to become the next snapshot of a dashboard.

    Shape   `picture`: given the transaction and the snapshot at the head, what the dashboard shows; asked again when
            the head has moved, so that a picture made from stored evidence is never older than what it follows.
            `captured_at`: when the last source answered; None for what is read in that transaction. `beside`: what else
            the transaction holds, given the record and its picture, and whom it promises to tell of that. `answer`:
            what a receipt keeps, if it is anything but the snapshot.
    """

    dashboard: Dashboard
    picture: Callable[[Unit, Snapshot | None], Picture]
    top_n: int | None
    caller: Caller
    request: SnapshotRequest
    captured_at: datetime | None = None
    snapshot_id: str
    receipt: Receipt | None = None
    beside: Callable[[Unit, SnapshotRecord, Picture], Promise] | None = None
    answer: Callable[[SnapshotTaken, Picture], Mapping[str, Any]] | None = None
    answered_status: int = 201


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A snapshot that is committed, what was promised with it, and when that was so."""

    record: SnapshotRecord
    picture: Picture
    summary: Mapping[str, Any] | None
    """What changed since the head, as far as whoever asked may see both."""
    promised: Promise
    committed_at: float

    def taken(self, dispatch: DispatchReport) -> SnapshotTaken:
        return SnapshotTaken(record=self.record, diff_summary=self.summary, dispatch=dispatch)


@dataclass(frozen=True, kw_only=True)
class _Judged:
    picture: Picture
    judgement: Judgement


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


def store(services: Services, draft: Draft) -> Stored:
    """
    Commit a draft with all that it promises.

    What a quiet time that is over held back is told first. Judged against the head, a draft is committed if that is
    still the head; else it is judged again. So no long computation
    holds the write lock, and every snapshot is compared with its true predecessor. After a few rounds of a head that
    keeps moving the last judgement is made under the lock.

    Errors  StoreError, and what the draft's picture refuses; after any of them nothing was stored.
    """
    began = time.monotonic()
    stored = _committed(services, draft)
    note_taken(services, stored.record, seconds=stored.committed_at - began)
    return stored


def _committed(services: Services, draft: Draft) -> Stored:
    for _ in range(_HEAD_MOVED_TRIES):
        with services.store.read() as unit:
            judged = _judged(services, unit, draft, head=unit.heads.get(draft.dashboard.id))
        if judged.judgement.is_due:
            wake(services, draft.dashboard.id, until=judged.judgement.candidate.record.timestamp)
            continue
        with services.store.write() as unit:
            stored = None
            if unit.heads.lock(draft.dashboard.id) == judged.judgement.head:
                stored = _written(services, unit, draft, judged=judged)
        if stored is not None:
            return replace(stored, committed_at=time.monotonic())
    with services.store.write() as unit:
        judged = _judged(services, unit, draft, head=unit.heads.lock(draft.dashboard.id))
        while judged.judgement.is_due:
            wake_within(services, unit, draft.dashboard.id, until=judged.judgement.candidate.record.timestamp)
            judged = _judged(services, unit, draft, head=unit.heads.lock(draft.dashboard.id))
        stored = _written(services, unit, draft, judged=judged)
    return replace(stored, committed_at=time.monotonic())


def tell(services: Services, stored: Stored, *, wait_for_sends: bool) -> SnapshotTaken:
    """
    Send what can be sent of what was promised.

    Units   The sends are waited for during `dispatch_timeout_ms` from the commit on; with `wait_for_sends`, until each
            has ended.
    """
    dispatch = tell_promised(services, stored.promised, wait_for_sends=wait_for_sends, committed_at=stored.committed_at)
    return stored.taken(dispatch)


def tell_promised(
    services: Services, promised: Promise, *, wait_for_sends: bool, committed_at: float | None = None
) -> DispatchReport:
    """
    Send what can be sent of a promise that is committed.

    Units   As `tell`; `committed_at` on the monotonic clock, by default now.
    """
    if promised.queued:
        services.work_waiting.set()
    began = time.monotonic() if committed_at is None else committed_at
    until = None if wait_for_sends else began + services.limits.dispatch_timeout_ms / 1000
    try:
        sends = send(services, promised.claimed, known=promised.evidence, until=until)
    except Exception:  # noqa: BLE001  # because what was promised is stored: an error now would be answered as if it were not
        _log.exception("dispatch_failed", deliveries=len(promised.claimed))
        sends = None
    return promised.report(budget_ms=services.limits.dispatch_timeout_ms, sends=sends)


def _judged(services: Services, unit: Unit, draft: Draft, *, head: Head) -> _Judged:
    previous = unit.snapshots.get(head.head_snapshot_id) if head.head_snapshot_id else None
    picture = draft.picture(unit, previous)
    captured_at = draft.captured_at or milliseconds(services.clock())
    record = _record(draft, head, picture=picture, captured_at=captured_at)
    candidate = Snapshot(record=record, payload=picture.captured.payload)
    top_n = draft.top_n or services.limits.diff_top_n
    judgement = judge(services, unit, head=head, previous=previous, candidate=candidate, top_n=top_n)
    judgement = with_eyes(services, unit, judgement, members=picture.members, top_n=top_n)
    return _Judged(picture=picture, judgement=judgement)


def _record(draft: Draft, head: Head, *, picture: Picture, captured_at: datetime) -> SnapshotRecord:
    request, scope = draft.request, picture.scope
    timestamp = max(captured_at, head.last_timestamp or captured_at)
    as_of = milliseconds(request.as_of) if request.as_of else timestamp
    return SnapshotRecord(
        id=draft.snapshot_id,
        dashboard_id=draft.dashboard.id,
        sequence=head.last_sequence + 1,
        parent_snapshot_id=head.head_snapshot_id,
        scope=None if scope is None else scope.kind,
        scope_ref=None if scope is None else scope.ref,
        project_name=picture.project,
        group_id=picture.group_id,
        timestamp=timestamp,
        as_of=as_of,
        late=head.head_as_of is not None and as_of < head.head_as_of,
        reason=request.reason,
        initiator=draft.caller.name,
        trigger_source=request.trigger_source,
        analyzer_version=request.analyzer_version or picture.analyzer_version,
        rule_version=request.rule_version or picture.rule_version,
        formula_digest=picture.formula_digest,
        source_ref=request.source_ref,
        immutable=request.immutable,
        retention_class=request.retention_class,
        content_hash=picture.captured.content_hash,
        view_spec_hash=picture.view_spec_hash,
        capture_status=picture.status,
        adopted=picture.adopted,
        source_bundle=_dated(picture.source_bundle, as_of=as_of, taken_at=timestamp),
        capture=picture.captured.info,
    )


def _dated(
    bundle: tuple[Mapping[str, Any], ...], *, as_of: datetime, taken_at: datetime
) -> tuple[Mapping[str, Any], ...]:
    """Say in a bundle's first report when it came and what time it describes; one that is carried says so already."""
    if not bundle or "format" not in bundle[0] or "as_of" in bundle[0]:
        return bundle
    return ({**bundle[0], "as_of": time_text(as_of), "taken_at": time_text(taken_at)}, *bundle[1:])


def _written(services: Services, unit: Unit, draft: Draft, *, judged: _Judged) -> Stored:
    judgement, picture = judged.judgement, judged.picture
    record = judgement.candidate.record
    if picture.members is not None:
        record = replace(record, member_list=unit.member_lists.keep(picture.members))
    unit.snapshots.add(
        record,
        canonical=picture.captured.canonical,
        payload=picture.captured.payload,
        moves_head=judgement.candidate.is_baseline,
        slot=None if draft.request.slot is None else time_text(draft.request.slot),
    )
    unit.reports.keep(picture.packed)
    unit.reports.link(record)
    if record.capture_status == "empty":
        tell_of_empty(services, unit, draft.dashboard, record=record, judgement=judgement)
    if record.immutable:
        audited(services, unit, draft.caller, action="snapshot.freeze", object=f"snapshot:{record.id}")
    promised = promise(services, unit, draft.dashboard, judgement=judgement)
    services.metrics.matched(promised.matched, told=promised.told)
    if draft.beside is not None:
        promised = promised.joined(draft.beside(unit, record, picture))
    stored = Stored(
        record=record,
        picture=picture,
        summary=_seen_summary(unit, draft.caller, judgement),
        promised=promised,
        committed_at=time.monotonic(),
    )
    if draft.receipt is not None:
        taken = stored.taken(promised.report(budget_ms=services.limits.dispatch_timeout_ms))
        document = taken.as_dict() if draft.answer is None else draft.answer(taken, picture)
        draft.receipt.answer(services, unit, status=draft.answered_status, document=document)
    return stored


def _seen_summary(unit: Unit, caller: Caller, judgement: Judgement) -> Mapping[str, Any] | None:
    """Return what changed since the head; where the caller sees only some of what the head spoke of, of those."""
    previous = judgement.previous
    if previous is None:
        return None
    members = visible_members(unit, caller, previous.baseline.record)
    if members is None:
        return previous.summary
    before = view_of(previous.baseline, members)
    diff = compute_diff(before.as_snapshot, judgement.candidate, top_n=previous.diff.top_n)
    return diff_summary(diff, titles=titles_of(before.payload) | titles_of(judgement.candidate.payload))
