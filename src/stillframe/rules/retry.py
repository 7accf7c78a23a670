"""When a delivery that failed is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from stillframe.model.delivery import Failed, Outcome, Sent

RETRY_DELAYS_SECONDS = (0, 5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400, 86_400)
"""Waiting before each try: 13 tries over about five days."""
LONGEST_RETRY_AFTER_SECONDS = 86_400
JITTER_SHARE = 0.2
"""Up to this share of the delay is added, so that receivers coming back are not met by everybody at once."""

Ending: TypeAlias = Literal["sent", "again", "gave_up", "gone", "unknown"]
"""`gone`: its receiver wants no more of anything. `unknown`: it may have arrived, and somebody shall decide."""
GONE_STATUS = 410
FAILING_MOST = timedelta(hours=120)
"""A receiver that took nothing for so long, though it was sent something, is paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What becomes of a delivery after a try, and why. `due_at` is set when it is tried again."""

    ending: Ending
    due_at: datetime | None
    reason: str


def after_try(outcome: Outcome, *, jitter: float, hold_unknown: bool = False) -> NextStep:
    """
    Decide what follows one try.

    Shape   `hold_unknown`: what may have arrived is not sent again by itself.
    Units   `jitter`: a share from 0 to 1, drawn by the caller.
    Errors  ValueError if `jitter` is not a share.
    Source  docs/reference/semantics.md, "Notices"; Retry-After is RFC 9110, section 10.2.3.
    """
    if not 0 <= jitter <= 1:
        raise ValueError("jitter is a share from 0 to 1")
    result = outcome.result
    if isinstance(result, Sent):
        return NextStep(ending="sent", due_at=None, reason=f"answered {result.status}" if result.status else "taken")
    if result.status == GONE_STATUS and outcome.letter.channel == "webhook":
        return NextStep(ending="gone", due_at=None, reason=f"{result.detail}; it wants no more")
    if result.unknown and hold_unknown:
        return NextStep(ending="unknown", due_at=None, reason=f"{result.detail}; it may have arrived")
    if result.permanent:
        return NextStep(ending="gave_up", due_at=None, reason=f"{result.detail}; another try cannot help")
    tries = outcome.letter.attempt
    if tries >= len(RETRY_DELAYS_SECONDS):
        return NextStep(ending="gave_up", due_at=None, reason=f"{result.detail}; {tries} tries failed")
    wait = _wait_seconds(result, RETRY_DELAYS_SECONDS[tries], jitter=jitter)
    return NextStep(ending="again", due_at=outcome.finished_at + timedelta(seconds=wait), reason=result.detail)


def _wait_seconds(result: Failed, delay_seconds: float, *, jitter: float) -> float:
    asked = min(result.retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
    return max(delay_seconds * (1 + JITTER_SHARE * jitter), asked)
