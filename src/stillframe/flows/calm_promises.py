"""Promising calmly: what follows from a judgement for each subscription that asks for calm, and writing that down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.flows.eyes import said_of_view
from stillframe.flows.judging import Comparison, Judgement, Sighted, Viewed
from stillframe.flows.letters import Evidence, EvidenceKey
from stillframe.flows.promised import Promise, promise_of
from stillframe.flows.services import Services
from stillframe.flows.told_personas import evidence_of, tell_personas, warn_of_deferred
from stillframe.model.dashboard import Dashboard
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.times import time_text
from stillframe.model.verdict import Outcome, Verdict
from stillframe.rules import explain_threshold
from stillframe.rules.telling import Standing, Step, at_snapshot, compares_with
from stillframe.store import CalmStanding, EvaluationNote, Told, Unit, moved_to


@dataclass(frozen=True, kw_only=True)
class Followed:
    """
    What follows for one calm subscription.

    Shape   `at`: when it was judged. `comparison`: what it was compared with, None where that shows nothing to tell.
            `said`: what its message says beside the diff. `sighted`: the comparison, of an owner who does not see all.
    """

    before: CalmStanding
    step: Step
    outcome: Outcome
    at: datetime
    comparison: Comparison | None = None
    said: Mapping[str, Any] | None = None
    sighted: Sighted | None = None


def followed_at_snapshot(services: Services, judgement: Judgement) -> list[Followed]:
    """Return what a capture means to each subscription that asks for calm, or whose owner does not see all."""
    record, head_id = judgement.candidate.record, judgement.head.head_snapshot_id or ""
    compared = {**judgement.unchanged, **judgement.comparisons}
    found = []
    for before, (_, outcome) in zip(judgement.calm, judgement.judged_calm, strict=True):
        if outcome == "false" and _is_idle(before.standing):
            continue
        step = at_snapshot(
            before.standing, snapshot_id=record.id, previous_id=head_id, outcome=outcome, now=record.timestamp
        )
        comparison = compared.get(compares_with(before.standing, previous_id=head_id))
        said = None
        if step.kind == "resolved" and comparison is not None:
            said = said_of_resolved(services, before, comparison)
        found.append(
            Followed(before=before, step=step, outcome=outcome, at=record.timestamp, comparison=comparison, said=said)
        )
    return found + [_followed_by_view(services, judgement, one) for one in judgement.viewed]


def _followed_by_view(services: Services, judgement: Judgement, one: Viewed) -> Followed:
    record, head_id = judgement.candidate.record, judgement.head.head_snapshot_id or ""
    step = at_snapshot(
        one.before.standing, snapshot_id=record.id, previous_id=head_id, outcome=one.outcome, now=record.timestamp
    )
    comparison = None if one.sighted is None else one.sighted.comparison
    said: Mapping[str, Any] | None = None
    if step.kind == "resolved" and comparison is not None:
        said = said_of_resolved(services, one.before, comparison)
    elif step.kind is not None and comparison is not None:
        said = {"verdict": verdict_on(services, one.before, comparison).as_dict()}
    return Followed(
        before=one.before,
        step=step,
        outcome=one.outcome,
        at=record.timestamp,
        comparison=comparison,
        said=said,
        sighted=one.sighted,
    )


def _is_idle(standing: Standing) -> bool:
    """Say whether a rule that is false changes nothing: nothing is watched, counted or known."""
    watches = standing.episode is not None or standing.calm.digest is not None or standing.wake_at is not None
    return not (watches or standing.holding or standing.acknowledged)


def said_of_resolved(services: Services, before: CalmStanding, comparison: Comparison) -> dict[str, Any]:
    """Return what the message says that tells of a change's end: why it is over, and what was told of it when."""
    told_at = before.standing.last_notified_at
    return {
        "verdict": verdict_on(services, before, comparison).as_dict(),
        "told_snapshot_id": before.standing.last_notified_snapshot_id,
        "told_at": None if told_at is None else time_text(told_at),
    }


def verdict_on(services: Services, before: CalmStanding, comparison: Comparison) -> Verdict:
    """Return a subscription's verdict on a comparison, whatever it says."""
    subscription = before.subscription
    found = comparison.verdicts.get(subscription.rule_id)
    rule = services.rulebook.of(subscription.rule_id, subscription.threshold)
    return found if found is not None else explain_threshold(comparison.diff, rule)


