"""Changing a subscription: what may be changed, and what a changed rule or baseline means for the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stillframe.errors import InvalidInput
from stillframe.flows.baselines import baseline_of, check_repeat
from stillframe.flows.gate_outcomes import CHANGE, outcomes_wanted, refuse_beside_gate
from stillframe.flows.rule_names import refuse_missing
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from stillframe.rules import parse_rule, rule_document
from stillframe.store import KEY_LOST, Unit

CHANGEABLE = (
    "threshold",
    "gate",
    "baseline",
    "baseline_snapshot_id",
    "allow_missing",
    "repeat_interval",
    "state",
    "calm",
    "importance",
    "max_items",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChange:
    """
    What may be changed of a subscription; None leaves a member as it is.

    Shape   `calm`: the members of calm that are given; null takes one back. `more`: of `importance`, `max_items` and
            `repeat_interval` those that are given; null takes back the latter two.
    """

    threshold: Any = None
    on: Any = None
    baseline: str | None = None
    baseline_snapshot_id: str | None = None
    allow_missing: bool | None = None
    repeat_interval: int | None = None
    calm: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


def changed_subscription(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, head: Head, old: Subscription, change: SubscriptionChange
) -> Subscription:
    """
    Return a subscription with another rule, baseline or outcomes, as a change asks for.

    Errors  InvalidInput, InvalidRule naming the member.
    """
    if old.gate is not None:
        return _other_outcomes(unit, old, change)
    if change.on not in (None, CHANGE):
        raise InvalidInput.at("$.on", "a subscription to changes stays one; make another for what release gates decide")
    new = replace(old, allow_missing=old.allow_missing if change.allow_missing is None else change.allow_missing)
    if change.threshold is not None:
        rule = parse_rule(change.threshold, path="$.threshold_json")
        if not new.allow_missing:
            refuse_missing(unit, caller, dashboard, rule=rule)
        document: Mapping[str, Any] = rule_document(rule)
        new = replace(
            new, threshold=document, rule_id=unit.subscriptions.intern_rule(canonical_bytes(document).decode())
        )
    if new.rule_id != old.rule_id:
        new = replace(new, holding=False, acknowledged=False)
    if change.baseline is not None or change.baseline_snapshot_id is not None:
        kind = change.baseline or new.baseline
        baseline, baseline_id = baseline_of(unit, dashboard, head, kind=kind, snapshot_id=change.baseline_snapshot_id)
        new = replace(
            new,
            baseline=baseline,
            baseline_snapshot_id=baseline_id,
            holding=False,
            acknowledged=False,
            **_resumed(old),
        )
        if baseline != "pinned":
            new = replace(new, repeat_interval=None)
    elif new.rule_id != old.rule_id and new.baseline == "last_notified":
        new = replace(new, baseline_snapshot_id=head.head_snapshot_id)
    repeat = change.more.get("repeat_interval", new.repeat_interval)
    new = replace(new, repeat_interval=repeat if change.repeat_interval is None else change.repeat_interval)
    check_repeat(new.baseline, new.repeat_interval)
    return new


def _resumed(old: Subscription) -> dict[str, Any]:
    """
    Return the state of what its owner begins anew, and why it is paused.

    An address that has not agreed is still not told, and one that was lost cannot be.
    """
    if old.state != "paused" or old.paused_reason == KEY_LOST:
        return {"state": old.state, "paused_reason": old.paused_reason}
    return {"state": "active", "paused_reason": None}


def _other_outcomes(unit: Unit, old: Subscription, change: SubscriptionChange) -> Subscription:
    refuse_beside_gate(
        threshold_json=change.threshold,
        baseline=change.baseline,
        baseline_snapshot_id=change.baseline_snapshot_id,
        allow_missing=change.allow_missing,
        repeat_interval=change.repeat_interval or change.more.get("repeat_interval"),
    )
    gate = old.gate if change.on is None else outcomes_wanted(change.on)
    if gate is None:
        raise InvalidInput.at("$.on", "a subscription to release gates stays one; make another for changes")
    document = {"gate": list(gate)}
    rule_id = unit.subscriptions.intern_rule(canonical_bytes(document).decode())
    return replace(old, gate=gate, threshold=document, rule_id=rule_id)
