"""The route of the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from stillframe.api.access_shapes import AuditEntryShape
from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Asked
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.flows import auditing
from stillframe.model.audit import AuditEntry
from stillframe.model.times import time_from_text

door = Door("Audit")


@door.get("/api/audit", answers=Paged[AuditEntryShape])
def list_audit(
    asked: Asked,
    *,
    actor: Annotated[str | None, Query(description="Only what this one did or was refused.")] = None,
    object: Annotated[str | None, Query(description="Only what was about this: `group:team-a`.")] = None,  # noqa: A002  # because the parameter is called so
    since: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Answer:
    """Read who changed what and who was refused what, newest first, as an admin."""
    found = auditing.list_audit(
        asked.services,
        asked.caller,
        limit=asked.page_limit(limit),
        cursor=cursor,
        actor=actor,
        object=object,
        since=None if since is None else time_from_text(since, path="$.from"),
    )
    return page_answer(found, AuditEntry.as_dict)
