"""Waking: what a quiet time held back is told at its end, once, and a digest at its time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from stillframe.capture import parse_view_spec
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.deliveries import list_deliveries
from stillframe.flows.discussion import list_comments, list_notifications
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.rulebook import Rulebook
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import SubscriptionChange, change_subscription, remove_subscription
from stillframe.flows.waking import wake_due
from stillframe.model.dashboard import Dashboard
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.model.times import time_text
from stillframe.rules import Rule
from stillframe.testing import WebhookReceiver
from tests.databases import target
from tests.flows.room import ANY, Room, board_spec, people_room
from tests.stories.house import furnish, settings_of

__all__ = ["target"]

HIGH = {"value_delta_abs": 10, "on_field": "score"}
NIGHT = {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}


@pytest.fixture
def room(target: str, tmp_path: Path) -> Iterator[Room]:
    """A room of its own, on SQLite and on PostgreSQL."""
    settings = settings_of(tmp_path, target)
    services, clock = furnish(settings)
    yield people_room(settings, services, clock)
    services.close()


def calm(room: Room, rule: Any = ANY, *, at: datetime | None = None, **asked: Any) -> tuple[Dashboard, Subscription]:
    """Return a board with one snapshot, and Alice's persona subscribed with some calm."""
    members = ("baseline", "baseline_snapshot_id", "repeat_interval", "importance", "max_items")
    more = {name: asked.pop(name) for name in members if name in asked}
    board = room.board()
    if at is not None:
        room.clock.set(at - timedelta(minutes=1))
    room.take(board, a=1)
    return board, room.subscribe(board, "alice", rule, calm=asked, **more).subscription


def at(room: Room, hour: int, minute: int = 0, *, day: int = 1, month: int = 2, second: int = 0) -> None:
    """Let the clock stand at a time of 2027, and let the timer do its round."""
    room.clock.set(datetime(2027, month, day, hour, minute, second, tzinfo=UTC))
    wake_due(room.services)


def told(room: Room) -> list[str]:
    """Return what Alice's persona was told, oldest first."""
    found = list_notifications(room.services, room.alice, persona=None, unread_only=False, limit=100)
    return [entry.text for entry in found.items if entry.kind == "mention"][::-1]


def deliveries(room: Room, made: Subscription) -> list[OutboxEntry]:
    """Return what was promised to a subscription, oldest first."""
    page = list_deliveries(
        room.services, room.alice, dashboard_ref=made.dashboard_id, subscription_id=made.id, limit=100, cursor=None
    )
    return page.items[::-1]


def notes(room: Room, made: Subscription, *snapshots: Any) -> list[tuple[str, str]]:
    """Return what is noted of a subscription at some snapshots."""
    with room.services.store.read() as unit:
        ids = [taken.record.id for taken in snapshots]
        return [(note.outcome, note.reason) for note in unit.evaluations.at_snapshots(made.id, ids)]


def test_what_a_cooldown_held_back_is_told_at_its_very_end(room: Room) -> None:
    """One notice with all that changed meanwhile; the end itself is quiet no more, and nothing is told twice."""
    board, made = calm(room, cooldown_seconds=600)
    assert room.dispatch(board, a=2).delivered == 1
    assert room.dispatch(board, a=3).suppressed == 1
    assert room.dispatch(board, a=5).suppressed == 1
    room.clock.move(minutes=7, seconds=59)
    wake_due(room.services)
    assert len(told(room)) == 1
    room.clock.move(seconds=1)
    wake_due(room.services)
    wake_due(room.services)
    assert told(room)[1:] == ["score of a rose 150 % to 5"]
    assert deliveries(room, made)[1].said is not None
    assert (deliveries(room, made)[1].said or {})["held_because"] == "cooldown"


def test_a_change_that_came_back_in_a_quiet_time_is_never_told(room: Room) -> None:
    """It was nothing: the episode ends silently, and the next change opens another one."""
    board, made = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    room.take(board, a=3)
    back = room.take(board, a=2)
    room.clock.move(minutes=30)
    wake_due(room.services)
    assert len(told(room)) == 1
    assert notes(room, made, back) == []
    assert room.dispatch(board, a=3).delivered == 1


def test_a_snapshot_after_the_end_of_a_quiet_time_waits_for_what_was_held_back(room: Room) -> None:
    """Without a timer nothing is lost: what was held back is told first, then the new change."""
    board, made = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    held = room.take(board, a=3)
    room.clock.move(hours=2)
    newest = room.take(board, a=4)
    assert [entry.cause for entry in deliveries(room, made)[1:]] == [held.record.id, newest.record.id]
    assert told(room)[1:] == ["score of a rose 50 % to 3", "score of a rose 33.3 % to 4"]


