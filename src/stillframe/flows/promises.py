"""Promising: from a judgement to deliveries, comments, inbox lines and moved baselines, all in the caller's
transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from stillframe.flows.dispatch import DispatchReport
from stillframe.flows.judging import Judgement
from stillframe.flows.letters import Evidence, EvidenceKey, link
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Comment, Notification
from stillframe.model.snapshot import SnapshotRecord
from stillframe.report.notice import alert_comment
from stillframe.store import Claimed, Match, PersonaMatch, Promised, Unit

PRODUCT_AUTHOR = "stillframe"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a transaction promised: the sends this process has claimed, and how many go another way."""

    claimed: tuple[Claimed, ...] = ()
    evidence: Mapping[EvidenceKey, Evidence] = field(default_factory=dict)
    told: int = 0
    queued: int = 0
    deferred: int = 0
    suppressed: int = 0

    def joined(self, other: Promise) -> Promise:
        """Return both as one: what a snapshot promised, and what a decision about it did."""
        return Promise(
            claimed=self.claimed + other.claimed,
            evidence={**self.evidence, **other.evidence},
            told=self.told + other.told,
            queued=self.queued + other.queued,
            deferred=self.deferred + other.deferred,
            suppressed=self.suppressed + other.suppressed,
        )

    def report(self, *, budget_ms: int, sends: Counter[str] | None = None) -> DispatchReport:
        """Return the counts for an answer; without `sends` every claimed delivery is still queued."""
        ended = sends if sends is not None else Counter({"queued": len(self.claimed)})
        return DispatchReport(
            matched=len(self.claimed) + self.told + self.queued + self.deferred + self.suppressed,
            delivered=self.told + ended["delivered"],
            queued=self.queued + ended["queued"],
            failed=ended["failed"],
            deferred=self.deferred,
            suppressed=self.suppressed,
            budget_ms=budget_ms,
        )


def promise(services: Services, unit: Unit, dashboard: Dashboard, *, judgement: Judgement) -> Promise:
    """
    Write down everything that a capture means to its subscribers.

    Source  docs/reference/semantics.md, "Notices": one transaction holds snapshot, deliveries, comments, mentions and
            baselines.
    """
    record = judgement.candidate.record
    if judgement.rebased:
        _rebase(services, unit, dashboard, judgement=judgement)
        return Promise()
    if judgement.silent:
        return Promise()
    matched, unmatched_pinned = _matches(judgement)
    if not matched and not unmatched_pinned and not judgement.comparisons:
        return Promise()
    for baseline_id, found in judgement.comparisons.items():
        unit.verdicts.add(record.id, baseline_id, packed=found.packed())
    evidence = _evidence(judgement, {match.against_snapshot_id for match in matched})
    for (snapshot_id, baseline_id), kept in evidence.items():
        unit.notices.add(snapshot_id, baseline_id, kept.diff_json)
    promised = unit.outbox.promise(
        dashboard_id=dashboard.id,
        snapshot_id=record.id,
        matched=matched,
        unmatched_pinned=unmatched_pinned,
        now=services.clock(),
        lease_seconds=services.limits.lease_seconds,
        claim_limit=services.notifier.free_capacity(),
        busy=services.notifier.busy_receivers(),
    )
    if promised.deferred:
        _log.warning(
            "email_deferred", dashboard=dashboard.slug, deliveries=promised.deferred, why="no mail server is configured"
        )
    _tell_personas(services, unit, judgement, personas=promised.personas)
    _tell_of_unknown(services, unit, dashboard, judgement=judgement)
    return _promise(promised, evidence)


def _promise(promised: Promised, evidence: Mapping[EvidenceKey, Evidence]) -> Promise:
    return Promise(
        claimed=promised.claimed,
        evidence=evidence,
        told=len(promised.personas),
        queued=promised.queued,
        deferred=promised.deferred,
        suppressed=promised.suppressed,
    )


