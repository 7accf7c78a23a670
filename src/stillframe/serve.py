"""The ground floor: API, worker and scheduler in one process."""

from __future__ import annotations

import gc
import signal
import socket
import threading
from contextlib import suppress

import structlog
import uvicorn

from stillframe.api.app import create_app
from stillframe.api.multipart import MEBIBYTE
from stillframe.config import Settings
from stillframe.errors import ConfigurationError, StillframeError
from stillframe.flows.journal import keep_journal
from stillframe.flows.services import Services
from stillframe.flows.worker import Worker
from stillframe.wiring import build_services

BACKLOG = 2_048
GARBAGE_ROUND_OBJECTS = 20_000
GRACE_SECONDS = 30
_log = structlog.get_logger(__name__)


def serve(settings: Settings, *, host: str, port: int, worker: bool = True) -> None:
    """
    Serve until a signal says stop; then let running requests and sends end.

    Shape   `port` 0 takes any that is free; the log names it.
    Errors  ConfigurationError if the address cannot be listened on; StoreError.
    """
    keep_journal(for_good=True)
    listener = _listen(host, port)
    try:
        services = build_services(settings, create=True)
        try:
            app = create_app(
                services,
                worker=Worker(services) if worker else None,
                body_limit_bytes=settings.server.body_limit_mib * MEBIBYTE,
                push_limit_bytes=settings.server.push_limit_mib * MEBIBYTE,
                report_limit_bytes=settings.server.report_limit_mib * MEBIBYTE,
                reports_limit_bytes=settings.server.reports_limit_mib * MEBIBYTE,
            )
            config = uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            _survive_terminate()
            threading.Thread(target=_warm_up, args=(services,), name="stillframe-warm-up", daemon=True).start()
            _settle_memory()
            _log.info("serving", address=_address(listener), docs=f"{_address(listener)}/docs", worker=worker)
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            services.close()
            _log.info("stopped")
    finally:
        listener.close()


def _warm_up(services: Services) -> None:
    """Start the process that compiles pictures while nobody waits for one; serving does not depend on it."""
    try:
        services.renderer.warm_up()
    except StillframeError as error:
        _log.warning("compilers_not_ready", error=error.message)


def _settle_memory() -> None:
    """
    Keep what start-up made out of the collector's rounds, and make the rounds rarer.

    A capture makes thousands of small objects that reference counts free; with the usual thresholds the collector walks
    them, and every cached picture, several times a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_ROUND_OBJECTS, 20, 20)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error}") from error


def _address(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _survive_terminate() -> None:
    """uvicorn stops on SIGTERM and then raises it again, which would end the process before sends are settled."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: None)