def test_a_rule_has_to_hold_at_so_many_snapshots_in_a_row(room: Room) -> None:
    """A spike is not told, nor flapping; what stays is told once, with the whole change since it began."""
    board, made = calm(room, HIGH, pending_for=3)
    spike = room.take(board, a=20)
    room.take(board, a=1)
    assert [room.dispatch(board, a=score).suppressed for score in (20, 1, 20)] == [1, 0, 1]
    assert room.dispatch(board, a=21).suppressed == 1
    assert room.dispatch(board, a=22).delivered == 1
    assert room.dispatch(board, a=23).suppressed == 1
    assert notes(room, made, spike) == [("true", "pending")]
    assert told(room) == ["score of a rose 2,100 % to 22"]


def test_the_end_of_what_was_told_is_told_once(room: Room) -> None:
    """And compared with the picture before it began, so that somebody who was away reads what is left of it."""
    board, made = calm(room, HIGH, notify_on_resolve=True)
    begun = room.take(board, a=20)
    assert room.dispatch(board, a=25).suppressed == 1
    assert room.dispatch(board, a=3).delivered == 1
    assert room.dispatch(board, a=3).matched == 0
    assert told(room) == ["score of a rose 1,900 % to 20", "Resolved: score of a rose 200 % to 3"]
    alert, over = deliveries(room, made)
    assert (alert.kind, over.kind) == ("alert", "resolved")
    assert (over.said or {})["told_snapshot_id"] == begun.record.id
    assert room.dispatch(board, a=20).delivered == 1


def test_a_change_that_went_back_whole_is_over_too(room: Room) -> None:
    """Nothing differs from before: that is all there is to say."""
    board, _ = calm(room, HIGH, notify_on_resolve=True)
    room.take(board, a=20)
    assert room.dispatch(board, a=1).delivered == 1
    assert told(room)[1] == "Resolved: as it was before"


def test_nothing_is_told_while_a_subscription_is_snoozed(room: Room) -> None:
    """At the end what is still so is told; a snooze that is taken back ends at once."""
    board, made = calm(room, at=datetime(2027, 2, 1, 10, tzinfo=UTC), snooze_until="2027-02-01T18:00:00Z")
    assert room.dispatch(board, a=2).suppressed == 1
    at(room, 17, 59)
    assert told(room) == []
    change = SubscriptionChange(calm={"snooze_until": None})
    changed = change_subscription(
        room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id, change=change
    )
    assert changed.calm.is_none
    assert told(room) == ["score of a rose 100 % to 2"]
    at(room, 18, 1)
    assert len(told(room)) == 1
    assert room.dispatch(board, a=3).delivered == 1


def test_a_longer_snooze_holds_back_what_a_shorter_one_did(room: Room) -> None:
    """Whoever snoozes again is not told in between."""
    board, made = calm(room, at=datetime(2027, 2, 1, 10, tzinfo=UTC), snooze_until="2027-02-01T12:00:00Z")
    room.take(board, a=2)
    longer = SubscriptionChange(calm={"snooze_until": "2027-02-01T20:00:00Z"})
    change_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id, change=longer)
    at(room, 12)
    assert told(room) == []
    at(room, 20)
    assert len(told(room)) == 1


def test_the_night_is_quiet_until_its_end_in_the_morning(room: Room) -> None:
    """By the clocks of the zone: 22:00 to 07:00 in Berlin is 21:00 to 06:00 UTC in winter."""
    board, made = calm(room, at=datetime(2027, 2, 1, 20, tzinfo=UTC), quiet_hours=NIGHT)
    assert room.dispatch(board, a=2).delivered == 1
    at(room, 21)
    assert room.dispatch(board, a=3).suppressed == 1
    at(room, 5, 59, day=2)
    assert len(told(room)) == 1
    at(room, 6, day=2)
    assert len(told(room)) == 2
    assert (deliveries(room, made)[1].said or {})["held_because"] == "quiet_hours"


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter(room: Room) -> None:
    """On 28 March 2027 seven o'clock in Berlin is 05:00 UTC, not 06:00."""
    board, _ = calm(room, at=datetime(2027, 3, 27, 20, tzinfo=UTC), quiet_hours=NIGHT)
    at(room, 22, day=27, month=3)
    room.take(board, a=2)
    at(room, 4, 59, day=28, month=3)
    assert told(room) == []
    at(room, 5, day=28, month=3)
    assert len(told(room)) == 1


