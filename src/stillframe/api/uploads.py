"""Reports on their way in: from somebody known only, within the limits, to a temporary file that outlives no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import FileIO
from tempfile import TemporaryFile
from typing import Annotated

from fastapi import Depends
from python_multipart.multipart import MAX_BOUNDARY_LENGTH, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from stillframe.api.asked import Arrival, Ask, Doorway, declared_bytes, doorway_of
from stillframe.api.auth import bearer_token
from stillframe.api.multipart import MEBIBYTE, MULTIPART, REQUEST_LIMIT_BYTES, Intake, Parts
from stillframe.errors import InvalidInput, TooLarge

SEND_MULTIPART = "send the body as multipart/form-data: an optional part request (JSON), and report files"
_FRAMING_BYTES = MEBIBYTE
"""What boundaries and part headers may take beside the reports and the request."""
_UNSUPPORTED_MEDIA_TYPE = 415


async def reports_arrived(request: Request) -> AsyncIterator[Arrival]:
    """
    Read a request that brings reports; its files are there until the route has ended, whatever its end.

    The temporary file has no name: also a killed process leaves nothing behind.
    """
    bearer_token(request)
    doorway = doorway_of(request)
    arrival = Arrival(request=request, doorway=doorway, body=b"")
    request.state.arrival = arrival
    caller = await run_in_threadpool(arrival.proven)
    boundary = _boundary(request)
    most = doorway.reports_limit_bytes + REQUEST_LIMIT_BYTES + _FRAMING_BYTES
    declared = declared_bytes(request)
    if declared is not None and declared > most:
        raise _too_large(doorway)
    with TemporaryFile(buffering=0) as file:
        assert isinstance(file, FileIO)
        intake = Intake(
            file,
            boundary=boundary,
            report_limit_bytes=doorway.report_limit_bytes,
            reports_limit_bytes=doorway.reports_limit_bytes,
        )
        parts = await _taken_in(request, intake, most=most)
        yield Arrival(request=request, doorway=doorway, body=parts.request, uploads=parts.uploads, caller=caller)


Uploaded = Annotated[Ask, Depends(reports_arrived, scope="function")]
"""A route's parameter, where the body is multipart."""


async def _taken_in(request: Request, intake: Intake, *, most: int) -> Parts:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > most:
            raise _too_large(request.app.state.doorway)
        await run_in_threadpool(intake.feed, chunk)
    return intake.finish()


def _boundary(request: Request) -> bytes:
    media_type, said = parse_options_header(request.headers.get("content-type"))
    if media_type.decode("latin-1").strip().lower() != MULTIPART:
        raise HTTPException(_UNSUPPORTED_MEDIA_TYPE, detail=SEND_MULTIPART)
    boundary = said.get(b"boundary", b"")
    if not 1 <= len(boundary) <= MAX_BOUNDARY_LENGTH:
        raise InvalidInput.at("$", f"the Content-Type names a boundary of 1 to {MAX_BOUNDARY_LENGTH} characters")
    return boundary


def _too_large(doorway: Doorway) -> TooLarge:
    return TooLarge(f"the reports are over the limit of {doorway.reports_limit_bytes / MEBIBYTE:g} MiB in all")
