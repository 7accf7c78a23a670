"""Telling personas and keeping evidence: the parts that an alert, a digest and a resolution share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from stillframe.flows.judging import Comparison
from stillframe.flows.letters import Evidence, EvidenceKey, link
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Comment, Notification
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.verdict import Verdict
from stillframe.report.comment import told_comment, told_line
from stillframe.store import PersonaMatch, Promised, Unit

PRODUCT_AUTHOR = "stillframe"
_log = structlog.get_logger(__name__)


def evidence_of(
    unit: Unit, record: SnapshotRecord, *, comparisons: Mapping[str, Comparison]
) -> dict[EvidenceKey, Evidence]:
    """
    Keep the diffs that messages about a snapshot will say, and return what the messages share.

    Shape   `comparisons`: by baseline.
    """
    unit.notices.add_many(record.id, {name: comparison.diff_json for name, comparison in comparisons.items()})
    return {
        (record.id, baseline_id): Evidence(
            snapshot_a=comparison.baseline.record,
            snapshot_b=record,
            diff_json=comparison.diff_json,
            verdicts=comparison.trees,
        )
        for baseline_id, comparison in comparisons.items()
    }


def tell_personas(
    services: Services,
    unit: Unit,
    *,
    record: SnapshotRecord,
    personas: Iterable[PersonaMatch],
    comparisons: Mapping[str, Comparison],
    at: datetime | None = None,
) -> None:
    """
    Write the comment and the inbox line of every persona that is told of a snapshot.

    Shape   `at`: when they are told, by default when the snapshot was taken.
    """
    mentions = []
    for match in personas:
        found = comparisons[match.baseline_snapshot_id]
        comment = _comment(services, match, found, record=record, at=at or record.timestamp)
        unit.comments.add(comment)
        line = told_line(match.kind, found.headline, is_empty=found.diff.is_empty)
        mentions.append(_mention(services, match, comment, text=line, record=record))
    if mentions:
        unit.notifications.add_many(mentions)


def warn_of_deferred(dashboard: Dashboard, promised: Promised) -> None:
    """Say in the log that something waits for a channel that is not set up."""
    if promised.deferred:
        _log.warning(
            "delivery_deferred",
            dashboard=dashboard.slug,
            deliveries=promised.deferred,
            why="no mail server, or no such channel, is configured",
        )


def _comment(
    services: Services, match: PersonaMatch, found: Comparison, *, record: SnapshotRecord, at: datetime
) -> Comment:
    said = match.said or {}
    verdict = found.verdicts.get(match.rule_id)
    return Comment(
        id=services.new_id(),
        artifact_id=record.dashboard_id,
        author=PRODUCT_AUTHOR,
        comment_type="snapshot_alert",
        body=told_comment(
            match.kind,
            persona_slug=match.slug,
            headline=found.headline,
            is_empty=found.diff.is_empty,
            verdict=Verdict.from_dict(said["verdict"]) if verdict is None else verdict,
            snapshot_a=link(services, found.baseline.record),
            snapshot_b=link(services, record),
            said=said,
        ),
        created_at=at,
        snapshot_a=found.baseline.record.id,
        snapshot_b=record.id,
        delivery_id=match.delivery_id,
    )


def _mention(
    services: Services, match: PersonaMatch, comment: Comment, *, text: str, record: SnapshotRecord
) -> Notification:
    return Notification(
        id=services.new_id(),
        user_id=match.owner_id,
        persona=match.slug,
        kind="mention",
        text=text,
        dashboard_id=record.dashboard_id,
        snapshot_id=record.id,
        comment_id=comment.id,
        created_at=comment.created_at,
    )