def promise_calm(
    services: Services,
    unit: Unit,
    dashboard: Dashboard,
    *,
    followed: Sequence[Followed],
    record: SnapshotRecord,
    claim_limit: int,
    told_at: datetime | None = None,
    everybody: Sequence[CalmStanding] | None = None,
) -> Promise:
    """
    Promise what calm subscriptions are told, note what was held back and why, and keep where each stands now.

    Shape   `record`: the snapshot that they are told of. `claim_limit`: how many webhooks this process sends itself.
            `told_at`: where that is later than the snapshot. `everybody`: all calm subscriptions, where they are known.
    """
    if not followed:
        return Promise()
    unit.evaluations.add_many([note for one in followed if (note := _note(one, record)) is not None])
    telling = [one for one in followed if one.step.kind is not None and one.comparison is not None]
    moved = {one.before.subscription.id: moved_to(one.before, one.step.standing) for one in followed}
    stood = [one.before for one in followed] if everybody is None else everybody
    standings = [(before, moved.get(before.subscription.id, before)) for before in stood]
    unit.standings.put(dashboard.id, standings, whole=everybody is not None)
    reasons = [one.step.reason for one in followed if one.step.kind is None and one.step.reason is not None]
    for reason in reasons:
        services.metrics.suppressed(reason)
    promise = Promise(suppressed=len(reasons))
    for together in _by_sight(telling):
        room = claim_limit - len(promise.claimed)
        told = _tell(services, unit, dashboard, telling=together, record=record, claim_limit=room, told_at=told_at)
        promise = promise.joined(told)
    return promise


def _by_sight(telling: Sequence[Followed]) -> Iterable[Sequence[Followed]]:
    """Return those who are told together: who sees all, then for each other owner those who see what they see."""
    found: dict[str, list[Followed]] = {}
    for one in telling:
        found.setdefault("" if one.sighted is None else one.before.subscription.owner_id, []).append(one)
    return found.values()


def _tell(
    services: Services,
    unit: Unit,
    dashboard: Dashboard,
    *,
    telling: Sequence[Followed],
    record: SnapshotRecord,
    claim_limit: int,
    told_at: datetime | None,
) -> Promise:
    """Tell those who see the same. What a view shows is kept with each delivery, and with no snapshot."""
    comparisons = {one.step.baseline_snapshot_id: one.comparison for one in telling if one.comparison is not None}
    evidence: dict[EvidenceKey, Evidence] = {}
    if telling[0].sighted is None:
        for baseline_id, found in comparisons.items():
            unit.verdicts.add(record.id, baseline_id, packed=found.packed())
        evidence = evidence_of(unit, record, comparisons=comparisons)
    promised = unit.outbox.promise_told(
        dashboard_id=dashboard.id,
        snapshot_id=record.id,
        told=[_told(unit, one) for one in telling],
        now=services.clock(),
        lease_seconds=services.limits.lease_seconds,
        claim_limit=claim_limit,
        busy=services.notifier.busy_receivers(),
        sendable=services.sendable,
    )
    warn_of_deferred(dashboard, promised)
    tell_personas(services, unit, record=record, personas=promised.personas, comparisons=comparisons, at=told_at)
    return promise_of(promised, evidence)


def _told(unit: Unit, one: Followed) -> Told:
    assert one.step.kind is not None
    said = one.said if one.sighted is None else {**(one.said or {}), **said_of_view(unit, one.sighted)}
    return Told(
        subscription_id=one.before.subscription.id,
        kind=one.step.kind,
        against_snapshot_id=one.step.baseline_snapshot_id,
        said=said,
    )


def _note(one: Followed, record: SnapshotRecord) -> EvaluationNote | None:
    """Return what is kept of an evaluation, None where its verdict and its delivery say it all."""
    reason = "resolved" if one.step.kind == "resolved" else one.step.reason
    if reason is None:
        return None
    return EvaluationNote(
        subscription_id=one.before.subscription.id,
        snapshot_id=record.id,
        baseline_snapshot_id=one.step.baseline_snapshot_id,
        rule_id=one.before.subscription.rule_id,
        at=one.at,
        outcome=one.outcome,
        reason=reason,
        detail=one.step.detail,
    )
