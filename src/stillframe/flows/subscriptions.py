"""Subscriptions: made with a checked rule, listed to those concerned, changed, removed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stillframe.capture import ViewSpec
from stillframe.errors import AddressRefused, Fault, InvalidInput, InvalidRule, NotFound, nearest
from stillframe.flows.auditing import audited
from stillframe.flows.letters import address_row, secret_row
from stillframe.flows.permission import (
    is_own_or_editable,
    may_on,
    require,
    require_on,
    require_own_or_edit,
    visible_dashboard,
)
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.flows.snapshots import spec_of
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.delivery import SubscriberKind
from stillframe.model.identity import Caller, Persona
from stillframe.model.payload import Payload
from stillframe.model.subscription import BASELINES, SUBSCRIBER_KINDS, BaselineKind, Subscription
from stillframe.model.times import milliseconds
from stillframe.notify import CheckedURL, check_url, new_secret, receiver_digest, shown_address
from stillframe.rules import KnownNames, Rule, missing_names, parse_rule, rule_document
from stillframe.rules import known_names as names_of_payload
from stillframe.rules.access import may
from stillframe.store import Unit

_EMAIL = re.compile(r"[^@\s\x00-\x1f,;<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_CHANGEABLE = ("threshold", "baseline", "baseline_snapshot_id", "allow_missing", "repeat_interval", "state")
LONGEST_REPEAT_SECONDS = 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """
    What somebody asks to be told of.

    Shape   `subscriber_id`: a persona's slug, a webhook's URL, or an email address. `threshold`: the rule, not yet
            parsed.
    """

    subscriber_kind: str
    subscriber_id: str = field(repr=False)
    threshold: Any
    baseline: str = "previous"
    baseline_snapshot_id: str | None = None
    allow_missing: bool = False
    repeat_interval: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChange:
    """What may be changed of a subscription; None leaves a member as it is."""

    threshold: Any = None
    baseline: str | None = None
    baseline_snapshot_id: str | None = None
    allow_missing: bool | None = None
    repeat_interval: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription just made; a webhook's secret is shown this once and kept only encrypted."""

    subscription: Subscription
    secret: str | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        secret = {} if self.secret is None else {"secret": self.secret}
        return {**self.subscription.as_dict(), **secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    """Where a subscriber is: what may be shown of it, and what only the vault may keep."""

    shown: str
    receiver: str | None = None
    secret_part: str | None = field(default=None, repr=False)


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
    rule = parse_rule(request.threshold, path="$.threshold_json")
    subscription_id = services.new_id()
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        _require_standing(unit, caller, dashboard, kind=kind, subscriber_id=request.subscriber_id)
        address = _address(services, kind, request.subscriber_id)
        head = unit.heads.lock(dashboard.id)
        if not request.allow_missing:
            refuse_missing(unit, caller, dashboard, rule=rule)
        baseline, baseline_id = _baseline(
            unit, dashboard, head, kind=request.baseline, snapshot_id=request.baseline_snapshot_id
        )
        _check_repeat(baseline, request.repeat_interval)
        document = rule_document(rule)
        draft = Subscription(
            id=subscription_id,
            dashboard_id=dashboard.id,
            subscriber_kind=kind,
            subscriber_id=address.shown,
            threshold=document,
            rule_id=unit.subscriptions.intern_rule(canonical_bytes(document).decode()),
            owner_id=caller.user_id,
            baseline=baseline,
            baseline_snapshot_id=baseline_id,
            allow_missing=request.allow_missing,
            repeat_interval=request.repeat_interval,
            created_at=milliseconds(services.clock()),
        )
        secret = new_secret() if kind == "webhook" else None
        subscription = unit.subscriptions.add(
            draft,
            sealed_address=None
            if address.secret_part is None
            else services.vault.seal(address.secret_part, row_id=address_row(subscription_id)),
            sealed_secret=None if secret is None else services.vault.seal(secret, row_id=secret_row(subscription_id)),
            receiver=address.receiver,
        )
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


def list_subscriptions(services: Services, caller: Caller, *, dashboard_ref: str) -> list[Subscription]:
    """Return the subscriptions of a dashboard that the caller may see: their own; all for the dashboard's owner and
    admins."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        require_on(caller, "subscription.list", dashboard)
        everybody = may_on(caller, "subscription.list_all", dashboard).allowed
        return unit.subscriptions.list(dashboard.id, None if everybody else caller.user_id)


def get_subscription(services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str) -> Subscription:
    """Return one subscription that the caller may see."""
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        return visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)


def change_subscription(
    services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str, change: SubscriptionChange
) -> Subscription:
    """
    Change a subscription's rule, baseline or manners; a changed rule or baseline starts again from the head.

    Pinning a paused subscription again makes it active.
    """
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        # First the head, as a capture does: a snapshot moves baselines too, and must not be undone by this change.
        head = unit.heads.lock(dashboard.id)
        old = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require(caller, "subscription.change", owner_id=old.owner_id)
        new = _changed(unit, caller, dashboard, head=head, old=old, change=change)
        unit.subscriptions.update(new)
        changed = [name for name in _CHANGEABLE if getattr(new, name) != getattr(old, name)]
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


def refuse_missing(unit: Unit, caller: Caller, dashboard: Dashboard, *, rule: Rule) -> None:
    """
    Refuse a rule that speaks of what neither the head, as far as the caller sees it, nor the view spec has.

    Errors  InvalidRule with the nearest name.
    """
    head_id = unit.heads.get(dashboard.id).head_snapshot_id
    view = None if head_id is None else visible_snapshot(unit, caller, head_id)[0]
    known = known_names(spec_of(dashboard), None if view is None else view.payload)
    faults = missing_names(rule, known, path="$.threshold_json")
    if faults:
        raise InvalidRule(faults=faults)


def known_names(spec: ViewSpec, payload: Payload | None) -> KnownNames:
    """
    Return what a rule over a dashboard may speak of: what its view spec declares and what its head shows.

    Before the first snapshot nobody has seen a column, so any field may come.
    """
    declared = {name: list(panel.fields) for name, panel in spec.panels.items() if panel.kind == "table"}
    metrics = [name for name, panel in spec.panels.items() if panel.kind == "metric"]
    has_primary_metric = spec.primary.metric is not None
    if payload is None:
        unseen: dict[str, Collection[str] | None] = dict.fromkeys(declared)
        return KnownNames(
            panels=unseen, metrics=metrics, primary=spec.primary.rows, has_primary_metric=has_primary_metric
        )
    seen = names_of_payload(payload)
    names = dict.fromkeys([*declared, *seen.panels])
    return KnownNames(
        panels={name: list(dict.fromkeys([*declared.get(name, ()), *(seen.panels.get(name) or ())])) for name in names},
        metrics=list(dict.fromkeys([*metrics, *seen.metrics])),
        dimensions=seen.dimensions,
        primary=spec.primary.rows,
        has_primary_metric=has_primary_metric,
    )


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


def _address(services: Services, kind: SubscriberKind, subscriber_id: str) -> _Address:
    match kind:
        case "persona":
            return _Address(shown=subscriber_id)
        case "email":
            if not _EMAIL.fullmatch(subscriber_id):
                raise InvalidInput.at("$.subscriber_id", "write one email address: ana@example.org")
            return _Address(shown=subscriber_id)
        case "webhook":
            checked = _checked(services, subscriber_id)
            digest = receiver_digest(checked.text, services.receiver_key)
            return _Address(shown=shown_address(checked.text, digest), receiver=digest, secret_part=checked.text)


def _checked(services: Services, url: str) -> CheckedURL:
    try:
        return check_url(url, policy=services.address_policy)
    except AddressRefused as error:
        raise AddressRefused(faults=[Fault(path="$.subscriber_id", message=error.message)]) from None


def _baseline(
    unit: Unit, dashboard: Dashboard, head: Head, *, kind: str, snapshot_id: str | None
) -> tuple[BaselineKind, str | None]:
    match kind:
        case "previous" | "last_notified" if snapshot_id is not None:
            raise InvalidInput.at(
                "$.baseline_snapshot_id", f"only the baseline 'pinned' names a snapshot, not '{kind}'"
            )
        case "previous":
            return "previous", None
        case "last_notified":
            return "last_notified", head.head_snapshot_id
        case "pinned":
            return "pinned", _pinnable(unit, dashboard, head, snapshot_id=snapshot_id)
        case _:
            raise InvalidInput.at("$.baseline", f"{kind!r} is not a baseline{nearest(kind, BASELINES)}")


def _pinnable(unit: Unit, dashboard: Dashboard, head: Head, *, snapshot_id: str | None) -> str:
    if snapshot_id is None:
        raise InvalidInput.at("$.baseline_snapshot_id", "the baseline 'pinned' needs a snapshot id")
    record = unit.snapshots.record(snapshot_id)
    snapshot = unit.snapshots.get(snapshot_id) if record is not None and record.dashboard_id == dashboard.id else None
    if snapshot is None:
        raise InvalidInput.at("$.baseline_snapshot_id", "this dashboard has no such snapshot")
    if not snapshot.is_baseline and not unit.snapshots.accepted(snapshot_id):
        raise InvalidInput.at("$.baseline_snapshot_id", "an empty or late snapshot is no baseline")
    if head.head_view_spec_hash not in (None, snapshot.record.view_spec_hash):
        raise InvalidInput.at(
            "$.baseline_snapshot_id", "the view spec has changed since this snapshot; pin one taken since"
        )
    return snapshot_id


def _check_repeat(baseline: BaselineKind, repeat_interval: int | None) -> None:
    if repeat_interval is None:
        return
    if baseline != "pinned":
        raise InvalidInput.at("$.repeat_interval", "only a subscription against 'pinned' repeats")
    if not 1 <= repeat_interval <= LONGEST_REPEAT_SECONDS:
        raise InvalidInput.at("$.repeat_interval", f"1 to {LONGEST_REPEAT_SECONDS} seconds")


def _changed(
    unit: Unit, caller: Caller, dashboard: Dashboard, *, head: Head, old: Subscription, change: SubscriptionChange
) -> Subscription:
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
        new = replace(new, holding=False)
    if change.baseline is not None or change.baseline_snapshot_id is not None:
        kind = change.baseline or new.baseline
        baseline, baseline_id = _baseline(unit, dashboard, head, kind=kind, snapshot_id=change.baseline_snapshot_id)
        new = replace(
            new, baseline=baseline, baseline_snapshot_id=baseline_id, holding=False, state="active", paused_reason=None
        )
        if baseline != "pinned":
            new = replace(new, repeat_interval=None)
    elif new.rule_id != old.rule_id and new.baseline == "last_notified":
        new = replace(new, baseline_snapshot_id=head.head_snapshot_id)
    if change.repeat_interval is not None:
        new = replace(new, repeat_interval=change.repeat_interval)
    _check_repeat(new.baseline, new.repeat_interval)
    return new
