"""Calm: how often and when a subscriber may be told, and where a subscription stands between two notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal, TypeAlias, get_args

from stillframe.model.times import time_from_text, time_text

DigestEvery: TypeAlias = Literal["hourly", "daily", "weekly"]
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Importance: TypeAlias = Literal["low", "normal", "high"]

DIGEST_EVERY: tuple[DigestEvery, ...] = get_args(DigestEvery)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
IMPORTANCES: tuple[Importance, ...] = get_args(Importance)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """
    The hours of a day in which nobody is told: from `begin` (inclusive) to `end` (exclusive) by the clocks of a zone.

    Shape   `end` before `begin` is on the next day. `zone`: an IANA name.
    """

    begin: time
    end: time
    zone: str = "UTC"

    def as_dict(self) -> dict[str, Any]:
        return {"from": f"{self.begin:%H:%M}", "to": f"{self.end:%H:%M}", "zone": self.zone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """
    When the changes of a span are told together, by the clocks of a zone.

    Shape   `at`: of `daily` and `weekly`; of `hourly` only its minutes count. `on`: of `weekly`.
    """

    every: DigestEvery
    at: time = _MIDNIGHT
    on: Weekday = "monday"
    zone: str = "UTC"

    def as_dict(self) -> dict[str, Any]:
        day = {"on": self.on} if self.every == "weekly" else {}
        return {"every": self.every, "at": f"{self.at:%H:%M}", **day, "zone": self.zone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """
    What a subscriber asks for so as not to be told too often.

    Shape   All None and False: told at once, each time.
    Source  docs/reference/semantics.md, "Calm".
    """

    cooldown_seconds: int | None = None
    """After a notice nothing is told for so long; at its end the change is judged again."""
    pending_for: int | None = None
    """How many snapshots in a row the rule must hold before it is told."""
    snooze_until: datetime | None = None
    quiet_hours: QuietHours | None = None
    digest: Digest | None = None
    notify_on_resolve: bool = False

    @property
    def is_none(self) -> bool:
        """Whether nothing was asked for."""
        return self == NO_CALM

    @property
    def has_episodes(self) -> bool:
        """Whether a rule that turns true opens an episode, which lasts until it is false."""
        return self.pending_for is not None or self.notify_on_resolve

    def as_dict(self) -> dict[str, Any]:
        """Return every setting as its JSON, None where it is not set."""
        return {
            "cooldown_seconds": self.cooldown_seconds,
            "pending_for": self.pending_for,
            "snooze_until": None if self.snooze_until is None else time_text(self.snooze_until),
            "quiet_hours": None if self.quiet_hours is None else self.quiet_hours.as_dict(),
            "digest": None if self.digest is None else self.digest.as_dict(),
            "notify_on_resolve": self.notify_on_resolve,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Calm:
        """Return what `as_dict` gave; it is not checked again."""
        quiet, digest, snooze = (document.get(name) for name in ("quiet_hours", "digest", "snooze_until"))
        return cls(
            cooldown_seconds=document.get("cooldown_seconds"),
            pending_for=document.get("pending_for"),
            snooze_until=None if snooze is None else time_from_text(snooze, path="$.snooze_until"),
            quiet_hours=None
            if quiet is None
            else QuietHours(
                begin=time.fromisoformat(quiet["from"]), end=time.fromisoformat(quiet["to"]), zone=quiet["zone"]
            ),
            digest=None
            if digest is None
            else Digest(
                every=digest["every"],
                at=time.fromisoformat(digest["at"]),
                on=digest.get("on", "monday"),
                zone=digest["zone"],
            ),
            notify_on_resolve=bool(document.get("notify_on_resolve")),
        )


NO_CALM = Calm()
CALM_MEMBERS: tuple[str, ...] = tuple(NO_CALM.as_dict())
"""What may be asked for, by the names that every door uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """
    A change that is being watched: pending, held back, or told and not yet over.

    Shape   `baseline_snapshot_id`: what the rule was compared with when it turned true; frozen until the episode ends.
            `consecutive`: snapshots in a row at which it was true. `notified`: it was told.
    """

    baseline_snapshot_id: str
    consecutive: int = 1
    notified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    The span that the next digest tells of.

    Shape   `from_snapshot_id`: the one last told of, None before the first snapshot. `times`: at how many snapshots
            since then the rule was true.
    """

    from_snapshot_id: str | None
    times: int = 0
