"""How fresh what is known of each part is: one word, told from when the evidence is of and what happened since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from stillframe.health.project import score_of
from stillframe.health.scored import REPORT_FAILED
from stillframe.model.facts import PARTS, Part

Freshness: TypeAlias = Literal["current", "stale", "missing", "updating", "failed", "unknown"]

STALE_AFTER_DAYS: Final = 30
"""Where the configuration says no other."""


def freshness(
    summaries: Mapping[str, Any] | None,
    *,
    as_of: datetime | None,
    now: datetime,
    stale_after_days: int = STALE_AFTER_DAYS,
    last_attempt_failed: bool = False,
    is_updating: bool = False,
) -> dict[Part, Freshness]:
    """
    Return how fresh each part is; the first of these that is true.

    `updating`: a capture is running. `missing`: there is no evidence of the part. `failed`: a report says that its own
    run failed, or an attempt after the snapshot did. `unknown`: there is a snapshot, and what it showed is gone.
    `stale`: the evidence is older than `stale_after_days`. `current`: none of these.

    Shape   `summaries`: of the newest snapshot; None where its payload has had its time. `as_of`: the time that it
            describes; None without a snapshot. `last_attempt_failed`: the newest attempt after it failed.
    Source  docs/reference/health-score.md, "Freshness".
    """
    if is_updating:
        return dict.fromkeys(PARTS, "updating")
    if as_of is None:
        return dict.fromkeys(PARTS, "failed" if last_attempt_failed else "missing")
    if summaries is None:
        return dict.fromkeys(PARTS, "failed" if last_attempt_failed else "unknown")
    is_stale = now - as_of > timedelta(days=stale_after_days)
    known: Freshness = "failed" if last_attempt_failed else "stale" if is_stale else "current"
    broken = _broken(summaries)
    return {
        part: known if score_of(summaries.get(part)) is not None else "failed" if part in broken else "missing"
        for part in PARTS
    }


def _broken(summaries: Mapping[str, Any]) -> set[str]:
    breakdown = (summaries.get("health") or {}).get("score_breakdown", ())
    return {line["part"] for line in breakdown if REPORT_FAILED in line["reasons"]}
