"""The year: each day's flights are imported, the dashboard captured as of that day, and whoever was told is noted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from stillframe.cli.demo import flights
from stillframe.cli.demo.example import Day
from stillframe.cli.demo.scene import PERSONA, WATCHES, Scene, Watch
from stillframe.flows.discussion import list_notifications
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken, take_snapshot

_BY_PATH = {watch.path: watch for watch in WATCHES}
_PERSONA_WATCH = _BY_PATH[None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice: whose rule it was, and its reason."""

    watch: Watch
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    What one day's capture showed and who was told.

    Shape   `headline`: None for the first day, which has nothing to be compared with.
    """

    date: str
    sequence: int
    headline: str | None
    told: tuple[Told, ...]

    @property
    def is_telling(self) -> bool:
        """Whether it is worth a line: a webhook went out, and not only the podium moved."""
        return any(told.watch.path is not None for told in self.told)


def play(scene: Scene, days: Iterable[Day]) -> Iterator[Moment]:
    """Import and capture one day after the other; each moment is given when its notices have arrived."""
    for day in days:
        flights.load(scene.source, day)
        received = len(scene.receiver.ledger)
        taken = take_snapshot(
            scene.services, scene.alice, dashboard_ref=scene.dashboard_id, request=_request(day), wait_for_sends=True
        )
        yield _moment(scene, day, taken=taken, received=received)


def notices(moments: Iterable[Moment]) -> Counter[str]:
    """Return how many notices each rule gave, by its name."""
    return Counter(told.watch.name for moment in moments for told in moment.told)


def _request(day: Day) -> SnapshotRequest:
    ends = datetime.fromisoformat(day.date).replace(hour=23, minute=59, second=59, tzinfo=UTC)
    return SnapshotRequest(reason=f"flights of {day.date}", as_of=ends, trigger_source="cli")


def _moment(scene: Scene, day: Day, *, taken: SnapshotTaken, received: int) -> Moment:
    headline = None if taken.diff_summary is None else str(taken.diff_summary["headline"])
    told: list[Told] = []
    if taken.dispatch.matched:
        mention = _mention(scene, taken.record.id)
        headline = mention or headline
        told += [Told(watch=_PERSONA_WATCH, why=_PERSONA_WATCH.asks)] if mention else []
        told += [_received(body.path, body.body) for body in scene.receiver.ledger[received:]]
    return Moment(date=day.date, sequence=taken.record.sequence, headline=headline, told=tuple(told))


def _mention(scene: Scene, snapshot_id: str) -> str | None:
    """Return what the persona's inbox says of a snapshot: its headline with the carriers' names."""
    newest = list_notifications(scene.services, scene.alice, persona=PERSONA, unread_only=False, limit=1).items
    return newest[0].text if newest and newest[0].snapshot_id == snapshot_id else None


def _received(path: str, body: bytes) -> Told:
    return Told(watch=_BY_PATH[path], why=str(json.loads(body)["reason"]["sentence"]))