def _matches(judgement: Judgement) -> tuple[list[Match], list[Match]]:
    matched: list[Match] = []
    unmatched_pinned: list[Match] = []
    for group, outcome in judgement.judged:
        if outcome != "true" and group.baseline != "pinned":
            continue
        match = Match(
            baseline=group.baseline,
            baseline_snapshot_id=group.baseline_snapshot_id,
            rule_id=group.rule_id,
            against_snapshot_id=judgement.baseline_id(group) or "",
        )
        (matched if outcome == "true" else unmatched_pinned).append(match)
    return matched, unmatched_pinned


def _evidence(judgement: Judgement, baseline_ids: Iterable[str]) -> dict[EvidenceKey, Evidence]:
    record = judgement.candidate.record
    return {
        (record.id, baseline_id): Evidence(
            snapshot_a=judgement.comparisons[baseline_id].baseline.record,
            snapshot_b=record,
            diff_json=judgement.comparisons[baseline_id].diff_json,
            verdicts={rule: verdict.as_dict() for rule, verdict in judgement.comparisons[baseline_id].verdicts.items()},
        )
        for baseline_id in baseline_ids
    }


def _tell_personas(services: Services, unit: Unit, judgement: Judgement, *, personas: Iterable[PersonaMatch]) -> None:
    record = judgement.candidate.record
    mentions = []
    for match in personas:
        found = judgement.comparisons[match.baseline_snapshot_id]
        comment = Comment(
            id=services.new_id(),
            artifact_id=record.dashboard_id,
            author=PRODUCT_AUTHOR,
            comment_type="snapshot_alert",
            body=alert_comment(
                persona_slug=match.slug,
                headline=found.headline,
                verdict=found.verdicts[match.rule_id],
                snapshot_a=link(services, found.baseline.record),
                snapshot_b=link(services, record),
            ),
            created_at=record.timestamp,
            snapshot_a=found.baseline.record.id,
            snapshot_b=record.id,
            delivery_id=match.delivery_id,
        )
        unit.comments.add(comment)
        mentions.append(_mention(services, match, comment, text=found.headline, record=record))
    if mentions:
        unit.notifications.add_many(mentions)


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
        created_at=record.timestamp,
    )


def _rebase(services: Services, unit: Unit, dashboard: Dashboard, *, judgement: Judgement) -> None:
    record = judgement.candidate.record
    reason = "the dashboard's view spec or key changed; pin a snapshot taken since"
    rebased = unit.subscriptions.rebase(dashboard.id, snapshot_id=record.id, reason=reason)
    if judgement.previous is None or not rebased.subscriptions + rebased.paused:
        return
    text = (
        f"{dashboard.title}: snapshot {record.sequence} is a new baseline, because the view spec or the key changed. "
        f"{rebased.subscriptions} subscriptions start again from it; "
        f"{rebased.paused} pinned ones are paused until they are pinned again."
    )
    _notice(services, unit, user_id=dashboard.owner_id, text=text, record=record, once_key=f"rebased:{record.id}")


def _tell_of_unknown(services: Services, unit: Unit, dashboard: Dashboard, *, judgement: Judgement) -> None:
    rule_ids = {group.rule_id for group, outcome in judgement.judged if outcome == "unknown"}
    for subscription in unit.subscriptions.with_rules(dashboard.id, rule_ids) if rule_ids else ():
        text = (
            f"{dashboard.title}: a rule of yours cannot be judged, because what it speaks of is in neither snapshot. "
            f"Subscription {subscription.id} ({subscription.subscriber_kind} {subscription.subscriber_id}) "
            "tells nobody until it is changed."
        )
        once_key = f"unknown:{subscription.id}:{subscription.rule_id}"
        _notice(
            services,
            unit,
            user_id=subscription.owner_id,
            text=text,
            record=judgement.candidate.record,
            once_key=once_key,
        )


def _notice(services: Services, unit: Unit, *, user_id: str, text: str, record: SnapshotRecord, once_key: str) -> None:
    unit.notifications.add_many(
        [
            Notification(
                id=services.new_id(),
                user_id=user_id,
                kind="notice",
                text=text,
                dashboard_id=record.dashboard_id,
                snapshot_id=record.id,
                once_key=once_key,
                created_at=record.timestamp,
            )
        ]
    )
