"""What holds for every request: an id, a line in the access log, careful headers, an answer even to our own faults."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stillframe.api.problems import UNEXPECTED, problem, problem_response, refusal
from stillframe.errors import InvalidInput

_log = structlog.get_logger("stillframe.access")
_CLIENT_GONE = 499
"""What the access log says where the client left before it had sent its body."""
_FAULT = 500


class Traffic:
    """
    The outermost layer of ours; what happens inside finds the request's id in structlog's context variables.

    The log line has method, path, status and who asked; never a query, a header or a body: those hold
    credentials.
    """

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str]) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._new_id()
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
            _log.exception("request_failed", request_id=request_id, method=scope["method"], path=scope["path"])
            if status:
                raise
            await _fault(request_id)(scope, receive, send_marked)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            _log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=milliseconds,
                caller=state.get("caller"),
                client=scope["client"][0] if scope.get("client") else None,
            )
            structlog.contextvars.reset_contextvars(**bound)


def _nul(request_id: str) -> ASGIApp:
    refused = InvalidInput.at("$", "the character NUL is not taken in a path or a query")
    return refusal(refused, request_id=request_id)


def _fault(request_id: str) -> ASGIApp:
    title = "An unexpected fault"
    return problem_response(
        problem(status=_FAULT, code="internal", title=title, detail=UNEXPECTED, request_id=request_id)
    )
