"""How a route is hung: who asks is proved first, a key makes it happen once, and its answers are documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

import structlog
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from stillframe.api.answers import Answer
from stillframe.api.asked import Arrival, Ask
from stillframe.api.multipart import LONGEST_NAME, MULTIPART, REPORT_PART, REQUEST_PART
from stillframe.errors import StillframeError
from stillframe.flows.idempotency import KeptAnswer, Receipt, begin
from stillframe.flows.reading_reports import MOST_REPORTS
from stillframe.flows.services import Services

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_KEY_MEANS = "Sent again with the same key and body within 48 hours, a request is answered alike and not done again."
_FILES_MEAN = f"Tool reports, each a file whose name has at most {LONGEST_NAME} characters; at most {MOST_REPORTS}."
_ALWAYS = (401, 403, 422, 429, 503)
_log = structlog.get_logger(__name__)

Route: TypeAlias = Callable[..., Response]


class Door:
    """
    The routes of one part of the API, as `router`.

    Each is guarded and documented, and runs in one thread from its credential to its answer.
    """

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(tags=[tag])

    def get(
        self,
        path: str,
        *,
        answers: type[BaseModel] | None,
        refuses: Sequence[int] = (),
        content: Mapping[str, Any] | None = None,
    ) -> Callable[[Route], Route]:
        """Hang a route that looks."""
        return self._hung("GET", path, answers=answers, refuses=refuses, content=content)

    def post(
        self,
        path: str,
        *,
        answers: type[BaseModel],
        takes: type[BaseModel] | None = None,
        status: int = 200,
        refuses: Sequence[int] = (),
        keeps_receipt: bool = False,
        body_required: bool = True,
        reports: Literal["required", "optional"] | None = None,
    ) -> Callable[[Route], Route]:
        """
        Hang a route that stores: with an Idempotency-Key once.

        Shape   `keeps_receipt`: its flow keeps the answer itself. `reports`: the body is multipart, with report files,
                and what `takes` describes is its part `request`.
        """

        def hang(route: Route) -> Route:
            once = _once(route, keeps_receipt=keeps_receipt)
            if reports is None or takes is None:
                options = _documented(takes, keyed=True, body_required=body_required)
            else:
                options = _with_reports(takes, body_required, reports == "required")
            more: Sequence[int] = (409, 413) if reports is None else (409, 413, 415)
            return self._add(
                "POST", path, once, answers=answers, status=status, refuses=(*refuses, *more), extra=options
            )

        return hang

    def ask(
        self,
        path: str,
        *,
        answers: type[BaseModel] | None,
        takes: type[BaseModel] | None = None,
        refuses: Sequence[int] = (),
        content: Mapping[str, Any] | None = None,
    ) -> Callable[[Route], Route]:
        """Hang a route that is asked by POST, because the question is long, and that stores nothing."""
        return self._hung("POST", path, answers=answers, takes=takes, refuses=(*refuses, 413), content=content)

    def change(
        self, method: str, path: str, *, answers: type[BaseModel], takes: type[BaseModel], refuses: Sequence[int] = ()
    ) -> Callable[[Route], Route]:
        """Hang a route that replaces (`PUT`) or alters (`PATCH`)."""
        return self._hung(method, path, answers=answers, takes=takes, refuses=(*refuses, 413))

    def delete(self, path: str, *, refuses: Sequence[int] = ()) -> Callable[[Route], Route]:
        """Hang a route that takes something away and has nothing to show."""
        return self._hung("DELETE", path, answers=None, status=204, refuses=refuses)

    def _hung(
        self,
        method: str,
        path: str,
        *,
        answers: type[BaseModel] | None,
        takes: type[BaseModel] | None = None,
        status: int = 200,
        refuses: Sequence[int] = (),
        content: Mapping[str, Any] | None = None,
    ) -> Callable[[Route], Route]:
        def hang(route: Route) -> Route:
            extra = _documented(takes)
            return self._add(
                method,
                path,
                _guarded(route),
                answers=answers,
                status=status,
                refuses=refuses,
                extra=extra,
                content=content,
            )

        return hang

    def _add(
        self,
        method: str,
        path: str,
        route: Route,
        *,
        answers: type[BaseModel] | None,
        status: int,
        refuses: Sequence[int],
        extra: dict[str, Any],
        content: Mapping[str, Any] | None = None,
    ) -> Route:
        shown: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if answers is not None:
            shown["model"] = answers
        if content is not None:
            shown["content"] = dict(content)
        responses: dict[int | str, dict[str, Any]] = {status: shown}
        responses |= {
            code: {"description": HTTPStatus(code).phrase, "content": PROBLEM} for code in (*_ALWAYS, *refuses)
        }
        self.router.add_api_route(
            path,
            route,
            methods=[method],
            status_code=status,
            response_class=Response if answers is None else JSONResponse,
            responses=dict(sorted(responses.items())),
            openapi_extra=extra,
            summary=(route.__doc__ or "").strip().splitlines()[0].rstrip("."),
            operation_id=route.__name__,
        )
        return route


def _documented(takes: type[BaseModel] | None, *, keyed: bool = False, body_required: bool = True) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if takes is not None:
        content = {"application/json": {"schema": _reference(takes)}}
        extra["requestBody"] = {"required": body_required, "content": content}
    if keyed:
        text = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"}
        extra["parameters"] = [
            {
                "name": KEY_HEADER,
                "in": "header",
                "required": False,
                "schema": text,
                "description": _KEY_MEANS,
            }
        ]
    return extra


def _with_reports(takes: type[BaseModel], request_required: bool, reports_required: bool) -> dict[str, Any]:
    """
    Return the documentation of a body with report files.

    Source  OpenAPI 3.1.0, section 4.8.15.1; RFC 7578.
    """
    file = {"type": "string", "format": "binary"}
    least = {"minItems": 1} if reports_required else {}
    reports = {"type": "array", "items": file, **least, "maxItems": MOST_REPORTS, "description": _FILES_MEAN}
    required = [*([REQUEST_PART] if request_required else []), *([REPORT_PART] if reports_required else [])]
    schema = {
        "type": "object",
        "properties": {REQUEST_PART: _reference(takes), REPORT_PART: reports},
        "required": required,
        "additionalProperties": False,
    }
    encoding = {REQUEST_PART: {"contentType": "application/json"}}
    content = {MULTIPART: {"schema": schema, "encoding": encoding}}
    return {**_documented(None, keyed=True), "requestBody": {"required": True, "content": content}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _guarded(route: Route) -> Route:
    @wraps(route)
    def carried_out(*, asked: Arrival, **parameters: object) -> Response:
        return route(asked=_ask(asked), **parameters)

    return carried_out


def _once(route: Route, *, keeps_receipt: bool) -> Route:
    @wraps(route)
    def carried_out(*, asked: Arrival, **parameters: object) -> Response:
        ask = _ask(asked)
        key = asked.request.headers.get(KEY_HEADER)
        if key is None:
            return route(asked=ask, **parameters)
        request = asked.request
        begun = begin(ask.services, ask.caller, route=f"{request.method} {request.url.path}", key=key, body=ask.said)
        if isinstance(begun, KeptAnswer):
            return Answer(begun.document, status=begun.status, headers={REPLAYED_HEADER: "true"})
        try:
            answer = route(asked=replace(ask, receipt=begun), **parameters)
        except BaseException:
            begun.free(ask.services)
            raise
        if not keeps_receipt:
            _keep(ask.services, begun, answer)
        return answer

    return carried_out


def _ask(arrival: Arrival) -> Ask:
    return Ask(services=arrival.doorway.services, caller=arrival.proven(), body=arrival.body, uploads=arrival.uploads)


def _keep(services: Services, receipt: Receipt, answer: Response) -> None:
    """
    Keep the answer of what was carried out.

    Where that fails the request was carried out all the same, so its answer goes out, and the key stays taken: a second
    try is told to wait instead of doing it twice.
    """
    assert isinstance(answer, Answer)
    try:
        with services.store.write() as unit:
            receipt.answer(services, unit, status=answer.status_code, document=answer.document)
    except StillframeError as error:
        _log.warning("answer_not_kept", route=receipt.route, error_code=error.code, error=error.message)
