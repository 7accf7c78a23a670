"""Subscriptions: made with a checked rule, listed to those concerned, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stillframe.errors import InvalidInput, NotFound, nearest
from stillframe.flows.addresses import address_of, as_shown_to, require_channel
from stillframe.flows.auditing import audited
from stillframe.flows.baselines import baseline_of, check_repeat
from stillframe.flows.calm_changes import check_given, settle_standing, with_manners
from stillframe.flows.confirming import ask_address, beginning_state
from stillframe.flows.gate_outcomes import CHANGE, outcomes_wanted, refuse_beside_gate, refuse_without_gate
from stillframe.flows.letters import address_row, secret_row
from stillframe.flows.permission import (
    is_own_or_editable,
    may_on,
    require,
    require_on,
    require_own_or_edit,
    visible_dashboard,
)
from stillframe.flows.rule_names import refuse_missing
from stillframe.flows.services import Services
from stillframe.flows.subscription_changes import CHANGEABLE, SubscriptionChange, changed_subscription
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.delivery import SubscriberKind
from stillframe.model.facts import GateDecision
from stillframe.model.identity import Caller, Persona
from stillframe.model.subscription import SUBSCRIBER_KINDS, Subscription
from stillframe.model.times import milliseconds
from stillframe.notify import new_secret
from stillframe.rules import Rule, parse_rule, rule_document
from stillframe.rules.access import may
from stillframe.store import Unit

__all__ = [
    "Subscribed",
    "SubscriptionChange",
    "SubscriptionRequest",
    "change_subscription",
    "change_within",
    "get_subscription",
    "list_subscriptions",
    "remove_subscription",
    "subscribe",
    "visible_subscription",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """
    What somebody asks to be told of.

    Shape   `subscriber_id`: a persona's slug, a webhook's URL, or an email address. `on`: `change`, or `{"gate":
            ["fail", "warn"]}` for what release gates decide of a project. `threshold`: the rule, not yet parsed; for
            `change` only, as `calm` is: the members of calm that are given.
    """

    subscriber_kind: str
    subscriber_id: str = field(repr=False)
    threshold: Any = None
    on: Any = CHANGE
    baseline: str = "previous"
    baseline_snapshot_id: str | None = None
    allow_missing: bool = False
    repeat_interval: int | None = None
    calm: Mapping[str, Any] = field(default_factory=dict)
    importance: str = "normal"
    max_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription just made; a webhook's secret is shown this once and kept only encrypted."""

    subscription: Subscription
    secret: str | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        secret = {} if self.secret is None else {"secret": self.secret}
        return {**self.subscription.as_dict(), **secret}


