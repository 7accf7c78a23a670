"""Taking a snapshot of a live dashboard: its sources asked, or what was pushed to it."""

from __future__ import annotations

from dataclasses import dataclass

from stillframe.capture import Captured, ViewSpec, capture, decide_status, parse_view_spec, view_spec_hash
from stillframe.errors import Conflict, Forbidden, InvalidInput
from stillframe.flows.attempts import record_failure, recorded
from stillframe.flows.idempotency import Receipt
from stillframe.flows.permission import require_on, require_owner_connections, visible_dashboard
from stillframe.flows.reading_turns import reading_turn
from stillframe.flows.services import Services
from stillframe.flows.storing import (
    Draft,
    Picture,
    SnapshotRequest,
    SnapshotTaken,
    check_request,
    store,
    tell,
)
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot
from stillframe.model.times import milliseconds, time_text
from stillframe.store import Unit

__all__ = ["SnapshotRequest", "SnapshotTaken", "refuse_health", "spec_of", "take_snapshot"]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What a live dashboard's sources said, whatever head it follows; only its status depends on that."""

    spec: ViewSpec
    captured: Captured

    def __call__(self, unit: Unit, previous: Snapshot | None) -> Picture:
        before = None if previous is None else previous.payload
        return Picture(
            captured=self.captured,
            status=decide_status(self.captured.payload, before, self.spec.empty_is_news),
            view_spec_hash=view_spec_hash(self.spec),
        )


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
        refuse_health(dashboard)
    spec = spec_of(dashboard)
    require_on(caller, "snapshot.take", dashboard)
    if request.immutable:
        require_on(caller, "snapshot.freeze", dashboard)
    check_request(services, request)
    _require_connections(services, caller, dashboard=dashboard, spec=spec, request=request)
    with services.turns.of(dashboard.id):
        captured = _captured(services, caller, dashboard=dashboard, spec=spec, request=request)
        draft = Draft(
            dashboard=dashboard,
            picture=_Seen(spec=spec, captured=captured),
            top_n=spec.top_n,
            caller=caller,
            request=request,
            captured_at=milliseconds(services.clock()),
            snapshot_id=services.new_id(),
            receipt=receipt,
        )
        stored = store(services, draft)
    return tell(services, stored, wait_for_sends=wait_for_sends)


def spec_of(dashboard: Dashboard) -> ViewSpec:
    """Return the parsed view spec of a stored dashboard."""
    return parse_view_spec(dashboard.view_spec)


def refuse_health(dashboard: Dashboard) -> None:
    """
    Let live dashboards pass.

    Errors  InvalidInput for one that Stillframe made, saying how its snapshots are taken.
    """
    if dashboard.kind == "health":
        raise InvalidInput.at(
            "$.dashboard",
            f"{dashboard.id} is Stillframe's own: POST /api/v2/dashboard/snapshots takes its snapshots, and nobody "
            "changes its view spec",
        )


def _require_connections(
    services: Services, caller: Caller, *, dashboard: Dashboard, spec: ViewSpec, request: SnapshotRequest
) -> None:
    """Let a dashboard pass that may ask its connections; of one that may not any more its owner hears."""
    started_at = milliseconds(services.clock())
    if not spec.connection_names():
        return
    try:
        with services.store.read() as unit:
            require_owner_connections(services, unit, dashboard, spec=spec)
    except Forbidden as error:
        source = request.trigger_source
        record_failure(services, caller, dashboard=dashboard, trigger_source=source, error=error, started_at=started_at)
        raise


def _refuse_taken(services: Services, dashboard: Dashboard, *, request: SnapshotRequest) -> None:
    """
    Let a slot pass that nobody took while this process waited for its turn: its sources are asked once.

    Errors  Conflict.
    """
    if request.slot is None:
        return
    slot = time_text(request.slot)
    with services.store.read() as unit:
        if unit.snapshots.slot_taken(dashboard.id, slot):
            raise Conflict(f"the slot {slot} is taken")


def _captured(
    services: Services, caller: Caller, *, dashboard: Dashboard, spec: ViewSpec, request: SnapshotRequest
) -> Captured:
    with (
        recorded(services, caller, dashboard=dashboard, trigger_source=request.trigger_source),
        reading_turn(services, dashboard, spec),
    ):
        _refuse_taken(services, dashboard, request=request)
        return capture(
            spec,
            connections=services.connections,
            pushed=request.data,
            max_rows=services.limits.max_rows,
            source_timeout_seconds=services.limits.source_timeout_seconds,
        )
