"""What a preview is asked to try: a whole subscription, read and refused as a real one is, and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.errors import InvalidInput, nearest
from stillframe.flows.baselines import baseline_of, check_repeat
from stillframe.flows.calm_changes import with_manners
from stillframe.flows.gate_outcomes import outcomes_wanted, refuse_beside_gate, refuse_without_gate
from stillframe.flows.rule_names import refuse_missing
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.dashboard import Dashboard
from stillframe.model.facts import GateDecision
from stillframe.model.identity import Caller
from stillframe.model.subscription import SUBSCRIBER_KINDS, Subscription
from stillframe.rules import parse_rule
from stillframe.rules.rehearsal import Part
from stillframe.rules.telling import Standing
from stillframe.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    What a subscription would be told of.

    Shape   `part`: of changes; `gate`: the outcomes of release gates. One of them is None.
    """

    part: Part | None = None
    gate: tuple[GateDecision, ...] | None = None


def subject_of(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, request: SubscriptionRequest, since: datetime
) -> Subject:
    """
    Return what a request would subscribe to, had it been made at `since`.

    Errors  As `subscribe`, except that nobody's address is looked at: whoever may read the dashboard may ask.
    """
    if request.subscriber_kind not in SUBSCRIBER_KINDS:
        hint = nearest(request.subscriber_kind, SUBSCRIBER_KINDS)
        raise InvalidInput.at("$.subscriber_kind", f"{request.subscriber_kind!r} is not a kind of subscriber{hint}")
    gate = outcomes_wanted(request.on)
    draft = Subscription(
        id="",
        dashboard_id=dashboard.id,
        subscriber_kind=request.subscriber_kind,
        subscriber_id="",
        threshold={},
        rule_id=0,
        owner_id=caller.user_id,
        repeat_interval=request.repeat_interval,
        gate=gate,
        created_at=since,
    )
    more = {"importance": request.importance, "max_items": request.max_items}
    if gate is None:
        return Subject(part=_part(unit, caller, dashboard, request=request, draft=draft, more=more))
    refuse_beside_gate(
        threshold_json=request.threshold,
        baseline=None if request.baseline == "previous" else request.baseline,
        baseline_snapshot_id=request.baseline_snapshot_id,
        repeat_interval=request.repeat_interval,
    )
    refuse_without_gate(dashboard)
    with_manners(draft, calm=request.calm, more=more, now=since)
    return Subject(gate=gate)


def _part(
    unit: Unit,
    caller: Caller,
    dashboard: Dashboard,
    *,
    request: SubscriptionRequest,
    draft: Subscription,
    more: Mapping[str, Any],
) -> Part:
    rule = parse_rule(request.threshold, path="$.threshold_json")
    if not request.allow_missing:
        refuse_missing(unit, caller, dashboard, rule=rule)
    head = unit.heads.get(dashboard.id)
    baseline, baseline_id = baseline_of(
        unit, dashboard, head, kind=request.baseline, snapshot_id=request.baseline_snapshot_id
    )
    check_repeat(baseline, request.repeat_interval)
    asked = with_manners(draft, calm=request.calm, more=more, now=draft.created_at)
    standing = Standing(
        baseline=baseline,
        baseline_snapshot_id=baseline_id if baseline == "pinned" else None,
        repeat_interval=asked.repeat_interval,
        calm=asked.calm,
    )
    return Part(rule=rule, standing=standing)