def test_a_timer_that_was_not_there_wakes_nobody_in_the_night(room: Room) -> None:
    """The cooldown ended in the evening, the process came back at night: the morning is early enough."""
    board, _ = calm(room, at=datetime(2027, 2, 1, 19, tzinfo=UTC), quiet_hours=NIGHT, cooldown_seconds=3_600)
    room.take(board, a=2)
    room.take(board, a=3)
    at(room, 23)
    assert len(told(room)) == 1
    at(room, 6, day=2)
    assert len(told(room)) == 2


def test_a_digest_tells_the_net_of_its_span_and_what_came_back(room: Room) -> None:
    """One message at its time; what left and returned cancels, and is said."""
    board, made = calm(room, at=datetime(2027, 2, 1, 9, tzinfo=UTC), digest={"every": "daily", "at": "18:00"})
    for scores in ({"a": 2, "b": 5}, {"a": 3, "b": 5}, {"a": 1, "b": 5}):
        assert room.dispatch(board, **scores).suppressed == 1
    at(room, 17, 59)
    assert told(room) == []
    at(room, 18)
    at(room, 18, 1)
    assert told(room) == ["b is new at 1st; 1 other moved"]
    (sent,) = deliveries(room, made)
    said = sent.said or {}
    assert (sent.kind, said["times"], said["came_back"]) == ("digest", 3, ["score of a"])
    assert said["verdict"]["outcome"] == "true"
    (comment,) = list_comments(room.services, room.alice, artifact_ref=board.id, limit=10).items
    assert "Changed and came back: score of a" in comment.body
    at(room, 18, day=2)
    assert len(told(room)) == 1


def test_a_digest_of_what_all_came_back_is_one_line(room: Room) -> None:
    """Somebody was told to expect a word, so silence would be a riddle."""
    board, made = calm(room, digest="hourly")
    for score in (2, 1):
        room.take(board, a=score)
    room.clock.move(hours=1)
    wake_due(room.services)
    assert told(room) == ["Changed and came back"]
    (sent,) = deliveries(room, made)
    assert (sent.said or {})["came_back"] == ["score of a"]


def test_a_digest_begins_where_the_last_one_ended(room: Room) -> None:
    """Each change is in one of them; a span in which the rule was never true has none."""
    board, made = calm(room, HIGH, at=datetime(2027, 2, 1, 9, 10, tzinfo=UTC), digest="hourly")
    room.take(board, a=20)
    at(room, 10)
    room.take(board, a=21)
    at(room, 11)
    room.take(board, a=40)
    at(room, 12)
    first, second = deliveries(room, made)
    assert second.baseline_snapshot_id == first.cause
    assert told(room) == ["score of a rose 1,900 % to 20", "score of a rose 100 % to 40"]


def test_a_weekly_digest_comes_on_its_day(room: Room) -> None:
    """1 February 2027 is a Monday; Wednesday at eight in New York is 13:00 UTC."""
    digest = {"every": "weekly", "on": "wednesday", "at": "08:00", "zone": "America/New_York"}
    board, _ = calm(room, at=datetime(2027, 2, 1, 9, tzinfo=UTC), digest=digest)
    room.take(board, a=2)
    at(room, 12, 59, day=3)
    assert told(room) == []
    at(room, 13, day=3)
    assert len(told(room)) == 1


def test_a_digest_that_falls_into_the_night_comes_in_the_morning(room: Room) -> None:
    """Quiet hours hold for it too, and a snapshot in between does not put it off by a day."""
    board, _ = calm(
        room, at=datetime(2027, 2, 1, 9, tzinfo=UTC), digest={"every": "daily", "at": "23:00"}, quiet_hours=NIGHT
    )
    room.take(board, a=2)
    at(room, 23)
    room.take(board, a=3)
    at(room, 5, 59, day=2)
    assert told(room) == []
    at(room, 6, day=2)
    assert told(room) == ["score of a rose 200 % to 3"]


def test_a_digest_that_is_snoozed_keeps_its_time(room: Room) -> None:
    """A new snooze that ends before it is due changes nothing of when it comes."""
    board, made = calm(room, at=datetime(2027, 2, 1, 9, tzinfo=UTC), digest={"every": "daily", "at": "18:00"})
    room.take(board, a=2)
    snooze = SubscriptionChange(calm={"snooze_until": "2027-02-01T12:00:00Z"})
    change_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id, change=snooze)
    at(room, 12)
    assert told(room) == []
    at(room, 18)
    assert len(told(room)) == 1


def test_a_pinned_rule_is_told_again_after_its_interval_and_not_while_it_cools_down(room: Room) -> None:
    """The manners go together; the repeat is due at the end of the cooldown, which is before the sixth snapshot."""
    board = room.board()
    first = room.take(board, a=1)
    pinned = {"baseline": "pinned", "baseline_snapshot_id": first.record.id, "repeat_interval": 120}
    room.subscribe(board, "alice", HIGH, calm={"cooldown_seconds": 300}, **pinned)
    heard = []
    for step in range(7):
        room.take(board, a=20 + step)
        heard.append(len(told(room)))
    assert heard == [1, 1, 1, 1, 1, 2, 2]


