"""Routes of the evidence store: snapshots of projects, groups and portfolios, compared, exported, drawn as trends."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from stillframe.api.answers import Answer
from stillframe.api.asked import Ask, Asked, Pushed, validated
from stillframe.api.bodies import CompareBody, EvidenceBody, ExportBody, ReportsBody
from stillframe.api.door import Door
from stillframe.api.release_shapes import ProjectHealthShape, ReplayShape
from stillframe.api.shapes import (
    ComparedShape,
    EvidenceTakenShape,
    ListingShape,
    PeriodsShape,
    PolicyShape,
    SnapshotShape,
    TrendsShape,
)
from stillframe.errors import InvalidInput
from stillframe.flows import comparing, evidence, exporting, health, replay, trends
from stillframe.flows.scopes import GivenSummary
from stillframe.flows.storing import SnapshotRequest
from stillframe.model.times import time_from_text

PREFIX = "/api/v2/dashboard"
ALIAS = "/api/v1/traceability"
FILES = {
    "application/json": {"schema": {"type": "object"}},
    "text/markdown": {"schema": {"type": "string"}},
    "application/pdf": {"schema": {"type": "string", "format": "binary"}},
}

door = Door("Evidence store")


@door.post(
    "/snapshots",
    takes=EvidenceBody,
    answers=EvidenceTakenShape,
    status=201,
    refuses=[404, 507],
    keeps_receipt=True,
)
def create_scope_snapshot(asked: Pushed) -> Answer:
    """Keep the health of a project, a group or your portfolio as it is known now."""
    members = asked.members()
    summary = GivenSummary.of(members.pop("summaries", None))
    body = validated(EvidenceBody, members)
    taken = evidence.create_snapshot(
        asked.services,
        asked.caller,
        scope=body.scope,
        project_name=body.project_name,
        group_id=body.group_id,
        request=snapshot_request(body),
        summary=summary,
        receipt=asked.receipt,
    )
    return Answer(taken.as_dict(), status=201)


@door.get("/snapshots", answers=ListingShape, refuses=[404])
def list_scope_snapshots(
    asked: Asked,
    *,
    scope: str | None = None,
    project_name: str | None = None,
    group_id: str | None = None,
    dashboard_id: str | None = None,
    limit: int | None = None,
    offset: int = 0,
    cursor: str | None = None,
) -> Answer:
    """List the newest snapshots that you may see, of every scope or of those that you name."""
    wanted = evidence.Wanted(scope=scope, project_name=project_name, group_id=group_id, dashboard_id=dashboard_id)
    found = evidence.list_snapshots(
        asked.services, asked.caller, wanted=wanted, limit=limit, offset=offset, cursor=cursor
    )
    return Answer(found.as_dict())


@door.get("/snapshots/policy", answers=PolicyShape)
def snapshot_policy(asked: Asked) -> Answer:
    """Read what is kept, for how long, and what can never be done to it."""
    return Answer(evidence.snapshot_policy(asked.services))


@door.ask("/snapshots/compare", takes=CompareBody, answers=ComparedShape, refuses=[404, 410])
def compare_scope_snapshots(asked: Asked) -> Answer:
    """Compare two snapshots of one dashboard, or a project at two times."""
    body = asked.read(CompareBody)
    return Answer(_compared(asked, body).document(include_drilldown=body.include_drilldown))


@door.ask("/snapshots/{snapshot_id}/export", takes=ExportBody, answers=None, refuses=[404, 410, 500], content=FILES)
def export_snapshot(asked: Asked, snapshot_id: str) -> Response:
    """Export a snapshot, or with a baseline the comparison of the two, as JSON, Markdown or PDF."""
    body = asked.read(ExportBody)
    made = exporting.export_snapshot(
        asked.services,
        asked.caller,
        snapshot_id=snapshot_id,
        format=body.format,
        baseline_snapshot_id=body.baseline_snapshot_id,
        language_code=body.language,
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{made.file_name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made.content, media_type=made.media_type, headers=headers)


@door.ask("/snapshots/{snapshot_id}/replay", answers=ReplayShape, refuses=[404, 410])
def replay_snapshot(asked: Asked, snapshot_id: str) -> Answer:
    """Read a project's snapshot's stored reports again, and compare what they say with what is stored."""
    return Answer(replay.replay_snapshot(asked.services, asked.caller, snapshot_id=snapshot_id))


@door.get("/snapshots/{project_name:path}/health", answers=ProjectHealthShape, refuses=[404])
def project_health(asked: Asked, project_name: str) -> Answer:
    """Read a project's health as it is known now: its score, what each part rests on, and how fresh that is."""
    return Answer(health.project_health(asked.services, asked.caller, project_name=project_name))


