"""Refusals: answered as a problem document, and noted in the audit log once the answer has gone out."""

from __future__ import annotations

from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from stillframe.api.auth import FailureBound, client_of
from stillframe.api.problems import refusal, request_id_of
from stillframe.errors import Forbidden, NotFound, StillframeError, Unauthenticated
from stillframe.flows.auditing import note_refusal
from stillframe.flows.services import Services
from stillframe.model.identity import Caller

ANONYMOUS_PER_MINUTE = 600
"""How many refusals of requests without a valid token are noted, whatever addresses they come from."""
_EVERYBODY = "*"


class NoteBound:
    """
    How many refusals of requests without a valid token are noted: so many an address, and so many in all.

    What is over it is refused all the same and leaves no line: a flood must not fill the disk. Whoever has a valid
    token is always noted.
    """

    def __init__(self, *, per_minute: int, per_minute_in_all: int = ANONYMOUS_PER_MINUTE) -> None:
        self._by_address = FailureBound(per_minute=per_minute)
        self._in_all = FailureBound(per_minute=per_minute_in_all)

    def has_room(self, client: str) -> bool:
        """Count one more refusal, and say whether it is noted."""
        return self._by_address.has_room(client) and self._in_all.has_room(_EVERYBODY)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    assert isinstance(error, StillframeError)
    return refused(request, error)


def refused(request: Request, error: StillframeError) -> Response:
    """
    Return the answer to an error of ours; after it has gone out, a thread notes what was refused to whom.

    The answer waits for no lock, and takes as long for what is invisible as for what is absent.
    """
    answer = refusal(error, request_id=request_id_of(request))
    if _is_refusal(error):
        caller: Caller | None = getattr(request.state, "proven", None)
        doorway: Any = request.app.state.doorway
        if caller is not None or doorway.notes.has_room(client_of(request)):
            answer.background = BackgroundTask(_note, doorway.services, caller, request=request, error=error)
    return answer


def _is_refusal(error: StillframeError) -> bool:
    return isinstance(error, Unauthenticated | Forbidden) or (isinstance(error, NotFound) and error.invisible)


def _note(services: Services, caller: Caller | None, *, request: Request, error: StillframeError) -> None:
    route = request.scope.get("route")
    template = getattr(route, "path", "")
    note_refusal(
        services, caller, action=f"{request.method} {template}".strip(), object=request.scope["path"], error=error
    )
