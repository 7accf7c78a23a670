"""Cleanup: what has had its time goes, what must be kept stays, and nothing that stays is ever unreadable."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stillframe.errors import Conflict, Forbidden
from stillframe.flows.cleanup import LEASE_NAME, clean_by_itself, cleanup
from stillframe.flows.history import accept_snapshot
from stillframe.flows.subscriptions import SubscriptionChange, change_subscription
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Store
from stillframe.store.inspection import inspected
from stillframe.testing import Hang, WebhookReceiver
from tests.databases import target
from tests.flows.room import ANY, Room
from tests.flows.upkeep import DAYS, ageing_room, clean, grow_old, rows, standing, stands, take

__all__ = ["target"]


@pytest.fixture
def room(tmp_path: Path, target: str) -> Iterator[Room]:
    """A room on SQLite, and then on PostgreSQL."""
    with ageing_room(tmp_path, target, retention={"brief": 1, "audit": "forever"}) as found:
        yield found


def sound(target: str) -> None:
    """Let the doctor look: nothing is broken."""
    assert [found.message for found in inspected(target) if found.level == "broken"] == []


def test_old_payloads_go_and_the_newest_and_every_record_stay(room: Room, target: str) -> None:
    """A record is for ever, its payload as long as its class says; what a dashboard shows now is never old."""
    board = room.board()
    taken = [take(room, board, score) for score in range(1, 6)]
    grow_old(room)
    report = clean(room)
    assert standing(room, taken) == [5]
    assert (report.payloads_removed, report.payloads_kept) == (4, 1)
    assert report.as_dict()["classes"]["standard"]["removed"] == 4
    assert report.as_dict()["classes"]["standard"]["kept"] == {"newest": 1}
    assert report.bytes_freed > 0
    with room.services.store.read() as unit:
        assert [found.sequence for found in unit.snapshots.list(board.id, limit=9).items] == [5, 4, 3, 2, 1]
        assert [point.value for point in unit.series.values(board.id, "total")] == [1, 2, 3, 4, 5]
    sound(target)


def test_a_dry_run_says_the_same_and_changes_nothing(room: Room, target: str) -> None:
    """Whoever asks first gets the counts that the cleanup then has."""
    board = room.board()
    taken = [take(room, board, score) for score in range(1, 9)]
    grow_old(room)
    taken += [take(room, board, score) for score in range(9, 12)]
    before = rows(target, "SELECT chain,depth,content FROM payloads ORDER BY content")
    planned = clean(room, dry_run=True).as_dict()
    assert standing(room, taken) == list(range(1, 12))
    assert rows(target, "SELECT chain,depth,content FROM payloads ORDER BY content") == before
    done = clean(room).as_dict()
    assert planned | {"dry_run": False} == done
    assert (done["payloads_removed"], done["payloads_recoded"]) == (8, 3)


def test_what_stays_of_a_chain_is_encoded_anew_and_captures_go_on_upon_it(room: Room, target: str) -> None:
    """Deltas whose base goes get another one; the next frame stands on the end of the new chain."""
    board = room.board()
    taken = [take(room, board, score) for score in range(1, 6)]
    grow_old(room, days=60)
    taken += [take(room, board, score) for score in range(6, 9)]
    grow_old(room, days=60)
    clean(room)
    assert standing(room, taken) == [6, 7, 8]
    taken += [take(room, board, score) for score in range(9, 12)]
    assert standing(room, taken) == [6, 7, 8, 9, 10, 11]
    found = rows(target, "SELECT chain,min(depth),max(depth),count(*) FROM payloads GROUP BY chain")
    assert [row[1:] for row in found] == [(0, 5, 6)]
    sound(target)


def test_a_second_store_goes_on_after_a_cleanup_that_it_did_not_make(room: Room, target: str) -> None:
    """What another process remembers of a chain's end never reaches a chain that is gone."""
    board = room.board()
    other = replace(room, services=replace(room.services, store=Store.open(target, create=False)))
    taken = [take(other, board, score) for score in (1, 2, 3)]
    grow_old(room)
    clean(room)
    taken += [take(other, board, score) for score in (4, 2, 5)]
    assert standing(room, taken) == [2, 3, 4, 5, 6]
    other.services.store.close()
    sound(target)


