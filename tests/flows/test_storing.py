"""Storing: one transaction, compared with its true predecessor, and an answer of no more than the caller sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from stillframe.capture import captured_from
from stillframe.errors import InvalidInput
from stillframe.flows.idempotency import KeptAnswer, Receipt, begin
from stillframe.flows.projects import change_project
from stillframe.flows.scopes import take_scope_snapshot
from stillframe.flows.storing import LONGEST_REASON, Draft, Picture, SnapshotRequest, check_request, store, tell
from stillframe.health import project_payload
from stillframe.model.dashboard import Dashboard
from stillframe.model.scope import Scope
from stillframe.model.snapshot import Snapshot
from stillframe.store import Unit
from tests.flows.room import Room
from tests.flows.scoped import refresh, score, settle_in, take


def picture_of(health: float, **said: Any) -> Picture:
    """Return the picture of a project with this health."""
    payload = project_payload({"health": {"score": health, "measures": []}})
    plain = {"captured": captured_from(payload), "status": "good", "view_spec_hash": "ab" * 32}
    return Picture(**plain | said)


def draft(room: Room, board: Dashboard, picture: Any, **said: Any) -> Draft:
    """Return a draft that the administrator wants to store."""
    plain = {
        "dashboard": board,
        "picture": picture,
        "top_n": None,
        "caller": room.root,
        "request": SnapshotRequest(),
        "snapshot_id": room.services.new_id(),
    }
    return Draft(**plain | said)


@pytest.mark.parametrize("moves", [0, 1, 2, 3])
def test_every_snapshot_is_compared_with_its_true_predecessor(room: Room, moves: int) -> None:
    """However often somebody else comes first, the picture is asked again for the head that it follows."""
    board = room.board()
    asked: list[str | None] = []

    def picture(unit: Unit, previous: Snapshot | None) -> Picture:
        asked.append(None if previous is None else previous.record.id)
        if len(asked) <= moves:
            store(room.services, draft(room, board, lambda *_: picture_of(len(asked))))
        return picture_of(50)

    stored = store(room.services, draft(room, board, picture))
    assert len(asked) == moves + 1
    assert stored.record.sequence == moves + 1
    assert stored.record.parent_snapshot_id == asked[-1]
    assert (stored.summary is None) is (moves == 0)


def test_what_cannot_be_pictured_is_not_stored(room: Room) -> None:
    """An error of the picture leaves nothing, and the next one is the first."""
    board = room.board()

    def refused(*_: Any) -> Picture:
        raise InvalidInput.at("$.summaries", "no")

    with pytest.raises(InvalidInput):
        store(room.services, draft(room, board, refused))
    assert store(room.services, draft(room, board, lambda *_: picture_of(1))).record.sequence == 1


def test_what_the_caller_says_goes_before_what_the_picture_says(room: Room) -> None:
    """`analyzer_version` and `rule_version` are the caller's text where there is one."""
    board = room.board()
    picture = picture_of(1, analyzer_version="tool 1", rule_version="rules 1")
    said = SnapshotRequest(rule_version="mine")
    record = store(room.services, draft(room, board, lambda *_: picture, request=said)).record
    assert (record.analyzer_version, record.rule_version) == ("tool 1", "mine")


def test_a_timestamp_is_never_before_the_heads_and_data_may_be_late(room: Room) -> None:
    """A clock set back dates the next snapshot like the last one; older data is marked, and moves no head."""
    board = room.board()
    first = store(room.services, draft(room, board, lambda *_: picture_of(1))).record
    room.clock.move(hours=-1)
    second = store(room.services, draft(room, board, lambda *_: picture_of(2))).record
    assert (second.timestamp, second.late) == (first.timestamp, False)
    said = SnapshotRequest(as_of=first.as_of - timedelta(days=1))
    late = store(room.services, draft(room, board, lambda *_: picture_of(3), request=said)).record
    assert (late.late, late.parent_snapshot_id) == (True, second.id)
    with room.services.store.read() as unit:
        head = unit.heads.get(board.id)
    assert (head.head_snapshot_id, head.last_snapshot_id) == (second.id, late.id)


@pytest.mark.parametrize("name", ["reason", "source_ref", "analyzer_version", "rule_version"])
def test_a_text_has_an_end(room: Room, name: str) -> None:
    """The longest is taken, one more letter is refused by name."""
    check_request(room.services, SnapshotRequest(**{name: "x" * LONGEST_REASON}))
    with pytest.raises(InvalidInput) as refused:
        check_request(room.services, SnapshotRequest(**{name: "x" * (LONGEST_REASON + 1)}))
    assert [fault.path for fault in refused.value.faults] == [f"$.{name}"]


def test_no_data_is_of_the_future_and_no_class_is_made_up(room: Room) -> None:
    """The present moment is the latest; the nearest class is named."""
    check_request(room.services, SnapshotRequest(as_of=room.clock(), retention_class="release"))
    for said, path in (
        (SnapshotRequest(as_of=room.clock() + timedelta(milliseconds=1)), "$.as_of"),
        (SnapshotRequest(retention_class="relese"), "$.retention_class"),
    ):
        with pytest.raises(InvalidInput) as refused:
            check_request(room.services, said)
        assert [fault.path for fault in refused.value.faults] == [path]


def test_what_changed_is_told_as_far_as_the_caller_sees_it(room: Room) -> None:
    """A project that left the group is no removal to somebody who may not see it any more."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a", who=room.alice)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    refresh(room)
    taken = take(room, "group", "team-a", who=room.alice)
    assert taken.diff_summary is not None
    assert taken.diff_summary["is_empty"] is True
    again = take(room, "group", "team-a")
    assert again.diff_summary is not None
    with room.services.store.read() as unit:
        assert unit.snapshots.record(taken.record.id) is not None
    assert "a/b" not in str(taken.as_dict())


def test_the_answer_to_a_key_is_kept_with_the_snapshot(room: Room) -> None:
    """The same key answers the same, word for word, and takes no second snapshot."""
    settle_in(room)
    asked: dict[str, Any] = {"route": "POST /snapshots", "key": "k-1", "body": b"{}"}
    receipt = begin(room.services, room.alice, **asked)
    assert isinstance(receipt, Receipt)
    scope = Scope(kind="portfolio", name="alice")
    taken = take_scope_snapshot(room.services, room.alice, scope=scope, request=SnapshotRequest(), receipt=receipt)
    kept = begin(room.services, room.alice, **asked)
    assert isinstance(kept, KeptAnswer)
    assert kept.status == 201
    assert kept.document == orjson.loads(orjson.dumps(taken.as_dict()))


def test_nothing_is_told_before_it_is_stored(room: Room) -> None:
    """Telling takes what was committed, and answers with how many were told."""
    board = room.board()
    stored = store(room.services, draft(room, board, lambda *_: picture_of(1)))
    assert stored.committed_at > 0
    told = tell(room.services, stored, wait_for_sends=True)
    assert (told.record, told.dispatch.matched) == (stored.record, 0)
    assert told.as_dict()["redacted"] is False
    assert replace(told, diff_summary={}).as_dict()["diff_summary"] == {}
