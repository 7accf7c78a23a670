"""Captures that failed: recorded with their error, and their dashboard's owner told once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from stillframe.errors import CaptureRefused, InvalidInput, SourceFailed, StillframeError
from stillframe.flows.owner_notices import tell_of_failure
from stillframe.flows.services import Services
from stillframe.model.dashboard import Attempt, Dashboard
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds


@contextmanager
def recorded(services: Services, caller: Caller, *, dashboard: Dashboard, trigger_source: str) -> Iterator[None]:
    """
    Record a capture that fails inside the block, and let its error go on with the attempt's id.

    The owner is told once for each run of failures: a snapshot that succeeds ends the run.
    """
    started_at = milliseconds(services.clock())
    try:
        with services.metrics.capturing():
            yield
    except (SourceFailed, CaptureRefused) as error:
        attempt = record_failure(
            services, caller, dashboard=dashboard, trigger_source=trigger_source, error=error, started_at=started_at
        )
        error.attempt_id = attempt.id
        raise


def record_failure(
    services: Services,
    caller: Caller,
    *,
    dashboard: Dashboard,
    trigger_source: str,
    error: StillframeError,
    started_at: datetime,
) -> Attempt:
    """Record a capture that failed, and tell the dashboard's owner of it, once for each run of failures."""
    services.metrics.captured(error.code)
    attempt = _attempt(
        services, caller, dashboard=dashboard, trigger_source=trigger_source, error=error, started_at=started_at
    )
    with services.store.write() as unit:
        unit.attempts.add(attempt)
        tell_of_failure(services, unit, dashboard, why=attempt.message, at=attempt.finished_at)
    return attempt


def _attempt(
    services: Services,
    caller: Caller,
    *,
    dashboard: Dashboard,
    trigger_source: str,
    error: StillframeError,
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