def test_the_end_of_a_chain_may_go_while_the_head_shows_something_older(room: Room, target: str) -> None:
    """A, B, A: the newest content is B's, the head is A; when B goes, the next capture does not build on it."""
    board = room.board()
    taken = [take(room, board, score) for score in (1, 2, 1)]
    grow_old(room)
    clean(room)
    assert standing(room, taken) == [1, 3]
    taken += [take(room, board, 3)]
    assert standing(room, taken) == [1, 3, 4]
    sound(target)


def test_a_content_goes_only_when_no_snapshot_must_keep_it(room: Room) -> None:
    """The same picture, old on one dashboard and young on another, is stored once and stays."""
    here, there = room.board("Here"), room.board("There")
    old = [take(room, here, score) for score in (1, 2, 3)]
    grow_old(room)
    young = take(room, there, 1)
    assert young.content_hash == old[0].content_hash
    report = clean(room)
    assert [found.sequence for found in old if stands(room.services, room, found)] == [1, 3]
    assert report.as_dict()["classes"]["standard"]["kept"] == {"newest": 2, "shared": 1}


@pytest.mark.parametrize("said", [{"immutable": True}, {"retention_class": "release"}, {"retention_class": "audit"}])
def test_what_is_immutable_or_of_a_class_without_an_age_stays(room: Room, said: dict[str, Any], target: str) -> None:
    """In the middle of a chain of which all others go."""
    board = room.board()
    taken = [take(room, board, score, **(said if score == 3 else {})) for score in range(1, 6)]
    grow_old(room, days=4_000)
    clean(room)
    assert standing(room, taken) == [3, 5]
    sound(target)


@pytest.mark.parametrize("trigger", ["release_gate_pre", "release_gate_post"])
def test_release_evidence_stays_whatever_its_class(room: Room, trigger: Any) -> None:
    """What a gate looked at is kept, also under a class that ends after a day."""
    board = room.board()
    taken = [
        take(room, board, score, retention_class="brief", **({"trigger_source": trigger} if score == 1 else {}))
        for score in (1, 2, 3)
    ]
    grow_old(room, days=30)
    report = clean(room).as_dict()
    assert standing(room, taken) == [1, 3]
    assert report["classes"]["brief"]["kept"] == {"release": 1, "newest": 1}


def test_each_class_has_its_own_age(room: Room) -> None:
    """A day for one, ninety for another, to the millisecond of the record's timestamp."""
    board = room.board()
    brief, plain = take(room, board, 1, retention_class="brief"), take(room, board, 2)
    last = take(room, board, 3)
    room.clock.set(brief.timestamp + timedelta(days=1))
    clean(room)
    assert standing(room, [brief, plain, last]) == [1, 2, 3]
    room.clock.move(seconds=0.001)
    clean(room)
    assert standing(room, [brief, plain, last]) == [2, 3]


def test_the_baselines_of_subscriptions_stay_also_of_paused_ones(room: Room) -> None:
    """Pinned, last notified, and the head that `previous` means: a rule must be judged tomorrow as it was yesterday."""
    board = room.board()
    first = take(room, board, 1)
    pinned = take(room, board, 2)
    paused = take(room, board, 3)
    told = take(room, board, 4)
    room.subscribe(board, "alice", {"set_added_min": 50}, baseline="pinned", baseline_snapshot_id=pinned.id)
    made = room.subscribe(board, "alice", {"set_added_min": 51}, baseline="pinned", baseline_snapshot_id=paused.id)
    room.subscribe(board, "alice", {"set_added_min": 52}, baseline="last_notified")
    with room.services.store.write() as unit:
        unit.subscriptions.pause([made.subscription.id], reason="for a test", at=room.clock())
    gone, last = take(room, board, 5), take(room, board, 6)
    grow_old(room)
    report = clean(room).as_dict()
    assert standing(room, [first, pinned, paused, told, gone, last]) == [2, 3, 4, 6]
    assert report["classes"]["standard"]["kept"] == {"newest": 1, "baseline": 3}