def subscribe(services: Services, caller: Caller, *, dashboard_ref: str, request: SubscriptionRequest) -> Subscribed:
    """
    Make a subscription.

    Errors  NotFound, Forbidden; InvalidInput, InvalidRule and AddressRefused naming the member; Conflict for the same
            kind, id and rule.
    Source  docs/reference/semantics.md, "Rules" and "Notices".
    """
    if request.subscriber_kind not in SUBSCRIBER_KINDS:
        hint = nearest(request.subscriber_kind, SUBSCRIBER_KINDS)
        raise InvalidInput.at("$.subscriber_kind", f"{request.subscriber_kind!r} is not a kind of subscriber{hint}")
    kind: SubscriberKind = request.subscriber_kind
    subject = _Subject.of(request)
    subscription_id, now = services.new_id(), milliseconds(services.clock())
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        _require_standing(unit, caller, dashboard, kind=kind, subscriber_id=request.subscriber_id)
        if kind == "channel":
            require_channel(services, caller, request.subscriber_id, group_id=dashboard.group_id)
        address = address_of(services, kind, request.subscriber_id)
        draft = Subscription(
            id=subscription_id,
            dashboard_id=dashboard.id,
            subscriber_kind=kind,
            subscriber_id=address.shown,
            owner_id=caller.user_id,
            created_at=now,
            state=beginning_state(services, unit, caller, kind=kind, address=address.shown, receiver=address.receiver),
            **subject.members(unit, caller, dashboard, request=request),
        )
        more = {"importance": request.importance, "max_items": request.max_items}
        draft = with_manners(draft, calm=request.calm, more=more, now=now)
        secret = new_secret() if kind == "webhook" else None
        subscription = unit.subscriptions.add(
            draft,
            sealed_address=None
            if address.secret_part is None
            else services.vault.seal(address.secret_part, row_id=address_row(subscription_id)),
            sealed_secret=None if secret is None else services.vault.seal(secret, row_id=secret_row(subscription_id)),
            receiver=address.receiver,
        )
        ask_address(services, unit, subscription, receiver=address.receiver)
        audited(
            services,
            unit,
            caller,
            action="subscription.create",
            object=f"subscription:{subscription.id}",
            dashboard_id=dashboard.id,
            subscriber_kind=kind,
        )
    return Subscribed(subscription=subscription, secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What a subscription is to be told of, by its JSON: a rule, or outcomes of release gates."""

    document: Mapping[str, Any]
    rule: Rule | None = None
    gate: tuple[GateDecision, ...] | None = None

    @classmethod
    def of(cls, request: SubscriptionRequest) -> _Subject:
        """
        Return what a request asks for.

        Errors  InvalidRule, InvalidInput naming the member.
        """
        gate = outcomes_wanted(request.on)
        if gate is None:
            rule = parse_rule(request.threshold, path="$.threshold_json")
            return cls(document=rule_document(rule), rule=rule)
        refuse_beside_gate(
            threshold_json=request.threshold,
            baseline=None if request.baseline == "previous" else request.baseline,
            baseline_snapshot_id=request.baseline_snapshot_id,
            repeat_interval=request.repeat_interval,
        )
        return cls(document={"gate": list(gate)}, gate=gate)

    def members(
        self, unit: Unit, caller: Caller, dashboard: Dashboard, *, request: SubscriptionRequest
    ) -> dict[str, Any]:
        """Return the members of the subscription that follow from this; the head is locked."""
        head = unit.heads.lock(dashboard.id)
        rule_id = unit.subscriptions.intern_rule(canonical_bytes(self.document).decode())
        said = {"threshold": self.document, "rule_id": rule_id, "gate": self.gate}
        if self.rule is None:
            refuse_without_gate(dashboard)
            return said
        if not request.allow_missing:
            refuse_missing(unit, caller, dashboard, rule=self.rule)
        baseline, baseline_id = baseline_of(
            unit, dashboard, head, kind=request.baseline, snapshot_id=request.baseline_snapshot_id
        )
        check_repeat(baseline, request.repeat_interval)
        return said | {
            "baseline": baseline,
            "baseline_snapshot_id": baseline_id,
            "allow_missing": request.allow_missing,
            "repeat_interval": request.repeat_interval,
        }


def list_subscriptions(services: Services, caller: Caller, *, dashboard_ref: str) -> list[Subscription]:
    """Return the subscriptions of a dashboard that the caller may see: their own; all for the dashboard's owner and
    admins."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        require_on(caller, "subscription.list", dashboard)
        everybody = may_on(caller, "subscription.list_all", dashboard).allowed
        found = unit.subscriptions.list(dashboard.id, None if everybody else caller.user_id)
    return [as_shown_to(caller, one) for one in found]


def get_subscription(services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str) -> Subscription:
    """Return one subscription that the caller may see."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        found = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
    return as_shown_to(caller, found)


def change_subscription(
    services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str, change: SubscriptionChange
) -> Subscription:
    """
    Change a subscription's rule, baseline or manners; a changed rule or baseline starts again from the head.

    What other quiet times no longer hold back is told at once.

    Pinning a paused subscription again makes it active.
    """
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        # First the head, as a capture does: a snapshot moves baselines too, and must not be undone by this change.
        head = unit.heads.lock(dashboard.id)
        old = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        changed = change_within(services, unit, caller, dashboard=dashboard, head=head, old=old, change=change)
    return as_shown_to(caller, changed)


def change_within(
    services: Services,
    unit: Unit,
    caller: Caller,
    *,
    dashboard: Dashboard,
    head: Head,
    old: Subscription,
    change: SubscriptionChange,
) -> Subscription:
    """
    Change a subscription in the caller's transaction, which holds the lock of the head.

    Errors  Forbidden; InvalidInput naming the member.
    """
    require(caller, "subscription.change", owner_id=old.owner_id)
    check_given(change.more)
    new = changed_subscription(unit, caller, dashboard, head=head, old=old, change=change)
    new = with_manners(new, calm=change.calm, more=change.more, now=milliseconds(services.clock()))
    unit.subscriptions.update(new)
    new = settle_standing(services, unit, old=old, new=new)
    changed = [name for name in CHANGEABLE if getattr(new, name) != getattr(old, name)]
    if changed:
        audited(
            services,
            unit,
            caller,
            action="subscription.change",
            object=f"subscription:{new.id}",
            dashboard_id=dashboard.id,
            changed=changed,
        )
    return new


def remove_subscription(services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str) -> None:
    """Mark a subscription removed and cancel what is pending; its history stays, and the same may be made again."""
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        unit.heads.lock(dashboard.id)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "subscription.change", dashboard, owner_id=subscription.owner_id)
        unit.subscriptions.remove(subscription.id, services.clock())
        audited(
            services,
            unit,
            caller,
            action="subscription.remove",
            object=f"subscription:{subscription.id}",
            dashboard_id=dashboard.id,
        )


def visible_subscription(unit: Unit, caller: Caller, dashboard: Dashboard, *, subscription_id: str) -> Subscription:
    """
    Return a subscription of a visible dashboard, if it is the caller's, or the dashboard is theirs to edit.

    Errors  NotFound otherwise.
    """
    found = unit.subscriptions.get(subscription_id)
    hidden = "there is no subscription here that you can see"
    if found is None or found.dashboard_id != dashboard.id or found.state == "removed":
        raise NotFound(hidden)
    if not (caller.is_admin or is_own_or_editable(caller, dashboard, owner_id=found.owner_id)):
        raise NotFound(hidden, invisible=True)
    return found


def _require_standing(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, kind: SubscriberKind, subscriber_id: str
) -> None:
    if kind != "persona":
        require_on(caller, "subscription.address", dashboard)
        return
    persona = _persona(unit, caller, subscriber_id)
    require(caller, "persona.use", owner_id=persona.owner_id)


def _persona(unit: Unit, caller: Caller, slug: str) -> Persona:
    persona = unit.personas.by_slug(slug)
    if persona is None or may(caller, "persona.use", owner_id=persona.owner_id).denial == "role":
        raise InvalidInput.at("$.subscriber_id", f"you own no persona named {slug[:80]!r}")
    return persona
