"""Captures that failed: recorded with their error, and their dashboard's owner told once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from stillframe.errors import CaptureRefused, InvalidInput, SourceFailed
from stillframe.flows.services import Services
from stillframe.model.dashboard import Attempt, Dashboard
from stillframe.model.discussion import Notification
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.store import Unit


@contextmanager
def recorded(services: Services, caller: Caller, *, dashboard: Dashboard, trigger_source: str) -> Iterator[None]:
    """
    Record a capture that fails inside the block, and let its error go on with the attempt's id.

    The owner is told once for each run of failures: a snapshot that succeeds ends the run.
    """
    started_at = milliseconds(services.clock())
    try:
        yield
    except (SourceFailed, CaptureRefused) as error:
        attempt = _attempt(
            services, caller, dashboard, trigger_source=trigger_source, error=error, started_at=started_at
        )
        with services.store.write() as unit:
            unit.attempts.add(attempt)
            _tell_owner(services, unit, dashboard, attempt=attempt)
        error.attempt_id = attempt.id
        raise


def _attempt(
    services: Services,
    caller: Caller,
    dashboard: Dashboard,
    *,
    trigger_source: str,
    error: SourceFailed | CaptureRefused,
    started_at: datetime,
) -> Attempt:
    faults = error.faults if isinstance(error, InvalidInput) else ()
    return Attempt(
        id=services.new_id(),
        dashboard_id=dashboard.id,
        started_at=started_at,
        finished_at=milliseconds(services.clock()),
        initiator=caller.name,
        trigger_source=trigger_source,
        error_code=error.code,
        message=error.message,
        source=error.source if isinstance(error, SourceFailed) else None,
        faults=tuple({"path": fault.path, "message": fault.message} for fault in faults),
    )


def _tell_owner(services: Services, unit: Unit, dashboard: Dashboard, *, attempt: Attempt) -> None:
    last = unit.heads.get(dashboard.id).last_snapshot_id
    notice = Notification(
        id=services.new_id(),
        user_id=dashboard.owner_id,
        kind="notice",
        text=(
            f"{dashboard.title} could not be captured: {attempt.message}. "
            "Its last snapshot stays; you hear of it again after one succeeds."
        ),
        dashboard_id=dashboard.id,
        once_key=f"capture:{dashboard.id}:{last}",
        created_at=attempt.finished_at,
    )
    unit.notifications.add_many([notice])