def test_a_removed_subscription_keeps_nothing(room: Room) -> None:
    """Its history stays, and what it was compared with may go."""
    board = room.board()
    taken = [take(room, board, score) for score in (1, 2)]
    made = room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=taken[0].id)
    with room.services.store.write() as unit:
        unit.subscriptions.remove(made.subscription.id, at=room.clock())
    grow_old(room)
    clean(room)
    assert standing(room, taken) == [2]


def test_what_a_pending_delivery_names_stays(room: Room) -> None:
    """Its cause and its baseline, until it has ended."""
    board = room.board()
    with WebhookReceiver(Hang()) as receiver:
        taken = [take(room, board, 1)]
        room.subscribe(board, receiver, ANY)
        room.services.notifier.close(timeout_seconds=1)
        taken.append(take(room, board, 2))
        with room.services.store.read() as unit:
            assert unit.outbox.pending_count() == 1
        taken += [_untold(room, board, score) for score in (3, 4, 5)]
        grow_old(room)
        report = clean(room).as_dict()
        assert standing(room, taken) == [1, 2, 5]
        assert report["classes"]["standard"]["kept"] == {"newest": 1, "pending": 2}


def _untold(room: Room, board: Any, score: float) -> SnapshotRecord:
    """Take a snapshot that nobody is told of: its subscriptions are paused for a moment."""
    return take(room, board, score, as_of=datetime(2000, 1, 1, tzinfo=UTC)) if score < 5 else take(room, board, 2)


def test_the_last_snapshot_stays_although_it_is_not_the_head(room: Room) -> None:
    """An empty capture that waits for being accepted can still be accepted after its time."""
    board = room.board()
    taken = [take(room, board, 1), take(room, board, 2)]
    room.clock.move(minutes=1)
    empty = room.take(board, total=7).record
    assert empty.capture_status == "empty"
    grow_old(room)
    clean(room)
    assert standing(room, [*taken, empty]) == [2, 3]
    assert accept_snapshot(room.services, room.alice, snapshot_id=empty.id).id == empty.id
    grow_old(room)
    clean(room)
    assert standing(room, [*taken, empty]) == [3]


def test_an_expired_picture_that_is_seen_again_is_readable_again(room: Room, target: str) -> None:
    """Its content has its key and its hash already; only the bytes come back."""
    board = room.board()
    taken = [take(room, board, score) for score in (1, 2)]
    grow_old(room)
    clean(room)
    assert standing(room, taken) == [2]
    taken.append(take(room, board, 1))
    assert standing(room, taken) == [1, 2, 3]
    sound(target)


def test_survivors_are_encoded_anew_as_often_as_it_takes(room: Room, target: str) -> None:
    """Day by day another one goes, and the chain is always whole."""
    board = room.board()
    taken = []
    for score in range(1, 8):
        taken.append(take(room, board, score, immutable=score == 4))
        grow_old(room, days=30)
    for _ in range(5):
        clean(room)
        horizon = room.clock() - timedelta(days=DAYS)
        assert standing(room, taken) == [
            found.sequence for found in taken if found.timestamp >= horizon or found.sequence in (4, 7)
        ]
        sound(target)
        grow_old(room, days=30)
    assert standing(room, taken) == [4, 7]


