"""What is said of a try that ended: a line in the log and a figure, without a word about the address."""

from __future__ import annotations

from collections.abc import Sequence, Set

import structlog

from stillframe.flows.services import Services
from stillframe.model.delivery import Outcome
from stillframe.store import Settlement

AGAIN = "again"
"""What the log and the metrics call a try after which another one follows."""
_log = structlog.get_logger(__name__)


def note_settled(
    services: Services, outcomes: Sequence[Outcome], settlements: Sequence[Settlement], *, accepted: Set[str]
) -> None:
    """
    Log and count tries whose settlement was accepted.

    Shape   `settlements`: one for each outcome, in the same order.
    """
    for outcome, settlement in zip(outcomes, settlements, strict=True):
        if settlement.delivery_id in accepted:
            _note(services, outcome, settlement)


def _note(services: Services, outcome: Outcome, settlement: Settlement) -> None:
    letter = outcome.letter
    ended = AGAIN if settlement.state == "pending" else settlement.state
    since = None if letter.promised_at is None else (outcome.finished_at - letter.promised_at).total_seconds()
    services.metrics.delivered(letter.channel, ended, attempt=settlement.attempt, seconds=since)
    request = {} if letter.request_id is None else {"request_id": letter.request_id}
    _log.info(
        "delivery_settled",
        delivery_id=settlement.delivery_id,
        channel=letter.channel,
        outcome=ended,
        attempt=settlement.attempt,
        status=settlement.status,
        milliseconds=round((outcome.finished_at - outcome.started_at).total_seconds() * 1000, 1),
        since_promise_ms=None if since is None else round(since * 1000, 1),
        **request,
    )
