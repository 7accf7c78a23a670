"""Telling of a release: who asked for this outcome is promised a notice in the transaction that keeps the decision."""

from __future__ import annotations

from stillframe.flows.auditing import audited
from stillframe.flows.dispatch import claim_in_request
from stillframe.flows.promised import Promise
from stillframe.flows.services import Services
from stillframe.flows.told_personas import PRODUCT_AUTHOR, warn_of_deferred
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Comment, Notification
from stillframe.model.gate import GateRecord
from stillframe.model.identity import Caller
from stillframe.report.release_notice import gate_comment, gate_headline
from stillframe.store import PersonaMatch, Unit


def promise_gate(
    services: Services, unit: Unit, dashboard: Dashboard, *, record: GateRecord, caller: Caller
) -> Promise:
    """
    Note a decision in the audit log, and promise to tell every subscription that asked for this outcome.

    Source  docs/reference/semantics.md, "Release gates".
    """
    audited(
        services,
        unit,
        caller,
        action="release.check",
        object=f"decision:{record.id}",
        project_name=record.project_name,
        decision=record.decision,
        profile=record.profile,
        adopted=record.adopted,
    )
    promised = unit.outbox.promise_gate(
        dashboard_id=dashboard.id,
        decision_id=record.id,
        outcome=record.decision,
        now=services.clock(),
        lease_seconds=services.limits.lease_seconds,
        claim_limit=claim_in_request(services),
        busy=services.notifier.busy_receivers(),
        sendable=services.sendable,
    )
    warn_of_deferred(dashboard, promised)
    for match in promised.personas:
        _tell_persona(services, unit, match, record=record)
    services.metrics.matched(promised.matched, told=len(promised.personas))
    return Promise(
        claimed=promised.claimed, told=len(promised.personas), queued=promised.queued, deferred=promised.deferred
    )


def _tell_persona(services: Services, unit: Unit, match: PersonaMatch, *, record: GateRecord) -> None:
    snapshot_id = record.post_snapshot_id or record.answer["state_snapshot_id"]
    comment = Comment(
        id=services.new_id(),
        artifact_id=record.dashboard_id,
        author=PRODUCT_AUTHOR,
        comment_type="snapshot_alert",
        body=gate_comment(record.answer, persona_slug=match.slug),
        created_at=record.decided_at,
        snapshot_a=record.pre_snapshot_id,
        snapshot_b=snapshot_id,
        delivery_id=match.delivery_id,
    )
    unit.comments.add(comment)
    mention = Notification(
        id=services.new_id(),
        user_id=match.owner_id,
        persona=match.slug,
        kind="mention",
        text=gate_headline(record.answer),
        dashboard_id=record.dashboard_id,
        snapshot_id=snapshot_id,
        comment_id=comment.id,
        created_at=record.decided_at,
    )
    unit.notifications.add_many([mention])
