"""The audit log: a change is noted in the transaction that makes it, a refusal by itself, and admins read both."""

from __future__ import annotations

from datetime import datetime

import structlog

from stillframe.errors import StillframeError, StoreError
from stillframe.flows.journal import request_id
from stillframe.flows.permission import require
from stillframe.flows.services import Services
from stillframe.model.audit import AuditEntry
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds
from stillframe.store import Page, Unit

LONGEST_OBJECT = 400
ANONYMOUS = "anonymous"
_log = structlog.get_logger(__name__)


def audited(
    services: Services,
    unit: Unit,
    caller: Caller,
    *,
    action: str,
    object: str,  # noqa: A002  # because the member of the log is called so
    **detail: object,
) -> None:
    """
    Note a change that the caller's transaction makes; it is in the log exactly when the change is in the database.

    Shape   `action`: `NOUN.VERB`. `detail`: plain JSON, never a secret.
    Source  docs/reference/permissions.md, "The audit log".
    """
    entry = AuditEntry(
        at=milliseconds(services.clock()),
        actor=caller.name,
        actor_id=caller.user_id,
        action=action,
        object=object[:LONGEST_OBJECT],
        detail=detail,
        request_id=request_id(),
    )
    unit.audit.add(entry)


def note_refusal(
    services: Services,
    caller: Caller | None,
    *,
    action: str,
    object: str,  # noqa: A002  # because the member of the log is called so
    error: StillframeError,
) -> None:
    """Note that somebody was refused; where the log cannot be written, the answer goes out all the same."""
    entry = AuditEntry(
        at=milliseconds(services.clock()),
        actor=ANONYMOUS if caller is None else caller.name,
        actor_id=None if caller is None else caller.user_id,
        action=action,
        object=object[:LONGEST_OBJECT],
        outcome="refused",
        detail={"error_code": error.code, "message": error.message[:LONGEST_OBJECT]},
        request_id=request_id(),
    )
    try:
        with services.store.write() as unit:
            unit.audit.add(entry)
    except StoreError as failed:
        _log.warning("refusal_not_noted", error_code=failed.code, error=failed.message)


def list_audit(
    services: Services,
    caller: Caller,
    *,
    limit: int,
    cursor: str | None = None,
    actor: str | None = None,
    object: str | None = None,  # noqa: A002  # because the member of the log is called so
    since: datetime | None = None,
) -> Page[AuditEntry]:
    """
    Return the lines of the log, newest first: all, or those of one actor, of one object, or from a time on.

    Errors  Forbidden for everybody but administrators; InvalidInput for a cursor that no list gave out.
    """
    require(caller, "audit.read")
    with services.store.read() as unit:
        return unit.audit.list(limit=limit, cursor=cursor, actor=actor, object=object, since=since)
