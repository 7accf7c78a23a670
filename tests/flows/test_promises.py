"""What a capture promises: suppressed, released, told once, all within the caller's transaction."""

from __future__ import annotations

from stillframe.capture import parse_view_spec
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.discussion import list_comments, list_notifications
from stillframe.model.discussion import Notification
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room, board_spec


def inbox(room: Room, kind: str) -> list[Notification]:
    """Return Alice's lines of one kind."""
    found = list_notifications(room.services, room.alice, persona=None, unread_only=False, limit=100)
    return [entry for entry in found.items if entry.kind == kind]


def test_an_alert_is_one_comment_and_one_line_that_lead_to_the_evidence(room: Room) -> None:
    """Both snapshots are named, the reason is in it, and the delivery says it was done."""
    board = room.board()
    first = room.take(board, a=1)
    room.subscribe(board, "alice", ANY)
    second = room.take(board, a=2)
    (comment,) = list_comments(room.services, room.alice, artifact_ref=board.id, limit=10).items
    (line,) = inbox(room, "mention")
    assert (comment.snapshot_a, comment.snapshot_b) == (first.record.id, second.record.id)
    assert (line.comment_id, line.persona, line.snapshot_id) == (comment.id, "alice", second.record.id)
    with room.services.store.read() as unit:
        delivery = unit.outbox.get(comment.delivery_id or "")
    assert delivery is not None
    assert delivery.state == "sent"


def test_the_owner_hears_of_a_new_baseline_only_where_somebody_was_re_based(room: Room) -> None:
    """A changed view spec without subscribers is nobody's news."""
    quiet, heard = room.board("Quiet"), room.board("Heard")
    for board in (quiet, heard):
        room.take(board, a=1)
    room.subscribe(heard, "alice", ANY)
    for board in (quiet, heard):
        spec = board_spec(board.title)
        spec["panels"]["board"]["order"] = "asc"
        replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
        assert room.dispatch(board, a=9).matched == 0
    assert [entry.dashboard_id for entry in inbox(room, "notice")] == [heard.id]


def test_nothing_is_promised_for_a_picture_that_did_not_change(room: Room, receiver: WebhookReceiver) -> None:
    """No delivery, no verdict, no notice."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, receiver, {"NOT": {"set_added_min": 1}})
    taken = room.take(board, a=1)
    assert taken.dispatch.matched == 0
    with room.services.store.read() as unit:
        assert unit.verdicts.get(taken.record.id, taken.record.parent_snapshot_id or "") is None


def test_a_rule_that_cannot_be_judged_tells_its_owner_once(room: Room) -> None:
    """Two subscriptions with it are two lines, ten snapshots are no more."""
    board = room.board()
    room.take(board, a=1)
    rule = {"value_delta_abs": 1, "on_field": "elo"}
    room.subscribe(board, "alice", rule, allow_missing=True)
    room.subscribe(board, "bob", rule, caller=room.root, allow_missing=True)
    for score in range(2, 6):
        assert room.dispatch(board, a=score).matched == 0
    assert ["cannot be judged" in entry.text for entry in inbox(room, "notice")] == [True]
    theirs = list_notifications(room.services, room.root, persona=None, unread_only=False, limit=10).items
    assert ["cannot be judged" in entry.text for entry in theirs] == [True]
