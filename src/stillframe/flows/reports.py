"""Tool reports in, a project's snapshot out: read whole or not at all, scored, compared, told, kept to be replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.capture import captured_from
from stillframe.errors import InvalidInput
from stillframe.flows.attempts import recorded
from stillframe.flows.idempotency import Receipt
from stillframe.flows.permission import require_on
from stillframe.flows.reading_reports import (
    GivenReport,
    ReadingOptions,
    ReadReports,
    carried_gate,
    read_reports,
)
from stillframe.flows.scopes import scope_dashboard
from stillframe.flows.services import Services
from stillframe.flows.storing import Draft, Picture, SnapshotRequest, SnapshotTaken, check_request, store, tell
from stillframe.health import Assessment, health_card, project_payload
from stillframe.model.dashboard import Dashboard
from stillframe.model.facts import Evidence
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.model.snapshot import Snapshot
from stillframe.store import Unit

__all__ = ["GivenReport", "ReadingOptions", "ReportsTaken", "scored_picture", "take_report_snapshot"]


@dataclass(frozen=True, kw_only=True)
class ReportsTaken:
    """The snapshot that reports became, and the health that it shows."""

    taken: SnapshotTaken
    health: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {**self.taken.as_dict(), "health": dict(self.health)}


@dataclass(frozen=True, kw_only=True)
class _ReportsPicture:
    """What reports say of a project, together with what its last release gate decided."""

    dashboard: Dashboard
    read: ReadReports

    def __call__(self, unit: Unit, previous: Snapshot | None) -> Picture:
        gate = carried_gate(unit, None if previous is None else previous.record)
        return scored_picture(self.dashboard, self.read, [] if gate is None else [gate])[0]


def take_report_snapshot(
    services: Services,
    caller: Caller,
    *,
    project_name: str,
    reports: Sequence[GivenReport],
    request: SnapshotRequest,
    options: ReadingOptions = ReadingOptions(),  # noqa: B008  # because it is frozen
    receipt: Receipt | None = None,
    wait_for_sends: bool = False,
) -> ReportsTaken:
    """
    Keep what tool reports say of a project as its next snapshot.

    The reports replace the whole picture but for the release, which only a gate decides.

    Errors  NotFound, Forbidden; InvalidInput; CaptureRefused naming file, format and position, or two reports that
            contradict each other, with the id of the recorded attempt; StoreError. After any of them nothing was stored
            but the attempt, and the project keeps its last state.
    Source  docs/reference/reports.md.
    """
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=project_name))
    require_on(caller, "report.take", dashboard)
    if request.immutable:
        require_on(caller, "snapshot.freeze", dashboard)
    check_request(services, request)
    options.check()
    if not reports:
        raise InvalidInput.at("$.report", "bring at least one report")
    with services.turns.of(dashboard.id):
        with recorded(services, caller, dashboard=dashboard, trigger_source=request.trigger_source):
            read = read_reports(services, reports, options)
            read.assess()
        draft = Draft(
            dashboard=dashboard,
            picture=_ReportsPicture(dashboard=dashboard, read=read),
            top_n=None,
            caller=caller,
            request=request,
            snapshot_id=services.new_id(),
            receipt=receipt,
            answer=_answer,
        )
        stored = store(services, draft)
    taken = tell(services, stored, wait_for_sends=wait_for_sends)
    return ReportsTaken(taken=taken, health=_card(taken, stored.picture))


def scored_picture(
    dashboard: Dashboard, read: ReadReports, more: Sequence[Evidence] = ()
) -> tuple[Picture, Assessment]:
    """
    Return what a project's dashboard shows by its reports and by `more` evidence beside them, and how they were scored.

    Errors  CaptureRefused naming the two that contradict each other.
    """
    assessment = read.assess(more)
    payload = project_payload(assessment.summaries, findings=assessment.findings)
    picture = Picture(
        captured=captured_from(payload),
        status="good",
        view_spec_hash=dashboard.view_spec_hash,
        scope=Scope(kind="project", name=str(dashboard.project)),
        project=dashboard.project,
        group_id=dashboard.group_id,
        formula_digest=read.formula.digest,
        source_bundle=read.bundle(assessment, more),
        analyzer_version=assessment.analyzers or None,
        packed=read.packed,
    )
    return picture, assessment


def _answer(taken: SnapshotTaken, picture: Picture) -> Mapping[str, Any]:
    return ReportsTaken(taken=taken, health=_card(taken, picture)).as_dict()


def _card(taken: SnapshotTaken, picture: Picture) -> dict[str, Any]:
    return health_card(picture.captured.payload.summaries, taken.record.source_bundle)
