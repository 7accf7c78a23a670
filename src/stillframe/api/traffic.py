"""What holds for every request: an id, a line in the access log, careful headers, an answer even to our own faults."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillframe.api.problems import UNEXPECTED, problem, problem_response, refusal
from stillframe.errors import InvalidInput
from stillframe.flows.metrics import Metrics
from stillframe.flows.signed_links import PATH

_log = structlog.get_logger("stillframe.access")
_CLIENT_GONE = 499
"""What the access log says where the client left before it had sent its body."""
_FAULT = 500
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What is taken over from a header `X-Request-ID`; anything else could not stand in every log as it is."""


class Traffic:
    """
    The outermost layer of ours; what happens inside finds the request's id in structlog's context variables.

    A caller, or the proxy before us, may bring the id along. The log line has method, path, status and who asked; never
    a query, a header or a body: those hold credentials.
    """

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str], metrics: Metrics) -> None:
        self._app = app
        self._new_id = new_id
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _brought_id(scope) or self._new_id()
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                await _nul(request_id)(scope, receive, send_marked)
            else:
                await self._app(scope, receive, send_marked)
        except ClientDisconnect:
            status = _CLIENT_GONE
        except Exception:
            _log.exception(
                "request_failed", request_id=request_id, method=scope["method"], path=_shown_path(scope["path"])
            )
            if status:
                raise
            await _fault(request_id)(scope, receive, send_marked)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.answered(scope["method"], _route_of(scope), status=status, seconds=seconds)
            _log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                path=_shown_path(scope["path"]),
                status=status,
                milliseconds=round(seconds * 1000, 1),
                caller=state.get("caller"),
                client=scope["client"][0] if scope.get("client") else None,
            )
            structlog.contextvars.reset_contextvars(**bound)


def _brought_id(scope: Scope) -> str | None:
    found = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return found[0].decode() if len(found) == 1 and REQUEST_ID.fullmatch(found[0]) else None


def _shown_path(path: str) -> str:
    """Return a path as the log may show it: whoever has a signed link can do what it says."""
    return f"{PATH}…" if path.startswith(PATH) else path


def _route_of(scope: Scope) -> str | None:
    """
    Return the pattern of the route that took a request, None where none did.

    A route knows its own part; what its router was hung under stands before it in the path that was asked for.
    """
    found = scope.get("route")
    pattern: str | None = getattr(found, "path", None)
    if pattern is None:
        return None
    own: str = getattr(found, "path_format", pattern).format(**scope.get("path_params", {}))
    asked: str = scope["path"]
    return asked.removesuffix(own) + pattern if own and asked.endswith(own) else pattern


def _nul(request_id: str) -> ASGIApp:
    refused = InvalidInput.at("$", "the character NUL is not taken in a path or a query")
    return refusal(refused, request_id=request_id)


def _fault(request_id: str) -> ASGIApp:
    title = "An unexpected fault"
    return problem_response(
        problem(status=_FAULT, code="internal", title=title, detail=UNEXPECTED, request_id=request_id)
    )
