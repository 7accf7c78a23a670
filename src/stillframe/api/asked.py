"""What a request asks: its body read within a limit, and the members of it that a route understands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from stillframe.api.auth import FailureBound, bearer_token, caller_of
from stillframe.api.multipart import MEBIBYTE, Upload
from stillframe.api.problems import faults_of
from stillframe.api.refusals import NoteBound
from stillframe.capture import parse_json
from stillframe.errors import CaptureRefused, Fault, InvalidInput, TooLarge, nearest
from stillframe.flows.idempotency import Receipt
from stillframe.flows.services import Services
from stillframe.model.identity import Caller

_READ_FROM_ANYBODY_BYTES = 256 * 1024
"""A larger body is read only after its sender has proved who it is."""
_UNSUPPORTED_MEDIA_TYPE = 415
_WRITTEN_NUL = b"\\u0000"

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """What every request passes through: the services, and the bounds on what comes in."""

    services: Services
    failures: FailureBound
    notes: NoteBound
    body_limit_bytes: int
    push_limit_bytes: int
    report_limit_bytes: int
    reports_limit_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """
    A request whose body was read; `caller` is None until somebody asked the store who it is.

    Shape   `body`: JSON. Of a multipart body its part `request`, beside the files that came with it as `uploads`.
    """

    request: Request
    doorway: Doorway
    body: bytes = field(repr=False)
    uploads: tuple[Upload, ...] = ()
    caller: Caller | None = None

    def proven(self) -> Caller:
        """
        Return who asks.

        Errors  Unauthenticated, TooManyRequests.
        """
        if self.caller is not None:
            return self.caller
        return caller_of(self.request, services=self.doorway.services, failures=self.doorway.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """
    What a route is given: who asks, with which body and files, and under which receipt if there is an Idempotency-Key.
    """

    services: Services
    caller: Caller
    body: bytes = field(repr=False)
    uploads: tuple[Upload, ...] = ()
    receipt: Receipt | None = None

    @property
    def said(self) -> bytes:
        """
        What makes this request the same one when it comes again.

        The boundary of a multipart body is another one each time, so it stands for its JSON and its files' names and
        digests.
        """
        if not self.uploads:
            return self.body
        files = [[found.name, found.sha256] for found in self.uploads]
        return orjson.dumps({"request": hashlib.sha256(self.body).hexdigest(), "report": files})

    def members(self) -> dict[str, Any]:
        """
        Return the members of the body; no body is an empty object.

        Errors  InvalidInput for what is not one JSON object with each member once.
        """
        if not self.body.strip():
            return {}
        try:
            document = parse_json(self.body)
        except CaptureRefused as error:
            raise InvalidInput(faults=error.faults) from error
        if not isinstance(document, dict):
            raise InvalidInput.at("$", "the body must be one JSON object")
        if _WRITTEN_NUL in self.body:
            _refuse_nul({name: member for name, member in document.items() if name != "data"}, "$")
        return document

    def read(self, model: type[Model]) -> Model:
        """
        Return the body as a route understands it.

        Errors  InvalidInput with every member that is unknown, missing or of the wrong type.
        """
        return validated(model, self.members())

    def page_limit(self, limit: int | None) -> int:
        """
        Return how long a page may be.

        Errors  InvalidInput for less than 1 or more than the configuration allows.
        """
        most = self.services.limits.list_limit
        if limit is not None and not 1 <= limit <= most:
            raise InvalidInput.at("$.limit", f"1 to {most}")
        return limit or most


def _refuse_nul(value: object, path: str) -> None:
    """Refuse the one character that no column of text can hold; cells of pushed data never become such a column."""
    if isinstance(value, str) and "\x00" in value:
        raise InvalidInput.at(path, "the character NUL is not taken here")
    if isinstance(value, dict):
        for name, member in value.items():
            _refuse_nul(name, path)
            _refuse_nul(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nul(item, f"{path}[{index}]")


def validated(model: type[Model], members: dict[str, Any]) -> Model:
    """
    Return the model that an object's members make.

    Errors  InvalidInput with the path of every fault.
    """
    known = [field.alias or name for name, field in model.model_fields.items()]
    unknown = [name for name in members if name not in known]
    if unknown:
        faults = [Fault(path=f"$.{name[:80]}", message=f"unknown member{nearest(name, known)}") for name in unknown]
        raise InvalidInput(faults=faults)
    try:
        return model.model_validate(members)
    except ValidationError as error:
        raise InvalidInput(faults=faults_of(error.errors(include_url=False, include_input=False))) from None


@contextmanager
def inside(member: str) -> Iterator[None]:
    """Let faults of a document that stands inside the body name their place in the body."""
    try:
        yield
    except InvalidInput as error:
        if not error.faults:
            raise
        raise type(error)(
            faults=[Fault(path=f"$.{member}{fault.path[1:]}", message=fault.message) for fault in error.faults]
        ) from error


async def arrived(request: Request) -> Arrival:
    """Read a request with a body of ordinary size."""
    return await _arrived(request, limit_bytes=doorway_of(request).body_limit_bytes)


async def push_arrived(request: Request) -> Arrival:
    """Read a request that may push a whole snapshot."""
    return await _arrived(request, limit_bytes=doorway_of(request).push_limit_bytes)


Asked = Annotated[Ask, Depends(arrived)]
"""A route's parameter: the door turns what arrived into what is asked (`api/door.py`)."""
Pushed = Annotated[Ask, Depends(push_arrived)]


def doorway_of(request: Request) -> Doorway:
    """Return what a request passes through."""
    doorway = request.app.state.doorway
    assert isinstance(doorway, Doorway)
    return doorway


async def _arrived(request: Request, *, limit_bytes: int) -> Arrival:
    bearer_token(request)
    doorway = doorway_of(request)
    arrival = Arrival(request=request, doorway=doorway, body=b"")
    request.state.arrival = arrival
    declared = declared_bytes(request)
    if declared == 0:
        return arrival
    if declared is None or declared > _READ_FROM_ANYBODY_BYTES:
        caller = await run_in_threadpool(arrival.proven)
        arrival = Arrival(request=request, doorway=doorway, body=b"", caller=caller)
    if declared is not None and declared > limit_bytes:
        raise _too_large(limit_bytes)
    _check_media_type(request)
    body = await _body(request, limit_bytes)
    return Arrival(request=request, doorway=doorway, body=body, caller=arrival.caller)


def declared_bytes(request: Request) -> int | None:
    """Return how long a request says that its body is; None where it says nothing that counts."""
    length = request.headers.get("content-length")
    if length is not None:
        return int(length) if length.isdecimal() else None
    return None if "transfer-encoding" in request.headers else 0


async def _body(request: Request, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > limit_bytes:
            raise _too_large(limit_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise HTTPException(_UNSUPPORTED_MEDIA_TYPE)


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the body is over the limit of {limit_bytes / MEBIBYTE:g} MiB")