def test_captures_and_a_cleanup_at_once_lose_nothing(room: Room, target: str) -> None:
    """While one process cleans up, others take snapshots on the same chains; every one of them is readable."""
    boards = [room.board(f"Board {number}") for number in range(3)]
    old = [take(room, board, score) for score in range(1, 30) for board in boards]
    grow_old(room)
    others = [replace(room, services=replace(room.services, store=Store.open(target, create=False))) for _ in boards]
    taken: list[SnapshotRecord] = []
    ended = threading.Event()

    def capture(mine: Room, board: Any) -> None:
        score = 100.0
        while not ended.is_set() and score < 160:
            score += 1
            taken.append(take(mine, board, score if score % 9 else score % 20))

    threads = [threading.Thread(target=capture, args=(mine, board)) for mine, board in zip(others, boards, strict=True)]
    for thread in threads:
        thread.start()
    try:
        reports = [clean(room) for _ in range(3)]
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        for mine in others:
            mine.services.store.close()
    assert sum(report.payloads_removed for report in reports) > 0
    assert all(stands(room.services, room, record) for record in taken)
    final = clean(room)
    assert final.left_for_next_time == 0
    assert all(stands(room.services, room, record) for record in taken)
    young = {record.content_hash for record in taken}
    assert not any(stands(room.services, room, found) for found in old if found.content_hash not in young)
    sound(target)


def test_a_baseline_that_is_pinned_meanwhile_is_not_removed(room: Room) -> None:
    """What was planned before somebody pinned it is planned again."""
    board = room.board()
    taken = [take(room, board, score) for score in (1, 2, 3)]
    grow_old(room)
    with room.services.store.read() as unit:
        seen = unit.cleanup.standing()
    made = room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=taken[0].id)
    with room.services.store.read() as unit:
        assert unit.cleanup.standing().versions != seen.versions
    clean(room)
    assert standing(room, taken) == [1, 3]
    change_subscription(
        room.services,
        room.alice,
        dashboard_ref=board.id,
        subscription_id=made.subscription.id,
        change=SubscriptionChange(baseline="previous"),
    )
    clean(room)
    assert standing(room, taken) == [3]


def test_two_cleanups_do_not_fight(room: Room) -> None:
    """One holds the lease; the other says so, and by itself it only waits for the next time."""
    with room.services.store.write() as unit:
        token = unit.leases.acquire(LEASE_NAME, "somebody else", room.clock(), seconds=60)
    with pytest.raises(Conflict, match="another cleanup"):
        clean(room)
    assert clean_by_itself(room.services, now=room.clock()) is None
    assert clean(room, dry_run=True).dry_run
    with room.services.store.write() as unit:
        unit.leases.release(LEASE_NAME, token or 0)
    assert clean(room).payloads_removed == 0


def test_only_administrators_clean_up(room: Room) -> None:
    """A dashboard's owner does not decide for everybody's evidence."""
    with pytest.raises(Forbidden):
        cleanup(room.services, room.alice)


def test_a_cleanup_is_in_the_audit_log(room: Room) -> None:
    """Who removed what from the evidence store, and when."""
    board = room.board()
    _ = [take(room, board, score) for score in (1, 2)]
    grow_old(room)
    clean(room)
    take(room, board, 3)
    grow_old(room)
    clean_by_itself(room.services, now=room.clock())
    clean_by_itself(room.services, now=room.clock())
    with room.services.store.read() as unit:
        lines = [found for found in unit.audit.list(limit=50).items if found.action == "retention.clean"]
    assert [(line.actor, line.detail["payloads_removed"]) for line in lines] == [("stillframe", 1), (room.root.name, 1)]


def test_a_cleanup_that_is_told_to_stop_leaves_the_rest_for_the_next(room: Room) -> None:
    """A server that shuts down waits for one transaction, not for a year of payloads."""
    board = room.board()
    taken = [take(room, board, score) for score in (1, 2, 3)]
    grow_old(room)
    stopped = clean_by_itself(room.services, now=room.clock(), stopped=lambda: True)
    assert stopped is not None
    assert stopped.payloads_removed == 0
    assert standing(room, taken) == [1, 2, 3]
    later = clean_by_itself(room.services, now=room.clock())
    assert later is not None
    assert later.payloads_removed == 2
