"""Problem documents read back: the same error that the flow raised on the server, with its faults and its exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stillframe import errors
from stillframe.errors import CaptureRefused, Fault, InvalidInput, SourceFailed, StillframeError

MEDIA_TYPE = "application/problem+json"
_INVALID = 422


def error_in(body: bytes, *, status: int, media_type: str) -> StillframeError | None:
    """
    Return the error that a problem document tells of, or None if the body is none.

    Shape   Of the class that its `error_code` names. A code that this program does not know is invalid input when the
            status says so, else an error with the document's own words.
    Source  RFC 9457, section 3.
    """
    document = _object(body) if media_type == MEDIA_TYPE else None
    if document is None:
        return None
    code, detail = document.get("error_code"), _text(document.get("detail")) or _text(document.get("title"))
    kind = _KINDS.get(str(code)) or (InvalidInput if status == _INVALID else StillframeError)
    attempt_id = _text(document.get("attempt_id"))
    if issubclass(kind, CaptureRefused):
        return kind(detail, faults=_faults(document), attempt_id=attempt_id)
    if issubclass(kind, InvalidInput):
        return kind(detail, faults=_faults(document))
    if issubclass(kind, SourceFailed):
        return kind(detail, attempt_id=attempt_id)
    return kind(detail)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _faults(document: Mapping[str, Any]) -> list[Fault]:
    listed = document.get("errors")
    found = [fault for fault in listed if isinstance(fault, dict)] if isinstance(listed, list) else []
    return [Fault(path=str(fault.get("path")), message=str(fault.get("message"))) for fault in found]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


_KINDS = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StillframeError)
}
