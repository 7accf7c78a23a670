"""Routes of the service itself: whether it lives, whether it can work, and its documentation."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stillframe.api.answers import Answer
from stillframe.api.asked import Doorway
from stillframe.api.auth import caller_of
from stillframe.api.docs_page import docs_page
from stillframe.api.pages import page_response
from stillframe.api.shapes import HealthShape, ReadyShape
from stillframe.errors import StillframeError
from stillframe.flows.readiness import readiness

PUBLIC_PATHS = ("/healthz", "/readyz", "/docs", "/openapi.json")

public = APIRouter(tags=["Service"])
_OPEN: dict[str, Any] = {"security": []}


@public.get(
    "/healthz",
    response_class=JSONResponse,
    summary="Ask whether the process answers",
    openapi_extra=_OPEN,
    responses={200: {"model": HealthShape}},
)
def healthz() -> Answer:
    """Answer, and ask nothing of the database."""
    return Answer({"status": "ok"})


@public.get(
    "/readyz",
    response_class=JSONResponse,
    summary="Ask whether the work can be done",
    openapi_extra=_OPEN,
    responses={200: {"model": ReadyShape}, 503: {"model": ReadyShape}},
)
def readyz(request: Request) -> Answer:
    """Say yes (200) or no (503); which check fails is for admins."""
    doorway = request.app.state.doorway
    assert isinstance(doorway, Doorway)
    found = readiness(doorway.services)
    checks = {"checks": found.checks} if _is_admin(request, doorway) else {}
    return Answer({"ready": found.ready, **checks}, status=200 if found.ready else 503)


@public.get("/docs", summary="Read this documentation", include_in_schema=False)
def docs(request: Request) -> Response:
    """Show the OpenAPI document as a page that loads nothing from elsewhere."""
    return page_response(docs_page(request.app.openapi()))


@public.get("/openapi.json", summary="Read the OpenAPI document", include_in_schema=False)
def openapi(request: Request) -> Answer:
    """Give the OpenAPI document."""
    return Answer(request.app.openapi())


def _is_admin(request: Request, doorway: Doorway) -> bool:
    if "authorization" not in request.headers:
        return False
    try:
        return caller_of(request, services=doorway.services, failures=doorway.failures).is_admin
    except StillframeError:
        return False
