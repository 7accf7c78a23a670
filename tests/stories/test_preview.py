"""A preview over a period says what live dispatch did in it: one state machine, one judge, one past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillframe.capture import parse_view_spec
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.evaluations import list_evaluations
from stillframe.flows.history import accept_snapshot
from stillframe.flows.identity import create_persona
from stillframe.flows.past import Period, past_of
from stillframe.flows.preview import preview
from stillframe.flows.preview_answer import Preview
from stillframe.flows.preview_run import Course, Stage, run
from stillframe.flows.preview_subject import subject_of
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.flows.waking import wake_due
from stillframe.model.dashboard import Dashboard
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.model.times import time_text
from tests.flows.room import Room, board_spec, people_room
from tests.stories.house import furnish, settings_of

RULES: tuple[Mapping[str, Any], ...] = (
    {"any_change": True},
    {"value_delta_abs": 2, "on_field": "score"},
    {"value_delta_pct": 0.3, "on_field": "score", "direction": "up"},
    {"top_n_reordering": 1},
    {"OR": [{"set_added_min": 1}, {"primary_metric_delta_pct": 0.2}]},
    {"NOT": {"value_delta_abs": 2, "on_field": "score"}},
    {"value_delta_abs": 1, "on_field": "elo"},
)
BERLIN = "Europe/Berlin"
QUIET_HOURS = ({"from": "22:00", "to": "07:00", "zone": BERLIN}, {"from": "12:00", "to": "16:30", "zone": "UTC"})
DIGESTS = ("hourly", "daily", {"every": "daily", "at": "02:30", "zone": BERLIN}, "weekly")
SLUGS = ("p-0", "p-1", "p-2", "p-3", "p-4", "p-5", "p-6", "p-7")
_numbers = count(1)


def calm_of(dice: Random) -> dict[str, Any]:
    """Return what somebody asks for so as not to be told too often; often nothing."""
    asked: dict[str, Any] = {}
    if dice.random() < 0.3:
        return asked
    if dice.random() < 0.3:
        asked["quiet_hours"] = dice.choice(QUIET_HOURS)
    if dice.random() < 0.2:
        asked["snooze"] = dice.randint(5, 900)
    if dice.random() < 0.25:
        return asked | {"digest": dice.choice(DIGESTS)}
    if dice.random() < 0.4:
        asked["cooldown_seconds"] = dice.choice([60, 1_800, 18_000])
    if dice.random() < 0.3:
        asked["pending_for"] = dice.randint(2, 3)
    if dice.random() < 0.4:
        asked["notify_on_resolve"] = True
    return asked


def values_of(dice: Random) -> dict[str, int]:
    """Return what is pushed: often what was often pushed, so that things come back."""
    if dice.random() < 0.3:
        return {"a": 1, "b": 1, "total": 10}
    names = ["a", "b"] + (["c"] if dice.random() < 0.3 else [])
    return {name: dice.choice([1, 2, 4, 6, 9]) for name in names} | {"total": dice.choice([10, 10, 15])}


def event_of(dice: Random) -> tuple[str, int, dict[str, int]]:
    """Return what happens next, and after how many minutes."""
    kind = dice.choices(["push", "late", "empty", "accept", "respec"], weights=[80, 5, 6, 5, 4])[0]
    return kind, dice.choice([1, 7, 60, 333]), values_of(dice)


@dataclass(kw_only=True)
class Life:
    """One dashboard that lives through events, watched by one persona, with a timer that is always punctual."""

    room: Room
    board: Dashboard
    order: str = "desc"
    taken: list[SnapshotTaken] = field(default_factory=list)

    def pass_minutes(self, minutes: int) -> None:
        """Let time pass, and wake whoever is due at the very moment."""
        until = self.room.clock() + timedelta(minutes=minutes)
        while (due := self._next_wake()) is not None and due <= until:
            self.room.clock.set(due)
            wake_due(self.room.services)
        self.room.clock.set(until)

    def live(self, kind: str, minutes: int, values: Mapping[str, int]) -> None:
        """Let one event happen."""
        self.pass_minutes(minutes)
        if kind == "respec":
            self.order = "asc" if self.order == "desc" else "desc"
            spec = board_spec(self.board.title)
            spec["panels"]["board"]["order"] = self.order
            replace_dashboard(
                self.room.services, self.room.alice, dashboard_ref=self.board.id, view_spec=parse_view_spec(spec)
            )
        if kind == "accept":
            if self.taken and self.taken[-1].record.capture_status == "empty":
                accept_snapshot(self.room.services, self.room.alice, snapshot_id=self.taken[-1].record.id)
            return
        late = self.taken[-1].record.as_of - timedelta(hours=1) if kind == "late" and self.taken else None
        self._push({} if kind == "empty" else values, as_of=late)

    def _push(self, values: Mapping[str, int], *, as_of: datetime | None) -> None:
        rows = [{"id": name, "score": score} for name, score in values.items() if name != "total"]
        request = SnapshotRequest(data={"board": rows, "total": values.get("total", 10)}, as_of=as_of)
        self.taken.append(self.room.take_as(self.room.alice, self.board, request))

    def _next_wake(self) -> datetime | None:
        with self.room.services.store.read() as unit:
            version = unit.heads.get(self.board.id).rules_version
            standings = unit.standings.of_dashboard(self.board.id, rules_version=version)
        return min((one.standing.wake_at for one in standings if one.standing.wake_at is not None), default=None)


def told(life: Life, subscription: Subscription) -> list[tuple[str, str, str]]:
    """Return every notice that was promised: its kind, and both snapshots."""
    with life.room.services.store.read() as unit:
        found = unit.outbox.deliveries(subscription.id, limit=1000).items
    return [(entry.kind, entry.cause, entry.baseline_snapshot_id) for entry in reversed(found)]


def held(life: Life, subscription: Subscription) -> list[tuple[str, str, str]]:
    """Return what was held back: when, at which snapshot, and why."""
    with life.room.services.store.read() as unit:
        notes = unit.evaluations.at_snapshots(subscription.id, [taken.record.id for taken in life.taken])
    return [(time_text(note.at), note.snapshot_id, note.reason) for note in notes if note.reason != "resolved"]


def previewed(life: Life, request: SubscriptionRequest, *, since: datetime) -> Preview:
    """Ask what the subscription would have told since then."""
    return preview(
        life.room.services, life.room.alice, dashboard_ref=life.board.id, request=request, period=Period(since=since)
    )


def explained(life: Life, subscription: Subscription, request: SubscriptionRequest, *, since: datetime) -> None:
    """Hold every line of the explanation against what the state machine did at that snapshot."""
    services, alice = life.room.services, life.room.alice
    with services.store.read() as unit:
        past = past_of(unit, life.board, Period(since=since), now=services.clock())
        part = subject_of(unit, alice, life.board, request=request, since=since).part
        assert part is not None
        pin = part.standing.baseline_snapshot_id
        pinned = None if pin is None else unit.snapshots.get(pin)
    stage = Stage(services=services, caller=alice, past=past, top_n=10, pinned=pinned)
    scenes = {scene.later.record.id: scene for scene in run(stage, [part], Course()) if not scene.woken}
    page = list_evaluations(services, alice, dashboard_ref=life.board.id, subscription_id=subscription.id, limit=200)
    assert [line.snapshot_id for line in page.items] == [taken.record.id for taken in reversed(life.taken[1:])]
    notices = Counter(cause for _, cause, _ in told(life, subscription))
    for line in page.items:
        scene = scenes.get(line.snapshot_id or "")
        assert len(line.deliveries) == notices[line.snapshot_id or ""]
        if scene is None:
            # While a pin is paused a snapshot may still show what it showed, and that is reason enough.
            assert line.outcome == "not_judged" or (pin is not None and line.sentence == "not met: nothing changed")
            continue
        assert (line.outcome, line.baseline_snapshot_id) == (scene.outcome, scene.earlier.record.id)
        # A digest that a quiet time held back, when it was due, is said at the snapshot that it would have told of.
        at_once = line.suppressed is not None and line.suppressed.at == line.timestamp
        assert (line.suppressed.reason if line.suppressed and at_once else None) == scene.step.reason
        assert line.verdict is not None or scene.facts.diff.is_empty
        assert line.sentence


def request_of(life: Life, slug: str, pin: str, *, dice: Random) -> SubscriptionRequest:
    """Return what a persona asks for."""
    asked = calm_of(dice)
    snooze = asked.pop("snooze", None)
    if snooze is not None:
        asked["snooze_until"] = time_text(life.room.clock() + timedelta(minutes=snooze))
    baseline = dice.choice(["previous", "last_notified", "pinned"])
    is_pinned = baseline == "pinned"
    return SubscriptionRequest(
        subscriber_kind="persona",
        subscriber_id=slug,
        threshold=dice.choice(RULES),
        baseline=baseline,
        baseline_snapshot_id=pin if is_pinned else None,
        repeat_interval=dice.choice([None, None, 600, 20_000]) if is_pinned and "digest" not in asked else None,
        allow_missing=True,
        calm=asked,
    )


def side(record: SnapshotRecord | None) -> str:
    return "" if record is None else record.id


def records(life: Life) -> list[SnapshotRecord]:
    return [taken.record for taken in life.taken]


@pytest.fixture
def room(target: str, tmp_path: Path) -> Iterator[Room]:
    """Services on each database, and the cast."""
    settings = settings_of(tmp_path, target)
    services, clock = furnish(settings)
    found = people_room(settings, services, clock)
    for slug in SLUGS:
        create_persona(services, found.alice, slug=slug)
    yield found
    services.close()


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_a_preview_says_what_live_dispatch_did(room: Room, seed: int) -> None:
    """The same snapshots, kinds, baselines and reasons, whatever the history and whatever was asked for."""
    dice = Random(seed)
    life = Life(room=room, board=room.board(f"Board {next(_numbers)}"))
    life.live("push", 1, values_of(dice))
    life.pass_minutes(1)
    begin = life.taken[0].record
    asked = [request_of(life, slug, begin.id, dice=dice) for slug in SLUGS]
    made = [
        subscribe(room.services, room.alice, dashboard_ref=life.board.id, request=request).subscription
        for request in asked
    ]
    for _ in range(dice.randint(6, 20)):
        life.live(*event_of(dice))
    life.pass_minutes(1_500)
    if life.order != "desc":
        life.live("respec", 1, values_of(dice))  # What is pinned must be of the present view spec to be asked for.
    suppressed = 0
    for request, subscription in zip(asked, made, strict=True):
        found = previewed(life, request, since=begin.timestamp)
        assert [(one.kind, side(one.snapshot_b), side(one.snapshot_a)) for one in found.notices] == told(
            life, subscription
        )
        reasons = [(time_text(one.at), one.snapshot.id, one.reason) for one in found.suppressed]
        if request.calm:
            assert reasons == held(life, subscription)
        suppressed += sum((time_text(one.timestamp), one.id) == entry[:2] for one in records(life) for entry in reasons)
        explained(life, subscription, request, since=begin.timestamp)
    assert suppressed == sum(taken.dispatch.suppressed for taken in life.taken)
