"""
Telling: from what a rule said of a snapshot, and where a subscription stands, to whether its subscriber is told now.

One state machine serves the subscriptions that ask for calm and the preview of any. It knows no clock and no store: a
step takes a standing and gives the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from stillframe.model.calm import Calm, Episode, Window
from stillframe.model.subscription import BaselineKind
from stillframe.model.times import time_text
from stillframe.model.verdict import Outcome
from stillframe.rules.quiet import next_digest_at, quiet_until

Kind: TypeAlias = Literal["alert", "resolved", "digest"]
Reason: TypeAlias = Literal["pending", "cooldown", "snooze", "quiet_hours", "digest", "known"]
"""Why a rule that is true is not told now. `known`: it was told, and has been true ever since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What a subscription asks for, and where it stands.

    Shape   `baseline_snapshot_id`: of `pinned` and `last_notified`. `window`: of a digest. `wake_at`: when it was
            planned to be judged again, as the step before said.
    Units   `repeat_interval` in seconds.
    """

    baseline: BaselineKind = "previous"
    baseline_snapshot_id: str | None = None
    repeat_interval: int | None = None
    calm: Calm
    holding: bool = False
    acknowledged: bool = False
    last_notified_snapshot_id: str | None = None
    last_notified_at: datetime | None = None
    episode: Episode | None = None
    window: Window | None = None
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    What follows from one snapshot, or from the end of a quiet time.

    Shape   `kind`: what is told, None when nothing is; `baseline_snapshot_id`: what the message compares with.
            `reason`: why a rule that was true (or an episode that ended) is not told now; `detail` says it in words.
            `wake_at`: when to judge again though no snapshot came.
    """

    standing: Standing
    kind: Kind | None = None
    baseline_snapshot_id: str
    reason: Reason | None = None
    detail: str | None = None
    wake_at: datetime | None = None


def compares_with(standing: Standing, *, previous_id: str) -> str:
    """
    Return the id of the snapshot that the next one is compared with.

    Shape   `previous_id`: the head before it.
    """
    if standing.episode is not None:
        return standing.episode.baseline_snapshot_id
    if standing.baseline == "previous":
        return previous_id
    return standing.baseline_snapshot_id or previous_id


def at_snapshot(standing: Standing, *, snapshot_id: str, previous_id: str, outcome: Outcome, now: datetime) -> Step:
    """
    Return what follows from a snapshot.

    Shape   `outcome`: what the rule said of the snapshot against `compares_with`.
    Source  docs/reference/semantics.md, "Calm".
    """
    against = compares_with(standing, previous_id=previous_id)
    if standing.calm.digest is not None:
        return _planned(_counted(standing, against=against, previous_id=previous_id, outcome=outcome, now=now))
    if outcome == "true":
        episode = standing.episode or Episode(baseline_snapshot_id=against, consecutive=0)
        episode = replace(episode, consecutive=episode.consecutive + 1)
        return _planned(_true(standing, episode, snapshot_id=snapshot_id, now=now))
    return _planned(_untrue(standing, against=against, snapshot_id=snapshot_id, outcome=outcome, now=now))


def at_wake(standing: Standing, *, head_id: str, outcome: Outcome, now: datetime) -> Step:
    """
    Return what follows when a quiet time ends, or a digest is due, and no snapshot came.

    Shape   `outcome`: what the rule says of the head against the episode's baseline; of a digest it does not matter.
    """
    if standing.calm.digest is not None:
        return _planned(_due(standing, head_id=head_id, now=now))
    episode = standing.episode
    if episode is None:
        return _planned(Step(standing=standing, baseline_snapshot_id=head_id))
    if outcome == "true":
        return _planned(_true(standing, episode, snapshot_id=head_id, now=now))
    against = episode.baseline_snapshot_id
    return _planned(_untrue(standing, against=against, snapshot_id=head_id, outcome=outcome, now=now))


def _planned(step: Step) -> Step:
    """Return the step with what it plans noted in the standing too."""
    return replace(step, standing=replace(step.standing, wake_at=step.wake_at))


def _untrue(standing: Standing, *, against: str, snapshot_id: str, outcome: Outcome, now: datetime) -> Step:
    """Return what follows where the rule is false; where it is unknown, what was told is not taken to be over."""
    if outcome == "unknown" and _was_told(standing, standing.episode):
        return Step(standing=standing, baseline_snapshot_id=against)
    return _false(standing, against=against, snapshot_id=snapshot_id, now=now)


def _true(standing: Standing, episode: Episode, *, snapshot_id: str, now: datetime) -> Step:
    against, needed = episode.baseline_snapshot_id, standing.calm.pending_for or 1
    watched = replace(standing, episode=episode)
    if _knows(standing, episode, snapshot_id=snapshot_id, now=now):
        kept = replace(standing, episode=replace(episode, notified=True) if standing.calm.has_episodes else None)
        return Step(standing=kept, baseline_snapshot_id=against, reason="known", detail=_KNOWN)
    if episode.consecutive < needed:
        detail = f"true at {episode.consecutive} of {needed} snapshots in a row"
        return Step(standing=watched, baseline_snapshot_id=against, reason="pending", detail=detail)
    held = _held(standing, now=now, cooling=True)
    if held is not None:
        reason, until = held
        return Step(
            standing=watched, baseline_snapshot_id=against, reason=reason, detail=_until(reason, until), wake_at=until
        )
    told = _told(standing, snapshot_id=snapshot_id, now=now)
    told = replace(
        told,
        holding=standing.baseline == "pinned",
        episode=replace(episode, notified=True) if standing.calm.has_episodes else None,
    )
    return Step(standing=told, kind="alert", baseline_snapshot_id=against)


