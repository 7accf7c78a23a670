"""One process at a time reads a dashboard's sources: a lease in the store, taken before the first source is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from stillframe.capture import ViewSpec
from stillframe.errors import StoreUnavailable
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard

_SLACK_SECONDS = 20.0
_POLL_SECONDS = 0.05


@contextmanager
def reading_turn(services: Services, dashboard: Dashboard, spec: ViewSpec) -> Iterator[None]:
    """
    Hold the dashboard's lease while the block reads its sources; a pushed capture reads nothing and needs none.

    A holder that died is waited for until its lease ends, never longer.

    Errors  StoreUnavailable if the turn does not come in time.
    """
    if all(source.type == "push" for source in spec.sources.values()):
        yield
        return
    seconds = spec.capture_timeout_seconds + _SLACK_SECONDS
    name = f"capture:{dashboard.id}"
    token = _acquired(services, name, seconds)
    try:
        yield
    finally:
        with services.store.write() as unit:
            unit.leases.release(name, token)


def _acquired(services: Services, name: str, seconds: float) -> int:
    give_up_at = time.monotonic() + 2 * seconds
    while True:
        with services.store.write() as unit:
            token = unit.leases.acquire(name, services.holder, services.clock(), seconds=seconds)
        if token is not None:
            return token
        if time.monotonic() >= give_up_at:
            raise StoreUnavailable("another capture of this dashboard does not end; try again later")
        time.sleep(_POLL_SECONDS)
