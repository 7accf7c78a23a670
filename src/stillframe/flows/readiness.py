"""Whether this installation can do its work now: database writable, schema current, a worker alive."""

from __future__ import annotations

from dataclasses import dataclass

from stillframe.errors import StoreError
from stillframe.flows.dispatch import left_behind
from stillframe.flows.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Each check by name, and whether it holds."""

    checks: dict[str, bool]

    @property
    def ready(self) -> bool:
        return all(self.checks.values())


def readiness(services: Services) -> Readiness:
    """Try a write, look at the schema and at the youngest heartbeat; a store that fails makes every later check
    fail."""
    checks = {"database_writable": False, "migrations_current": False, "worker_alive": False}
    try:
        checks["migrations_current"] = services.store.schema_state() == "current"
        services.store.check_writable()
        checks["database_writable"] = True
        checks["worker_alive"] = left_behind(services).worker_alive
    except StoreError:
        return Readiness(checks=checks)
    return Readiness(checks=checks)
