"""Signed links: what whoever reads a mail may do without an account, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from itsdangerous import BadData, URLSafeSerializer

from stillframe.errors import NotFound
from stillframe.flows.auditing import ANONYMOUS
from stillframe.flows.confirming import CONFIRM_WITHIN
from stillframe.flows.journal import request_id
from stillframe.flows.services import Services
from stillframe.model.audit import AuditEntry
from stillframe.model.dashboard import Dashboard
from stillframe.model.subscription import Subscription
from stillframe.model.times import milliseconds
from stillframe.store import Unit

Purpose: TypeAlias = Literal["unsubscribe", "confirm"]
PATH: Final = "/u/"
_KEY_PURPOSE: Final = b"stillframe.signed-links/1\0"
_NOT_GOOD: Final = "this link is not good: it was cut or changed, has expired, or what it is about is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What a link asks.

    Shape   `done`: whether it is so already; to act again changes nothing.
    """

    purpose: Purpose
    dashboard_title: str
    address: str = field(repr=False)
    done: bool


def unsubscribe_link(services: Services, subscription_id: str) -> str:
    """Return where one POST ends a subscription; it is good for as long as there is one."""
    return _link(services, ["unsubscribe", subscription_id])


def confirm_link(services: Services, subscription_id: str, *, asked_at: datetime) -> str:
    """Return where one POST confirms the address of a subscription, for seven days; the same for the same time."""
    return _link(services, ["confirm", subscription_id, int((asked_at + CONFIRM_WITHIN).timestamp())])


def asked(services: Services, signed: str) -> Question:
    """
    Return what a link asks, and change nothing.

    Errors  NotFound for a link that is not ours, was changed, has expired, or is about nothing any more.
    """
    purpose, subscription_id = _read(services, signed)
    with services.store.read() as unit:
        subscription, dashboard = _found(unit, subscription_id)
    return _question(purpose, subscription, dashboard)


def act(services: Services, signed: str) -> Question:
    """
    Do what a link asks, once however often it is asked, and return it as done.

    Errors  As `asked`.
    Source  RFC 8058 section 3.2; docs/reference/semantics.md, "Who is told how".
    """
    purpose, subscription_id = _read(services, signed)
    with services.store.write() as unit:
        subscription, dashboard = _found(unit, subscription_id)
        # First the head, as a capture does: a snapshot moves baselines too, and must not be undone by this change.
        head = unit.heads.lock(dashboard.id)
        subscription, dashboard = _found(unit, subscription_id)
        question = _question(purpose, subscription, dashboard)
        if question.done:
            return question
        if purpose == "unsubscribe":
            unit.subscriptions.remove(subscription.id, services.clock())
        else:
            unit.subscriptions.update(_confirmed(subscription, head_snapshot_id=head.head_snapshot_id))
        _note(services, unit, subscription, purpose=purpose)
    return replace(question, done=True)


def _confirmed(subscription: Subscription, *, head_snapshot_id: str | None) -> Subscription:
    """Return a subscription that begins now: what changed before its address agreed is not told."""
    active = replace(subscription, state="active")
    if subscription.baseline != "last_notified" or subscription.gate is not None:
        return active
    return replace(active, baseline_snapshot_id=head_snapshot_id)


def _found(unit: Unit, subscription_id: str) -> tuple[Subscription, Dashboard]:
    subscription = unit.subscriptions.get(subscription_id)
    dashboard = None if subscription is None else unit.dashboards.get(subscription.dashboard_id)
    if subscription is None or dashboard is None or subscription.subscriber_kind != "email":
        raise NotFound(_NOT_GOOD)
    return subscription, dashboard


def _question(purpose: Purpose, subscription: Subscription, dashboard: Dashboard) -> Question:
    is_removed = subscription.state == "removed"
    if purpose == "confirm" and is_removed:
        raise NotFound(_NOT_GOOD)
    done = is_removed if purpose == "unsubscribe" else subscription.state != "unconfirmed"
    return Question(purpose=purpose, dashboard_title=dashboard.title, address=subscription.subscriber_id, done=done)


def _note(services: Services, unit: Unit, subscription: Subscription, *, purpose: Purpose) -> None:
    entry = AuditEntry(
        at=milliseconds(services.clock()),
        actor=ANONYMOUS,
        actor_id=None,
        action=f"subscription.{purpose}",
        object=f"subscription:{subscription.id}",
        detail={"dashboard_id": subscription.dashboard_id, "by": "signed link"},
        request_id=request_id(),
    )
    unit.audit.add(entry)


def _link(services: Services, said: Sequence[str | int]) -> str:
    return f"{services.limits.public_url}{PATH}{_signer(services).dumps(list(said))}"


def _read(services: Services, signed: str) -> tuple[Purpose, str]:
    try:
        said = _signer(services).loads(signed)
    except BadData:
        raise NotFound(_NOT_GOOD) from None
    match said:
        case ["unsubscribe", str(subscription_id)]:
            return "unsubscribe", subscription_id
        case ["confirm", str(subscription_id), int(until)] if services.clock().timestamp() < until:
            return "confirm", subscription_id
        case _:
            raise NotFound(_NOT_GOOD)


def _signer(services: Services) -> URLSafeSerializer:
    key = hmac.new(services.receiver_key, _KEY_PURPOSE, hashlib.sha256).digest()
    options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(key, salt="stillframe.signed-links", signer_kwargs=options)
