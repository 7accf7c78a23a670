"""Whether this installation can do its work now: database writable, schema current, a worker alive and sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from stillframe.errors import StoreError
from stillframe.flows.services import Services

ALIVE = timedelta(seconds=4)
"""Workers beat every 1.5 s, and each beat says until when their sending was seen to go on, at most 1 s before."""
PATIENCE = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Each check by name, and whether it holds."""

    checks: dict[str, bool]

    @property
    def ready(self) -> bool:
        return all(self.checks.values())


def readiness(services: Services) -> Readiness:
    """
    Try a write, look at the schema, at the youngest heartbeat and at what waits; a store that fails makes every later
    check fail.

    Shape   `sending`: no webhook waits beyond its time while nothing is sent. A receiver that is slow, and what waits
            behind it, leaves this true.
    """
    names = ("database_writable", "migrations_current", "worker_alive", "sending")
    checks = dict.fromkeys(names, False)
    try:
        checks["migrations_current"] = services.store.schema_state() == "current"
        services.store.check_writable()
        checks["database_writable"] = True
        now = services.clock()
        with services.store.read() as unit:
            beat = unit.workers.youngest_beat("worker")
            checks["worker_alive"] = beat is not None and now - beat < ALIVE
            checks["sending"] = not unit.waiting.is_stuck(now=now, patience=PATIENCE)
    except StoreError:
        return Readiness(checks=checks)
    return Readiness(checks=checks)