def _false(standing: Standing, *, against: str, snapshot_id: str, now: datetime) -> Step:
    episode = standing.episode
    over = replace(standing, episode=None, holding=False, acknowledged=False)
    if episode is None or not episode.notified or not standing.calm.notify_on_resolve:
        return Step(standing=over, baseline_snapshot_id=against)
    held = _held(standing, now=now, cooling=False)
    if held is not None:
        reason, until = held
        return Step(
            standing=standing, baseline_snapshot_id=against, reason=reason, detail=_until(reason, until), wake_at=until
        )
    told = _told(over, snapshot_id=snapshot_id, now=now)
    return Step(standing=told, kind="resolved", baseline_snapshot_id=against)


def _counted(standing: Standing, *, against: str, previous_id: str, outcome: Outcome, now: datetime) -> Step:
    assert standing.calm.digest is not None
    pinned = standing.baseline == "pinned"
    untold = pinned and standing.last_notified_snapshot_id is None
    window = standing.window or Window(from_snapshot_id=against if untold else previous_id)
    # A digest that a quiet time holds back is due at its end, and not only a day later because a snapshot came.
    planned = standing.wake_at if window.times and standing.wake_at is not None and standing.wake_at > now else None
    due = planned or next_digest_at(standing.calm.digest, after=now)
    if outcome != "true":
        holds = outcome == "unknown" and standing.holding
        kept = replace(standing, window=window, holding=holds, acknowledged=holds and standing.acknowledged)
        return Step(standing=kept, baseline_snapshot_id=against, wake_at=due if window.times else None)
    if not (pinned and standing.holding):
        window = replace(window, from_snapshot_id=window.from_snapshot_id or previous_id, times=window.times + 1)
    kept = replace(standing, window=window, holding=pinned)
    if not window.times:
        return Step(standing=kept, baseline_snapshot_id=against, reason="known", detail=_KNOWN)
    return Step(standing=kept, baseline_snapshot_id=against, reason="digest", detail=_until("digest", due), wake_at=due)


def _due(standing: Standing, *, head_id: str, now: datetime) -> Step:
    window = standing.window
    start = window.from_snapshot_id if window is not None else None
    if window is None or start is None or not window.times:
        return Step(standing=standing, baseline_snapshot_id=start or head_id)
    held = _held(standing, now=now, cooling=False)
    if held is not None:
        reason, until = held
        return Step(
            standing=standing, baseline_snapshot_id=start, reason=reason, detail=_until(reason, until), wake_at=until
        )
    told = _told(standing, snapshot_id=head_id, now=now)
    told = replace(told, window=Window(from_snapshot_id=head_id))
    return Step(standing=told, kind="digest", baseline_snapshot_id=start)


def _told(standing: Standing, *, snapshot_id: str, now: datetime) -> Standing:
    baseline_id = snapshot_id if standing.baseline == "last_notified" else standing.baseline_snapshot_id
    return replace(
        standing, baseline_snapshot_id=baseline_id, last_notified_snapshot_id=snapshot_id, last_notified_at=now
    )


def _was_told(standing: Standing, episode: Episode | None) -> bool:
    """Say whether the subscriber was told of what was true at the last snapshot."""
    return (episode is not None and episode.notified) or (standing.baseline == "pinned" and standing.holding)


def _knows(standing: Standing, episode: Episode, *, snapshot_id: str, now: datetime) -> bool:
    """Say whether the subscriber was told of what is still true, and no repeat is due; of one snapshot none ever is."""
    knows = _was_told(standing, episode)
    if not knows or standing.acknowledged or standing.last_notified_snapshot_id == snapshot_id:
        return knows
    repeat, last = standing.repeat_interval, standing.last_notified_at
    return repeat is None or last is None or now < last + timedelta(seconds=repeat)


def _held(standing: Standing, *, now: datetime, cooling: bool) -> tuple[Reason, datetime] | None:
    """Return why nothing may be told now and until when, of several reasons the one that lasts longest."""
    calm = standing.calm
    found: list[tuple[datetime, Reason]] = []
    if calm.snooze_until is not None and now < calm.snooze_until:
        found.append((calm.snooze_until, "snooze"))
    quiet = None if calm.quiet_hours is None else quiet_until(calm.quiet_hours, now=now)
    if quiet is not None:
        found.append((quiet, "quiet_hours"))
    if cooling and calm.cooldown_seconds is not None and standing.last_notified_at is not None:
        cooled = standing.last_notified_at + timedelta(seconds=calm.cooldown_seconds)
        if now < cooled:
            found.append((cooled, "cooldown"))
    if not found:
        return None
    until, reason = max(found)
    return reason, until


_KNOWN = "told already, and true since"
_HELD: Mapping[Reason, str] = {
    "snooze": "snoozed until",
    "quiet_hours": "quiet hours until",
    "cooldown": "cooling down until",
    "digest": "told in the digest of",
}


def _until(reason: Reason, until: datetime) -> str:
    return f"{_HELD[reason]} {time_text(until)}"
