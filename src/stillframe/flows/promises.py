"""Promising: from a judgement to deliveries, comments, inbox lines and moved baselines, all in the caller's
transaction."""

from __future__ import annotations

from collections.abc import Sequence

from stillframe.flows.calm_promises import followed_at_snapshot, promise_calm
from stillframe.flows.dispatch import claim_in_request
from stillframe.flows.judging import Judgement
from stillframe.flows.owner_notices import tell_of_unknown, tell_owner
from stillframe.flows.promised import Promise, promise_of
from stillframe.flows.services import Services
from stillframe.flows.told_personas import PRODUCT_AUTHOR, evidence_of, tell_personas, warn_of_deferred
from stillframe.model.dashboard import Dashboard
from stillframe.store import Match, Unit

__all__ = ["PRODUCT_AUTHOR", "Promise", "promise"]


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
    unit.verdicts.add_many(record.id, {name: found.packed() for name, found in judgement.comparisons.items()})
    plain = Promise()
    if matched or unmatched_pinned:
        plain = _promise_plain(
            services, unit, dashboard, judgement=judgement, matched=matched, unmatched_pinned=unmatched_pinned
        )
    calm = promise_calm(
        services,
        unit,
        dashboard,
        followed=followed_at_snapshot(services, judgement),
        record=record,
        claim_limit=claim_in_request(services) - len(plain.claimed),
        everybody=None if judgement.viewed else judgement.calm,
    )
    if judgement.comparisons:
        _tell_of_unknown(services, unit, dashboard, judgement=judgement)
    return plain.joined(calm)


def _promise_plain(
    services: Services,
    unit: Unit,
    dashboard: Dashboard,
    *,
    judgement: Judgement,
    matched: Sequence[Match],
    unmatched_pinned: Sequence[Match],
) -> Promise:
    record = judgement.candidate.record
    against = {match.against_snapshot_id: judgement.comparisons[match.against_snapshot_id] for match in matched}
    evidence = evidence_of(unit, record, comparisons=against)
    promised = unit.outbox.promise(
        dashboard_id=dashboard.id,
        snapshot_id=record.id,
        matched=matched,
        unmatched_pinned=unmatched_pinned,
        now=services.clock(),
        judged_at=record.timestamp,
        lease_seconds=services.limits.lease_seconds,
        claim_limit=claim_in_request(services),
        busy=services.notifier.busy_receivers(),
        sendable=services.sendable,
        unseeing=judgement.unseeing,
    )
    services.metrics.suppressed("known", promised.suppressed)
    warn_of_deferred(dashboard, promised)
    tell_personas(services, unit, record=record, personas=promised.personas, comparisons=against)
    return promise_of(promised, evidence)


def _matches(judgement: Judgement) -> tuple[list[Match], list[Match]]:
    matched: list[Match] = []
    unmatched_pinned: list[Match] = []
    for group, outcome in judgement.judged:
        # What cannot be judged is no false: it ends nothing that was told against a pin.
        if outcome == "unknown" or (outcome == "false" and group.baseline != "pinned"):
            continue
        match = Match(
            baseline=group.baseline,
            baseline_snapshot_id=group.baseline_snapshot_id,
            rule_id=group.rule_id,
            against_snapshot_id=judgement.baseline_id(group) or "",
        )
        (matched if outcome == "true" else unmatched_pinned).append(match)
    return matched, unmatched_pinned


def _rebase(services: Services, unit: Unit, dashboard: Dashboard, *, judgement: Judgement) -> None:
    record = judgement.candidate.record
    reason = "the dashboard's view spec or key changed; pin a snapshot taken since"
    unit.standings.clear_dashboard(dashboard.id)
    rebased = unit.subscriptions.rebase(dashboard.id, snapshot_id=record.id, reason=reason)
    if judgement.previous is None or not rebased.subscriptions + rebased.paused:
        return
    text = (
        f"{dashboard.title}: snapshot {record.sequence} is a new baseline, because the view spec or the key changed. "
        f"{rebased.subscriptions} subscriptions start again from it; "
        f"{rebased.paused} pinned ones are paused until they are pinned again."
    )
    tell_owner(services, unit, user_id=dashboard.owner_id, text=text, record=record, once_key=f"rebased:{record.id}")


def _tell_of_unknown(services: Services, unit: Unit, dashboard: Dashboard, *, judgement: Judgement) -> None:
    outcomes = [pair for found in judgement.comparisons.values() for pair in found.outcomes.items()]
    if not outcomes:
        return
    unknown = {rule_id for rule_id, outcome in outcomes if outcome == "unknown"}
    tell_of_unknown(
        services,
        unit,
        dashboard,
        record=judgement.candidate.record,
        unknown=unit.subscriptions.with_rules(dashboard.id, unknown) if unknown else (),
        known_rules={rule_id for rule_id, _ in outcomes} - unknown,
    )
