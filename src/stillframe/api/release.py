"""Routes of the release gate: a candidate checked, what was decided before, and which findings somebody answers for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from stillframe.api.answers import Answer, no_content, page_answer, page_of
from stillframe.api.asked import Asked
from stillframe.api.bodies import CheckBody, SuppressionBody
from stillframe.api.door import Door
from stillframe.api.release_shapes import CheckedShape, DecisionLineShape, DecisionShape, ProfileShape, SuppressionShape
from stillframe.api.reports import given_in
from stillframe.api.shapes import Paged
from stillframe.api.uploads import Uploaded
from stillframe.flows import release, suppressions
from stillframe.flows.reading_reports import ReadingOptions
from stillframe.model.gate import GateRecord, Profile
from stillframe.model.times import time_from_text
from stillframe.report.gate import gate_markdown

PREFIX = "/api/v1/release"

door = Door("Release gate")


@door.post(
    f"{PREFIX}/check",
    takes=CheckBody,
    answers=CheckedShape,
    refuses=[404, 507],
    keeps_receipt=True,
    reports="optional",
)
def check_release(asked: Uploaded) -> Answer:
    """Put a candidate before a gate: 200 whatever it decides, because the decision is the answer."""
    body = asked.read(CheckBody)
    answer = release.check_release(
        asked.services,
        asked.caller,
        request=release.GateRequest(
            project_name=body.project_name,
            profile=body.profile,
            source_ref=body.source_ref,
            reason=body.reason,
            dry_run=body.dry_run,
            options=ReadingOptions(kloc=body.kloc, root=body.root),
        ),
        reports=given_in(asked),
        trigger="api",
        receipt=asked.receipt,
    )
    return Answer(answer.as_dict())


@door.get(f"{PREFIX}/profiles", answers=Paged[ProfileShape])
def list_profiles(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List the profiles that a check may name: the built-in ones, then the operator's."""
    found = release.list_profiles(asked.services)
    page = page_of(found, name=lambda one: one.name, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, Profile.as_dict)


@door.get(f"{PREFIX}/history", answers=Paged[DecisionLineShape], refuses=[404])
def list_decisions(
    asked: Asked, *, project_name: str | None = None, limit: int | None = None, cursor: str | None = None
) -> Answer:
    """List what gates decided, newest first, of one project or of all that you may see."""
    found = release.release_history(
        asked.services, asked.caller, project_name=project_name, limit=asked.page_limit(limit), cursor=cursor
    )
    return page_answer(found, GateRecord.as_dict)


@door.get(
    f"{PREFIX}/history/{{decision_id}}",
    answers=DecisionShape,
    refuses=[404],
    content={"text/markdown": {"schema": {"type": "string"}}},
)
def get_decision(
    asked: Asked, decision_id: str, form: Annotated[Literal["json", "markdown"], Query(alias="format")] = "json"
) -> Response:
    """Read a decision exactly as it was answered then, as JSON or as a page of Markdown."""
    found = release.get_decision(asked.services, asked.caller, decision_id=decision_id)
    if form == "markdown":
        return Response(gate_markdown(found), media_type="text/markdown")
    return Answer(found)


@door.get(f"{PREFIX}/suppressions", answers=Paged[SuppressionShape], refuses=[404])
def list_suppressions(
    asked: Asked,
    *,
    project_name: str | None = None,
    include_ended: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Answer:
    """List which findings somebody answers for, newest first, of one project or of all that you may see."""
    found = suppressions.list_suppressions(
        asked.services,
        asked.caller,
        project_name=project_name,
        limit=asked.page_limit(limit),
        cursor=cursor,
        include_ended=include_ended,
    )
    now = asked.services.clock()
    return page_answer(found, lambda one: one.as_dict(now=now))


@door.post(f"{PREFIX}/suppressions", takes=SuppressionBody, answers=SuppressionShape, status=201, refuses=[404])
def create_suppression(asked: Asked) -> Answer:
    """Answer for a finding until a day, as a reviewer: meanwhile no gate counts it, and every gate says so."""
    body = asked.read(SuppressionBody)
    made = suppressions.suppress(
        asked.services,
        asked.caller,
        request=suppressions.SuppressionRequest(
            project_name=body.project_name,
            finding_id=body.finding_id,
            reason=body.reason,
            expires_at=time_from_text(body.expires_at, path="$.expires_at"),
            ticket=body.ticket,
        ),
    )
    return Answer(made.as_dict(now=asked.services.clock()), status=201)


@door.delete(f"{PREFIX}/suppressions/{{suppression_id}}", refuses=[404, 409])
def lift_suppression(asked: Asked, suppression_id: str) -> Response:
    """Take a suppression back before its day, as a reviewer; the history keeps it as lifted."""
    suppressions.lift_suppression(asked.services, asked.caller, suppression_id=suppression_id)
    return no_content()
