"""Confirming: an address that somebody typed is told of nothing before whoever reads it has agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from stillframe.errors import Conflict, TooManyRequests
from stillframe.flows.services import Services
from stillframe.model.delivery import SubscriberKind
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription, SubscriptionState
from stillframe.store import Unit

CONFIRM_WITHIN: Final = timedelta(days=7)
"""How long the link of a confirmation is good."""
ASKED_MOST: Final = 3
"""An address is asked so often a day, whoever subscribes it: a confirmation is mail that nobody wanted."""
ASKED_BY_ONE_MOST: Final = 20
"""So many addresses one person may have asked in a day: the product writes to no list of strangers."""
TRIES_MOST: Final = 3
"""So often the mail of one confirmation is sent again by hand."""
_DAY: Final = timedelta(days=1)


def beginning_state(
    services: Services, unit: Unit, caller: Caller, *, kind: SubscriberKind, address: str, receiver: str | None
) -> SubscriptionState:
    """
    Return whether a new subscription tells its address at once, or waits until the address has agreed.

    It waits for an address that somebody else than an administrator typed, unless they have an active subscription of
    it: it agreed then.

    Errors  TooManyRequests for an address that was asked enough in the last day, whoever had it asked; and for somebody
            who had many addresses asked in it.
    Source  docs/reference/semantics.md, "Who is told how".
    """
    if kind != "email" or caller.is_admin or _is_known(unit, caller, address=address):
        return "active"
    day_ago = services.clock() - _DAY
    if unit.confirmations.asked_since(receiver or "", day_ago) >= ASKED_MOST:
        raise _enough(f"this address was asked {ASKED_MOST} times in a day to confirm; wait for its answer, or a day")
    if unit.confirmations.asked_by(caller.user_id, day_ago) >= ASKED_BY_ONE_MOST:
        raise _enough(f"you had {ASKED_BY_ONE_MOST} addresses asked in a day; wait, or let an administrator add more")
    return "unconfirmed"


def ask_address(services: Services, unit: Unit, subscription: Subscription, *, receiver: str | None) -> None:
    """Promise the mail that asks, in the transaction that makes a subscription which waits for it."""
    if subscription.state == "unconfirmed" and receiver is not None:
        unit.confirmations.ask(
            subscription, receiver=receiver, sendable="email" in services.sendable, now=subscription.created_at
        )


def refuse_asking_again(subscription: Subscription, entry: OutboxEntry, *, now: datetime) -> None:
    """
    Refuse to send a confirmation again that needs no answer, whose link is dead, or that was sent often enough.

    Errors  Conflict.
    """
    if subscription.state != "unconfirmed":
        raise Conflict(f"its subscription is {subscription.state}: the address need not confirm any more")
    if now >= entry.created_at + CONFIRM_WITHIN:
        raise Conflict("its link is no longer good; remove the subscription and make it again")
    if entry.attempts >= TRIES_MOST:
        raise Conflict(f"the address was asked {entry.attempts} times; it knows")


def _enough(why: str) -> TooManyRequests:
    return TooManyRequests(why, retry_after_seconds=int(_DAY.total_seconds()))


def _is_known(unit: Unit, caller: Caller, *, address: str) -> bool:
    return any(
        found.subscriber_kind == "email" and found.subscriber_id == address
        for found in unit.subscriptions.owned_by(caller.user_id)
    )
