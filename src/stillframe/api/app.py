"""The application: every route of the HTTP door, put together over the services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

import stillframe
from stillframe.api import (
    audit,
    dashboards,
    discussion,
    evidence,
    groups,
    identity,
    metrics,
    projects,
    release,
    reports,
    snapshots,
    subscription_checks,
    subscriptions,
)
from stillframe.api.asked import Arrival, Doorway
from stillframe.api.auth import FAILURES_PER_MINUTE, FailureBound
from stillframe.api.multipart import MEBIBYTE
from stillframe.api.openapi import DocumentedAPI
from stillframe.api.problems import invalid_parameters, on_http_error, refusal, request_id_of
from stillframe.api.refusals import NoteBound, on_refusal, refused
from stillframe.api.service import public
from stillframe.api.signed_links import links
from stillframe.api.traffic import Traffic
from stillframe.errors import StillframeError
from stillframe.flows.services import Services
from stillframe.flows.worker import Worker

BODY_LIMIT_BYTES = 8 * MEBIBYTE
PUSH_LIMIT_BYTES = 64 * MEBIBYTE
REPORT_LIMIT_BYTES = 64 * MEBIBYTE
REPORTS_LIMIT_BYTES = 256 * MEBIBYTE
WORKER_STOP_SECONDS = 30.0
_DESCRIPTION = (
    "Dated, provable frames of what dashboards showed. Send a token with every request: Authorization: Bearer sf_… "
    "Errors are problem documents (RFC 9457)."
)


def create_app(
    services: Services,
    *,
    worker: Worker | None = None,
    body_limit_bytes: int = BODY_LIMIT_BYTES,
    push_limit_bytes: int = PUSH_LIMIT_BYTES,
    report_limit_bytes: int = REPORT_LIMIT_BYTES,
    reports_limit_bytes: int = REPORTS_LIMIT_BYTES,
    failures_per_minute: int = FAILURES_PER_MINUTE,
) -> FastAPI:
    """
    Return the HTTP application over `services`; a `worker` runs as long as it does.

    Units   `failures_per_minute`: tokens that are not valid, by client address.
    """
    app = DocumentedAPI(
        title="Stillframe",
        version=stillframe.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(worker),
        middleware=[Middleware(Traffic, new_id=services.new_id, metrics=services.metrics)],
        exception_handlers={
            StillframeError: on_refusal,
            HTTPException: on_http_error,
            RequestValidationError: _on_invalid_parameters,
        },
    )
    app.state.doorway = Doorway(
        services=services,
        failures=FailureBound(per_minute=failures_per_minute),
        notes=NoteBound(per_minute=failures_per_minute),
        body_limit_bytes=body_limit_bytes,
        push_limit_bytes=push_limit_bytes,
        report_limit_bytes=report_limit_bytes,
        reports_limit_bytes=reports_limit_bytes,
    )
    for room in (
        snapshots,
        dashboards,
        subscription_checks,
        subscriptions,
        discussion,
        identity,
        groups,
        reports,
        projects,
        release,
        audit,
        metrics,
    ):  # routes are tried in order: the hot one first
        app.include_router(room.door.router)
    app.include_router(evidence.door.router, prefix=evidence.PREFIX)
    app.include_router(evidence.door.router, prefix=evidence.ALIAS, include_in_schema=False)
    app.include_router(public)
    app.include_router(links)
    return app


def _lifespan(worker: Worker | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if worker is not None:
            await run_in_threadpool(worker.start)
        try:
            yield
        finally:
            if worker is not None:
                await run_in_threadpool(worker.stop, timeout_seconds=WORKER_STOP_SECONDS)

    return lifespan


async def _on_invalid_parameters(request: Request, error: Exception) -> Response:
    """Who asks comes before what is wrong with the question."""
    assert isinstance(error, RequestValidationError)
    arrival: Arrival = request.state.arrival
    try:
        await run_in_threadpool(arrival.proven)
    except StillframeError as unproven:
        return refused(request, unproven)
    return refusal(invalid_parameters(error), request_id=request_id_of(request))
