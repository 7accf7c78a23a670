"""One diff for each distinct baseline, each rule judged once, and silence decided before any rule is asked."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from stillframe.flows.judging import Judgement, is_new_baseline, judge
from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot
from tests.flows.room import ANY, Room


def two(room: Room) -> tuple[Snapshot, Snapshot]:
    """Take two snapshots, the first subscribed against in every way, and return them."""
    board = room.board()
    taken = [room.take(board, a=1)]
    for baseline in ("previous", "last_notified", "pinned"):
        pin = {"baseline_snapshot_id": taken[0].record.id} if baseline == "pinned" else {}
        rule = {"value_delta_abs": 2 - len(baseline) / 100, "on_field": "score"}
        room.subscribe(board, "alice", rule, baseline=baseline, **pin)
    taken.append(room.take(board, a=2))
    with room.services.store.read() as unit:
        first, second = (unit.snapshots.get(found.record.id) for found in taken)
    assert first is not None
    assert second is not None
    return first, second


def later(second: Snapshot, *, score: float, **members: Any) -> Snapshot:
    """Return a capture that follows."""
    document = deepcopy(second.payload.as_dict())
    document["materialized_data"]["board"]["rows"][0]["score"] = score
    record = replace(second.record, **{"id": "later", "content_hash": f"of {score}"} | members)
    return Snapshot(record=record, payload=Payload.from_dict(document))


def judged(room: Room, previous: Snapshot | None, candidate: Snapshot) -> Judgement:
    """Judge a capture as it would be after `previous`."""
    with room.services.store.read() as unit:
        head = unit.heads.get(candidate.record.dashboard_id)
        return judge(room.services, unit, head=head, previous=previous, candidate=candidate, top_n=10)


def test_each_distinct_baseline_is_compared_once(room: Room) -> None:
    """Three subscriptions against two snapshots are two diffs, and every group has its outcome."""
    first, second = two(room)
    found = judged(room, second, later(second, score=3))
    assert found.comparisons.keys() == {first.record.id, second.record.id}
    outcomes = {group.baseline: outcome for group, outcome in found.judged}
    assert outcomes == {"previous": "false", "last_notified": "true", "pinned": "true"}
    against_first = found.comparisons[first.record.id]
    assert [(delta.old, delta.new) for delta in against_first.diff.table.row_value_deltas] == [(1, 3)]
    against_second = found.comparisons[second.record.id]
    assert against_first.verdicts.keys() == against_first.packed().keys()
    assert (list(against_second.verdicts), list(against_second.packed().values())) == ([], ["false"])


def test_a_baseline_that_shows_the_same_is_left_out(room: Room) -> None:
    """An empty diff makes every rule false before any is asked."""
    first, second = two(room)
    found = judged(room, second, later(second, score=1, content_hash=first.record.content_hash))
    assert found.comparisons.keys() == {second.record.id}
    assert {outcome for _, outcome in found.judged} == {"false"}


def test_a_first_an_empty_and_a_late_capture_are_judged_for_nobody(room: Room) -> None:
    """A beginning is a baseline; what is empty or late is evidence."""
    _, second = two(room)
    begun = judged(room, None, later(second, score=9))
    assert (begun.rebased, begun.silent, begun.comparisons) == (True, False, {})
    for members in ({"late": True}, {"capture_status": "empty"}):
        silent = judged(room, second, later(second, score=9, **members))
        assert (silent.rebased, silent.silent, silent.comparisons) == (False, True, {})


def test_a_changed_spec_formula_or_key_is_another_picture(room: Room) -> None:
    """Two pictures that were made differently are not compared for subscribers."""
    first, second = two(room)
    assert not is_new_baseline(first, second)
    for changed in ({"view_spec_hash": "x"}, {"formula_digest": "x"}):
        assert is_new_baseline(first, later(second, score=1, **changed))
    document = deepcopy(second.payload.as_dict())
    table = document["materialized_data"]["board"]
    table["columns"], table["key"] = [*table["columns"], "name"], "name"
    for row in table["rows"]:
        row["name"] = row["id"]
    assert is_new_baseline(first, Snapshot(record=second.record, payload=Payload.from_dict(document)))


def test_the_outcome_is_unknown_when_nothing_is_there_to_judge(room: Room) -> None:
    """Unknown is kept as unknown: neither told nor taken for false."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", {"NOT": {"value_delta_abs": 1, "on_field": "elo"}}, allow_missing=True)
    room.subscribe(board, "alice", ANY)
    assert room.dispatch(board, a=2).matched == 1


def test_who_asks_for_calm_is_judged_with_everybody_else(room: Room) -> None:
    """On the same diff and by the same rule once; an episode is compared with where it began."""
    board = room.board()
    first = room.take(board, a=1)
    high = {"value_delta_abs": 10, "on_field": "score"}
    plain = room.subscribe(board, "alice", high).subscription
    calm = room.subscribe(board, "alice", ANY, calm={"pending_for": 3}).subscription
    second = room.take(board, a=20)
    with room.services.store.read() as unit:
        head = unit.snapshots.get(second.record.id)
    assert head is not None
    found = judged(room, head, later(head, score=21))
    assert [group.rule_id for group in found.groups] == [plain.rule_id]
    assert [(one.id, outcome) for one, outcome in found.judged_calm] == [(calm.id, "true")]
    assert found.comparisons.keys() == {first.record.id, second.record.id}
    assert found.comparisons[second.record.id].outcomes == {plain.rule_id: "false"}
    back = judged(room, head, later(head, score=1))
    assert back.unchanged.keys() == {first.record.id}
    assert [outcome for _, outcome in back.judged_calm] == ["false"]


def test_a_quiet_time_that_ends_before_a_capture_is_due(room: Room) -> None:
    """At its very end; until then there is nothing to tell first."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", ANY, calm={"cooldown_seconds": 600})
    told, held = room.take(board, a=2), room.take(board, a=3)
    with room.services.store.read() as unit:
        head = unit.snapshots.get(held.record.id)
    assert head is not None
    end = told.record.timestamp + timedelta(seconds=600)
    soon = judged(room, head, later(head, score=4, timestamp=end - timedelta(milliseconds=1)))
    assert (soon.is_due, judged(room, head, later(head, score=4, timestamp=end)).is_due) == (False, True)
