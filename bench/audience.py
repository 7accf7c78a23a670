"""Fills a dashboard with subscribed webhooks by the thousand, in one transaction, sealed and signed as any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stillframe.flows.addresses import address_of
from stillframe.flows.letters import address_row, secret_row
from stillframe.flows.services import Services
from stillframe.model.canonical import canonical_bytes
from stillframe.model.identity import Caller
from stillframe.model.subscription import BaselineKind, Subscription
from stillframe.notify import new_secret
from stillframe.rules import parse_rule, rule_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One webhook that wants to be told."""

    url: str
    rule: Any
    baseline: BaselineKind = "previous"
    baseline_snapshot_id: str | None = None
    repeat_interval: int | None = None


def subscribe_all(services: Services, owner: Caller, *, dashboard_id: str, wanted: Iterable[Wanted]) -> None:
    """Subscribe all at once; what a flow checks of each is not asked."""
    with services.store.write() as unit:
        interned: dict[str, int] = {}
        for one in wanted:
            document = rule_document(parse_rule(one.rule, path="$"))
            text = canonical_bytes(document).decode()
            rule_id = interned.get(text) or interned.setdefault(text, unit.subscriptions.intern_rule(text))
            address = address_of(services, "webhook", one.url)
            subscription = Subscription(
                id=services.new_id(),
                dashboard_id=dashboard_id,
                subscriber_kind="webhook",
                subscriber_id=address.shown,
                threshold=document,
                rule_id=rule_id,
                baseline=one.baseline,
                baseline_snapshot_id=one.baseline_snapshot_id,
                repeat_interval=one.repeat_interval,
                owner_id=owner.user_id,
                created_at=services.clock(),
            )
            seal: Callable[..., bytes] = services.vault.seal
            unit.subscriptions.add(
                subscription,
                sealed_address=seal(address.secret_part, row_id=address_row(subscription.id)),
                sealed_secret=seal(new_secret(), row_id=secret_row(subscription.id)),
                receiver=address.receiver,
            )
