"""Problem documents: every error of this door, said as RFC 9457 has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from stillframe.errors import Fault, Gone, InvalidInput, StillframeError, StoreError, TooLarge, Unauthenticated

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="stillframe"'
UNEXPECTED = "Something went wrong that should not; its request id finds it in the log."
_RETRY_AFTER_SECONDS = 2
_FAULTS_MOST = 100


def problem(
    *, status: int, code: str, title: str, detail: str, request_id: str | None, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    Return a problem document.

    Source  RFC 9457, section 3.
    """
    return {
        "type": f"urn:stillframe:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "error_code": code,
        "request_id": request_id,
        **(more or {}),
    }


def problem_response(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that carries a problem document."""
    return Response(orjson.dumps(document), status_code=document["status"], headers=headers, media_type=MEDIA_TYPE)


def refusal(error: StillframeError, *, request_id: str | None) -> Response:
    """
    Return the answer to an error of ours.

    What a database's driver said stays in the log: it may name files, tables and hosts.
    """
    detail = (type(error).__doc__ or error.title).strip() if isinstance(error, StoreError) else error.message
    document = problem(
        status=error.status, code=error.code, title=error.title, detail=detail, request_id=request_id, more=_more(error)
    )
    return problem_response(document, _headers(error))


def faults_of(errors: Iterable[Mapping[str, Any]], *, inside: str = "$") -> list[Fault]:
    """Return what pydantic found wrong as faults with JSON paths."""
    return [Fault(path=_path(error["loc"], inside), message=_sentence(error)) for error in errors]


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer an error of the framework: no such path, no such method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    said = error.detail if error.detail != status.phrase else None
    details = {
        404: "there is nothing at this path",
        405: f"{request.method} is not for this path",
        415: said or "send the body as JSON, with the header Content-Type: application/json",
    }
    document = problem(
        status=status.value,
        code=status.name.lower(),
        title=status.phrase,
        detail=details.get(status.value, status.description or status.phrase),
        request_id=request_id_of(request),
    )
    return problem_response(document, error.headers)


def invalid_parameters(error: RequestValidationError) -> InvalidInput:
    """Return what FastAPI found wrong with the parameters of a path or a query as an error of ours."""
    return InvalidInput(faults=faults_of({**fault, "loc": fault["loc"][1:]} for fault in error.errors()))


def request_id_of(request: Request) -> str | None:
    """Return the id under which a request is logged."""
    return getattr(request.state, "request_id", None)


def _more(error: StillframeError) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if isinstance(error, InvalidInput):
        more["errors"] = [{"path": fault.path, "message": fault.message} for fault in error.faults[:_FAULTS_MOST]]
    if isinstance(error, Gone) and error.snapshot is not None:
        more["snapshot"] = dict(error.snapshot)
    attempt_id = getattr(error, "attempt_id", None)
    return more if attempt_id is None else more | {"attempt_id": attempt_id}


def _headers(error: StillframeError) -> dict[str, str]:
    headers = {}
    retry_after = getattr(error, "retry_after_seconds", None)
    if retry_after is None and error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = _RETRY_AFTER_SECONDS
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, TooLarge):
        headers["Connection"] = "close"
    return headers


def _path(location: Iterable[str | int], inside: str) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return inside + "".join(steps)


def _sentence(error: Mapping[str, Any]) -> str:
    sentence = str(error["msg"]).removeprefix("Value error, ")
    return sentence[:1].lower() + sentence[1:]