@door.get("/snapshots/{project_name:path}/trends", answers=TrendsShape, refuses=[404])
def project_trends(
    asked: Asked,
    project_name: str,
    *,
    metric: Annotated[list[str] | None, Query(description="Which metrics; all of them if none is named.")] = None,
    since: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[str | None, Query(alias="to", description="RFC 3339")] = None,
    points: Annotated[
        int | None, Query(description="At most so many, each the average, least and most of a span.")
    ] = None,
) -> Response:
    """Read a project's metrics over time; with nothing stored, nothing and `persisted: false`."""
    found = trends.project_trends(
        asked.services,
        asked.caller,
        project_name=project_name,
        metrics=metric,
        since=None if since is None else time_from_text(since, path="$.from"),
        until=None if until is None else time_from_text(until, path="$.to"),
        points=points,
    )
    return Answer(found)


@door.get("/snapshots/{project_name:path}/diff", answers=ComparedShape, refuses=[404, 410])
def project_diff(
    asked: Asked,
    project_name: str,
    *,
    since: Annotated[str, Query(alias="from", description="RFC 3339")],
    until: Annotated[str, Query(alias="to", description="RFC 3339")],
) -> Answer:
    """Compare a project at two times."""
    found = comparing.compare_times(
        asked.services,
        asked.caller,
        project_name=project_name,
        since=time_from_text(since, path="$.from"),
        until=time_from_text(until, path="$.to"),
    )
    return Answer(found.document(include_drilldown=False))


@door.get("/snapshots/{project_name:path}/compare-periods", answers=PeriodsShape, refuses=[404])
def compare_periods(
    asked: Asked,
    project_name: str,
    *,
    since: Annotated[str, Query(alias="from", description="RFC 3339")],
    until: Annotated[str, Query(alias="to", description="RFC 3339")],
    baseline_from: Annotated[str, Query(description="RFC 3339")],
    baseline_to: Annotated[str, Query(description="RFC 3339")],
) -> Answer:
    """Compare two periods of a project, metric by metric."""
    found = trends.compare_project_periods(
        asked.services,
        asked.caller,
        project_name=project_name,
        period=(time_from_text(since, path="$.from"), time_from_text(until, path="$.to")),
        baseline=(
            time_from_text(baseline_from, path="$.baseline_from"),
            time_from_text(baseline_to, path="$.baseline_to"),
        ),
    )
    return Answer(found)


@door.get("/snapshots/{snapshot_id}", answers=SnapshotShape, refuses=[404, 410])
def get_scope_snapshot(asked: Asked, snapshot_id: str) -> Answer:
    """Read a snapshot as far as you may see it: its record and what was seen."""
    return Answer(evidence.get_snapshot(asked.services, asked.caller, snapshot_id=snapshot_id).as_dict())


def _compared(asked: Ask, body: CompareBody) -> comparing.Compared:
    if body.project_name is None:
        from_id, to_id = comparing.both_ends(body.from_snapshot_id, body.to_snapshot_id)
        return comparing.compare_snapshots(asked.services, asked.caller, from_id=from_id, to_id=to_id)
    if body.from_timestamp is None or body.to_timestamp is None:
        missing = "$.from_timestamp" if body.from_timestamp is None else "$.to_timestamp"
        raise InvalidInput.at(missing, "a project is compared at two times: say both, as RFC 3339")
    return comparing.compare_times(
        asked.services,
        asked.caller,
        project_name=body.project_name,
        since=time_from_text(body.from_timestamp, path="$.from_timestamp"),
        until=time_from_text(body.to_timestamp, path="$.to_timestamp"),
    )


def snapshot_request(body: EvidenceBody | ReportsBody) -> SnapshotRequest:
    """Return what a body says about a snapshot, beside what it is of and what is brought."""
    return SnapshotRequest(
        reason=body.reason,
        source_ref=body.source_ref,
        as_of=None if body.as_of is None else time_from_text(body.as_of, path="$.as_of"),
        immutable=body.immutable,
        retention_class=body.retention_class,
        analyzer_version=body.analyzer_version,
        rule_version=body.rule_version,
        trigger_source=body.trigger_source or "api",
    )
