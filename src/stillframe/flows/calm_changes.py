"""The manners of a subscription: how calmly it wants to be told, and what follows when that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stillframe.errors import Fault, InvalidInput, nearest
from stillframe.flows.gate_outcomes import refuse_beside_gate
from stillframe.flows.services import Services
from stillframe.flows.waking import wake_one
from stillframe.model.subscription import Subscription
from stillframe.model.times import milliseconds
from stillframe.rules.calm_grammar import DIGEST_ALONE, parse_calm, parse_importance, parse_max_items
from stillframe.store import Unit

GIVEN_MEMBERS = ("importance", "max_items", "repeat_interval")
"""What a change may name beside calm, null taking it back where that means something."""
_STARTS_AGAIN = ("rule_id", "baseline", "baseline_snapshot_id")
_CALM_STARTS_AGAIN = ("digest", "pending_for", "notify_on_resolve")


def with_manners(
    subscription: Subscription, *, calm: Mapping[str, Any], more: Mapping[str, Any], now: datetime
) -> Subscription:
    """
    Return a subscription with the manners that are given; what is not named stays as it is.

    Shape   `calm`: members of calm, null taking one back. `more`: `importance` and `max_items`.
    Errors  InvalidInput naming the member.
    """
    if subscription.gate is not None:
        refuse_beside_gate(**calm)
    found = replace(subscription, calm=parse_calm(calm, now=now, kept=subscription.calm))
    if "importance" in more:
        found = replace(found, importance=parse_importance(more["importance"]))
    if "max_items" in more:
        found = replace(found, max_items=parse_max_items(more["max_items"]))
    if found.calm.digest is not None and found.repeat_interval is not None:
        raise InvalidInput(
            faults=[Fault(path="$.repeat_interval", message=f"{DIGEST_ALONE}; repeat_interval does not go with it")]
        )
    return found


def check_given(more: Mapping[str, Any]) -> None:
    """
    Let a change pass that names only what a change may name.

    Errors  InvalidInput with a fault for each other name.
    """
    faults = [
        Fault(path=f"$.{name}", message=f"unknown key{nearest(name, GIVEN_MEMBERS)}")
        for name in more
        if name not in GIVEN_MEMBERS
    ]
    if faults:
        raise InvalidInput(faults=faults)


def settle_standing(services: Services, unit: Unit, *, old: Subscription, new: Subscription) -> Subscription:
    """
    Let a subscription that was changed stand where it should, in a transaction that holds its dashboard's head, and
    return it.

    Another rule, baseline, digest or number of snapshots starts again; other quiet times keep what they hold back, and
    it is judged at once by the new ones.
    """
    if old.calm.is_none:
        return new
    again = [name for name in _STARTS_AGAIN if getattr(old, name) != getattr(new, name)]
    again += [name for name in _CALM_STARTS_AGAIN if getattr(old.calm, name) != getattr(new.calm, name)]
    if again:
        window = unit.standings.get(new.id).standing.window
        if new.holding and window is not None and window.times:
            # What a digest counted and did not tell yet is known to nobody.
            new = replace(new, holding=False, acknowledged=False)
            unit.subscriptions.update(new)
        unit.standings.clear(new.dashboard_id, [new.id])
    elif old.calm != new.calm:
        wake_one(services, unit, unit.standings.get(new.id), now=milliseconds(services.clock()))
        new = unit.standings.get(new.id).subscription
    return new
