"""A preview over a period says what live dispatch did in it: one state machine, one judge, one past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from stillframe.capture import parse_view_spec
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.evaluations import list_evaluations
from stillframe.flows.history import accept_snapshot
from stillframe.flows.past import Period, past_of
from stillframe.flows.preview import preview
from stillframe.flows.preview_answer import Preview
from stillframe.flows.preview_run import Course, Stage, run
from stillframe.flows.preview_subject import subject_of
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.flows.waking import wake_due
from stillframe.model.dashboard import Dashboard
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
_numbers = count(1)
SILENT_AT_TIMES = st.fixed_dictionaries(
    {},
    optional={
        "quiet_hours": st.sampled_from(
            [{"from": "22:00", "to": "07:00", "zone": BERLIN}, {"from": "12:00", "to": "16:30", "zone": "UTC"}]
        ),
        "snooze": st.integers(5, 900),
    },
)
AS_EPISODES = st.fixed_dictionaries(
    {},
    optional={
        "cooldown_seconds": st.sampled_from([60, 1_800, 18_000]),
        "pending_for": st.integers(2, 3),
        "notify_on_resolve": st.just(True),
    },
)
AS_DIGEST = st.fixed_dictionaries(
    {"digest": st.sampled_from(["hourly", "daily", {"every": "daily", "at": "02:30", "zone": BERLIN}, "weekly"])}
)
CALM: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    AS_EPISODES,
    AS_DIGEST,
    st.builds(lambda held, manner: held | manner, SILENT_AT_TIMES, st.one_of(AS_EPISODES, AS_DIGEST)),
)
SCORES = st.sampled_from([1, 2, 4, 6, 9])
VALUES = st.fixed_dictionaries(
    {"a": SCORES, "b": SCORES, "total": st.sampled_from([10, 10, 15])}, optional={"c": SCORES}
)
PUSHES = st.tuples(st.just("push"), st.sampled_from([1, 7, 60, 333]), VALUES)
EVENTS = st.one_of(
    PUSHES,
    PUSHES,
    PUSHES,
    st.tuples(st.just("late"), st.just(1), VALUES),
    st.tuples(st.just("empty"), st.just(30), st.just({})),
    st.tuples(st.just("accept"), st.just(30), st.just({})),
    st.tuples(st.just("respec"), st.just(5), VALUES),
)


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
        suppressed = None if line.suppressed is None else line.suppressed.reason
        assert suppressed == scene.step.reason
        assert line.verdict is not None or scene.facts.diff.is_empty
        assert line.sentence


@pytest.fixture
def room(target: str, tmp_path: Path) -> Iterator[Room]:
    """Services on each database, and the cast."""
    settings = settings_of(tmp_path, target)
    services, clock = furnish(settings)
    yield people_room(settings, services, clock)
    services.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    first=VALUES,
    events=st.lists(EVENTS, min_size=4, max_size=18),
    rule=st.sampled_from(RULES),
    baseline=st.sampled_from(["previous", "last_notified", "pinned"]),
    calm=CALM,
    repeat=st.sampled_from([None, 600, 20_000]),
)
def test_a_preview_says_what_live_dispatch_did(
    room: Room,
    first: Mapping[str, int],
    events: list[tuple[str, int, Mapping[str, int]]],
    rule: Mapping[str, Any],
    baseline: str,
    calm: Mapping[str, Any],
    repeat: int | None,
) -> None:
    """The same snapshots, kinds, baselines and reasons, whatever the history and whatever was asked for."""
    life = Life(room=room, board=room.board(f"Board {next(_numbers)}"))
    life.live("push", 1, first)
    life.pass_minutes(1)
    since = life.taken[0].record.timestamp
    asked = {name: value for name, value in calm.items() if name != "snooze"}
    if "snooze" in calm:
        asked["snooze_until"] = time_text(room.clock() + timedelta(minutes=calm["snooze"]))
    is_pinned = baseline == "pinned"
    request = SubscriptionRequest(
        subscriber_kind="persona",
        subscriber_id="alice",
        threshold=rule,
        baseline=baseline,
        baseline_snapshot_id=life.taken[0].record.id if is_pinned else None,
        repeat_interval=repeat if is_pinned and "digest" not in asked else None,
        allow_missing=True,
        calm=asked,
    )
    subscription = subscribe(room.services, room.alice, dashboard_ref=life.board.id, request=request).subscription
    for one in events:
        life.live(*one)
    life.pass_minutes(1_500)
    if is_pinned and life.order != "desc":
        return  # What is pinned now must be of the present view spec, so nobody can ask for this preview.
    found = previewed(life, request, since=since)
    assert [(one.kind, one.snapshot_b.id, one.snapshot_a.id) for one in found.notices] == told(life, subscription)  # type: ignore[union-attr]  # because these notices are of changes
    suppressed = [(time_text(one.at), one.snapshot.id, one.reason) for one in found.suppressed]
    if asked:
        assert suppressed == held(life, subscription)
    assert len(suppressed) >= sum(taken.dispatch.suppressed for taken in life.taken)
    explained(life, subscription, request, since=since)
    event(f"{baseline}, {sorted(asked) or 'plain'}: {'told' if found.notices else 'silent'}")
