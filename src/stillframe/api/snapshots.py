"""Routes of snapshots: taken, listed, read, compared, accepted, drawn as series; never changed or removed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Ask, Asked, Pushed, validated
from stillframe.api.bodies import SnapshotBody
from stillframe.api.door import Door
from stillframe.api.evidence_page import evidence_page
from stillframe.api.pages import page_response
from stillframe.api.shapes import (
    AttemptShape,
    DiffShape,
    Paged,
    RecordShape,
    SeriesShape,
    SnapshotShape,
    SnapshotTakenShape,
)
from stillframe.flows import history
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.model.dashboard import Attempt
from stillframe.model.times import time_from_text, time_text
from stillframe.model.view import seen_record
from stillframe.store import SeriesPoint

DIFF_LISTED_MOST = 100
TOP_N_MOST = 1_000

door = Door("Snapshots")


@door.post(
    "/api/dashboard/{dashboard_ref}/snapshot",
    takes=SnapshotBody,
    answers=SnapshotTakenShape,
    status=201,
    refuses=[404, 502, 507],
    keeps_receipt=True,
    body_required=False,
)
def create_snapshot(asked: Pushed, dashboard_ref: str) -> Answer:
    """Capture a dashboard, compare it with its head, and tell whoever asked to be told."""
    taken = take_snapshot(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, request=_request(asked), receipt=asked.receipt
    )
    return Answer(taken.as_dict(), status=201)


@door.get("/api/dashboard/{dashboard_ref}/snapshots", answers=Paged[RecordShape], refuses=[404])
def list_snapshots(asked: Asked, dashboard_ref: str, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List a dashboard's snapshots, newest first."""
    found = history.list_snapshots(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, limit=asked.page_limit(limit), cursor=cursor
    )
    return page_answer(found, dict)


@door.get(
    "/api/snapshot/{snapshot_id}",
    answers=SnapshotShape,
    refuses=[404, 410],
    content={"text/html": {"schema": {"type": "string"}}},
)
def get_snapshot(
    asked: Asked, snapshot_id: str, form: Annotated[Literal["json", "html"], Query(alias="format")] = "json"
) -> Response:
    """Read a snapshot with its payload, as JSON or as a page."""
    snapshot, dashboard = history.get_snapshot(asked.services, asked.caller, snapshot_id=snapshot_id)
    if form == "html":
        return page_response(evidence_page(snapshot, dashboard))
    return Answer(snapshot.as_dict())


@door.post("/api/snapshot/{snapshot_id}/accept", answers=RecordShape, refuses=[404])
def accept_snapshot(asked: Asked, snapshot_id: str) -> Answer:
    """Accept an empty capture as the truth: what follows is compared with it."""
    record = history.accept_snapshot(asked.services, asked.caller, snapshot_id=snapshot_id)
    return Answer(seen_record(record, view_hash=None))


@door.get("/api/dashboard/{dashboard_ref}/diff", answers=DiffShape, refuses=[404, 409, 410])
def diff_snapshots(
    asked: Asked,
    dashboard_ref: str,
    *,
    from_id: Annotated[str | None, Query(alias="from")] = None,
    to_id: Annotated[str | None, Query(alias="to")] = None,
    top_n: Annotated[int | None, Query(ge=1, le=TOP_N_MOST)] = None,
) -> Answer:
    """Compare two snapshots of a dashboard; by default its last two good ones."""
    found = history.diff_snapshots(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, from_id=from_id, to_id=to_id, top_n=top_n
    )
    return Answer(
        {
            "snapshot_a": found.a.side(),
            "snapshot_b": found.b.side(),
            "comparability": found.comparability,
            "diff": found.diff.as_dict(limit=DIFF_LISTED_MOST),
        }
    )


@door.get("/api/dashboard/{dashboard_ref}/attempts", answers=Paged[AttemptShape], refuses=[404])
def list_attempts(asked: Asked, dashboard_ref: str, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List the captures of a dashboard that failed, newest first."""
    found = history.list_attempts(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, limit=asked.page_limit(limit), cursor=cursor
    )
    return page_answer(found, Attempt.as_dict)


@door.get("/api/dashboard/{dashboard_ref}/series", answers=SeriesShape, refuses=[404])
def metric_series(
    asked: Asked,
    dashboard_ref: str,
    *,
    metric: str | None = None,
    since: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[str | None, Query(alias="to", description="RFC 3339")] = None,
) -> Answer:
    """Read the values of a metric over time; by default of the primary metric."""
    name, points = history.metric_series(
        asked.services,
        asked.caller,
        dashboard_ref=dashboard_ref,
        metric=metric,
        since=None if since is None else time_from_text(since, path="$.from"),
        until=None if until is None else time_from_text(until, path="$.to"),
    )
    return Answer({"metric": name, "points": [_point(point) for point in points]})


def _request(asked: Ask) -> SnapshotRequest:
    members = asked.members()
    data = members.pop("data", None)
    said = validated(SnapshotBody, members)
    if data is not None and not isinstance(data, dict):
        validated(SnapshotBody, {"data": data})
    return SnapshotRequest(
        reason=said.reason,
        source_ref=said.source_ref,
        as_of=None if said.as_of is None else time_from_text(said.as_of, path="$.as_of"),
        immutable=said.immutable,
        retention_class=said.retention_class,
        analyzer_version=said.analyzer_version,
        rule_version=said.rule_version,
        data=data,
        trigger_source=said.trigger_source or ("api" if data is None else "push"),
    )


def _point(point: SeriesPoint) -> dict[str, Any]:
    return {
        "snapshot_id": point.snapshot_id,
        "sequence": point.sequence,
        "as_of": time_text(point.as_of),
        "value": point.value,
    }
