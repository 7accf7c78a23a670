"""The desk a command works at: settings read, the database open, the caller known, and everything closed again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stillframe.cli.output import say

if TYPE_CHECKING:
    from stillframe.config import Settings
    from stillframe.flows.services import Services
    from stillframe.model.identity import Caller


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a command needs: the services, and who asks (whoever can open the database can do everything)."""

    services: Services
    caller: Caller
    settings: Settings


@contextmanager
def opened(config: Path | None, *, create: bool = False, journal: bool = False) -> Iterator[Desk]:
    """
    Open the database that the configuration names, for as long as the block runs.

    Shape   `create`: make a missing database; without it there must be one. `journal`: log what is done, one JSON
            object a line, as a process does that nobody watches.
    Errors  ConfigurationError; StoreMissing naming the path; StoreError.
    """
    from stillframe.config import load_settings, os_user
    from stillframe.flows.identity import local_caller
    from stillframe.wiring import build_services

    if journal:
        from stillframe.flows.journal import keep_journal

        keep_journal()
    else:
        log_to_stderr()
    settings = load_settings(config)
    services = build_services(settings, create=create)
    try:
        yield Desk(services=services, caller=local_caller(services, os_user()), settings=settings)
    finally:
        services.close()


def tell_what_waits(services: Services) -> None:
    """Say so when deliveries wait and no worker has been seen for a minute."""
    from stillframe.flows.dispatch import left_behind

    left = left_behind(services)
    if left.pending and not left.worker_alive:
        wait = "delivery waits" if left.pending == 1 else "deliveries wait"
        say(f"{left.pending} {wait} and no worker is running: `stillframe worker --once` sends what is due.")


def log_to_stderr() -> None:
    """Let the log's warnings go where the talk goes, so that stdout holds data only."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