def test_a_webhook_gets_what_was_held_back_from_a_worker(room: Room, receiver: WebhookReceiver) -> None:
    """What a wake promises is left to whoever drains the outbox, with its reason in the body."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, ANY, calm={"cooldown_seconds": 600}, importance="high")
    room.take(board, a=2)
    room.settle()
    room.take(board, a=3)
    room.clock.move(minutes=20)
    wake_due(room.services)
    deliver_due(room.services, seconds=10)
    _, later = receiver.wait_for(2)
    body = orjson.loads(later.body)
    assert body["alert"] == {"held_because": "cooldown"}
    assert body["reason"]["outcome"] == "true"
    assert body["importance"] == "high"


def test_a_subscription_that_is_gone_wakes_nobody(room: Room) -> None:
    """Removed means silent, whatever was held back."""
    board, made = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    room.take(board, a=3)
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id)
    room.clock.move(hours=1)
    assert wake_due(room.services) == 0
    assert len(told(room)) == 1


def test_a_new_view_spec_ends_what_was_watched(room: Room) -> None:
    """Pictures of two kinds are not compared, so there is nothing left to tell."""
    board, _ = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    room.take(board, a=3)
    spec = board_spec(board.title)
    spec["panels"]["board"]["order"] = "asc"
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
    room.take(board, a=9)
    room.clock.move(hours=1)
    assert wake_due(room.services) == 0
    assert len(told(room)) == 1
    assert room.dispatch(board, a=8).delivered == 1


def test_a_wake_that_is_due_when_the_view_spec_changes_comes_first(room: Room) -> None:
    """Its quiet time was over before the picture became another one."""
    board, _ = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    room.take(board, a=3)
    spec = board_spec(board.title)
    spec["panels"]["board"]["order"] = "asc"
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
    room.clock.move(hours=1)
    room.take(board, a=9)
    assert told(room)[1:] == ["score of a rose 50 % to 3"]


class Interrupted(Rulebook):
    """A rulebook in whose reading something else happens first, once: what another process does in that moment."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act: Callable[[], object] | None = act

    def of(self, rule_id: int, document: Mapping[str, Any]) -> Rule:
        act, self._act = self._act, None
        if act is not None:
            act()
        return super().of(rule_id, document)


def test_what_changes_while_a_wake_is_judged_is_judged_too(room: Room) -> None:
    """Somebody snoozes between the judgement and its promise: then there is no promise."""
    board, made = calm(room, cooldown_seconds=600)
    room.take(board, a=2)
    room.take(board, a=3)
    room.clock.move(hours=1)

    def snooze() -> None:
        until = time_text(room.clock() + timedelta(days=1))
        change = SubscriptionChange(calm={"snooze_until": until})
        change_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id, change=change)

    with ExitStack() as stack:
        services, clock = furnish(room.settings)
        stack.callback(services.close)
        clock.set(room.clock())
        wake_due(replace(services, rulebook=Interrupted(snooze)))
    assert len(told(room)) == 1
    room.clock.move(days=1)
    wake_due(room.services)
    assert len(told(room)) == 2


def test_processes_that_wake_at_once_tell_once(room: Room) -> None:
    """Four of them, each with its own memory, and a snapshot in the middle: every change is told exactly once."""
    board, made = calm(room, cooldown_seconds=600)
    with ExitStack() as stack:
        others: list[Services] = []
        for _ in range(3):
            services, clock = furnish(room.settings)
            stack.callback(services.close)
            others.append(services)
            clock.set(room.clock())
        for step in range(4):
            room.take(board, a=step * 2 + 2)
            room.take(board, a=step * 2 + 3)
            room.clock.move(hours=1)
            _race(room, board, others, score=step)
    causes = [entry.cause for entry in deliveries(room, made)]
    assert len(causes) == len(set(causes)) == len(told(room))
    assert told(room)


def _race(room: Room, board: Dashboard, others: list[Services], *, score: int) -> None:
    barrier = threading.Barrier(len(others) + 1)
    faults: list[BaseException] = []

    def act(services: Services | None) -> None:
        barrier.wait()
        try:
            if services is None:
                room.take(board, a=100 + score)
            else:
                services.clock.set(room.clock())  # type: ignore[attr-defined]  # because the room's clocks stand
                wake_due(services)
        except BaseException as error:  # noqa: BLE001  # because a thread's fault is the test's
            faults.append(error)

    threads = [threading.Thread(target=act, args=(services,)) for services in (*others, None)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
