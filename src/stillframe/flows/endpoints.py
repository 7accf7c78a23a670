"""Receivers that are gone or take nothing: their subscriptions are paused, what waits is kept, the owners are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from stillframe.flows.services import Services
from stillframe.model.delivery import Outcome, Sent
from stillframe.model.discussion import Notification
from stillframe.model.subscription import Subscription
from stillframe.model.times import milliseconds, time_text
from stillframe.rules.retry import FAILING_MOST, GONE_STATUS
from stillframe.store import Settlement, Unit

GONE = "its receiver answered 410 Gone"
_log = structlog.get_logger(__name__)


def noted_endpoints(
    services: Services, unit: Unit, *, outcomes: Sequence[Outcome], settlements: Sequence[Settlement]
) -> dict[str, str]:
    """
    Note how receivers of webhooks fared, and return those that must be paused, and why.

    What was given up for the last time with the try that tells is parked: it is kept with the others.

    Shape   `settlements`: one for each outcome, in the same order.
    """
    succeeded: dict[str, datetime] = {}
    failed: dict[str, datetime] = {}
    down: dict[str, str] = {}
    for outcome in outcomes:
        letter, result = outcome.letter, outcome.result
        if letter.channel != "webhook":
            continue
        kind = succeeded if isinstance(result, Sent) else failed
        kind[letter.receiver] = max(outcome.finished_at, kind.get(letter.receiver, outcome.finished_at))
        if result.status == GONE_STATUS:
            down[letter.receiver] = GONE
    if not succeeded and not failed:
        return {}
    long_failing = unit.endpoints.note(succeeded=succeeded, failed=failed, before=services.clock() - FAILING_MOST)
    for receiver, since in long_failing.items():
        down.setdefault(receiver, f"nothing has reached its receiver since {time_text(since)}")
    lost = [
        settled.delivery_id
        for outcome, settled in zip(outcomes, settlements, strict=True)
        if outcome.letter.receiver in long_failing and settled.state == "gave_up"
    ]
    if lost:
        unit.waiting.park(lost)
    return down


def pause_endpoints(services: Services, down: Mapping[str, str]) -> None:
    """
    Pause every active subscription of these receivers, and tell each owner once.

    Shape   `down`: receivers, and why.
    """
    now = milliseconds(services.clock())
    with services.store.read() as unit:
        found = unit.endpoints.subscriptions(down)
    boards = sorted({mine.dashboard_id for theirs in found.values() for mine in theirs})
    with services.store.write() as unit:
        # Heads first, as a capture does: a snapshot promises either before the pause or not at all.
        for dashboard_id in boards:
            unit.heads.lock(dashboard_id)
        for receiver, theirs in unit.endpoints.subscriptions(down).items():
            mine = [found for found in theirs if found.dashboard_id in boards]
            if not mine:
                continue
            unit.subscriptions.pause([found.id for found in mine], reason=down[receiver], at=now)
            _tell_owners(services, unit, mine, why=down[receiver])
            _log.warning("endpoint_paused", receiver=receiver, subscriptions=len(mine), why=down[receiver])


def _tell_owners(services: Services, unit: Unit, paused: Sequence[Subscription], *, why: str) -> None:
    now = milliseconds(services.clock())
    notices = []
    for owner_id in sorted({found.owner_id for found in paused}):
        theirs = [found for found in paused if found.owner_id == owner_id]
        boards = {found.dashboard_id for found in theirs}
        text = (
            f"Subscriptions of the webhook {theirs[0].subscriber_id} paused, because {why}: {len(theirs)}. "
            "What was to be sent is kept; resume them when it takes notices again."
        )
        notice = Notification(
            id=services.new_id(),
            user_id=owner_id,
            kind="notice",
            text=text,
            dashboard_id=boards.pop() if len(boards) == 1 else None,
            created_at=now,
        )
        notices.append(notice)
    unit.notifications.add_many(notices)
