"""In an alert's thread a reply does what it says, for whoever may change the subscription that was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import Conflict, Forbidden, InvalidInput, StillframeError
from stillframe.flows.auditing import list_audit
from stillframe.flows.discussion import list_comments, write_comment
from stillframe.flows.subscriptions import remove_subscription
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Comment
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from tests.flows.room import ANY, Room, request


@dataclass(kw_only=True)
class Thread:
    """A dashboard whose change Alice's persona was told of, and the alert."""

    room: Room
    board: Dashboard
    subscription_id: str
    alert: Comment

    def say(self, body: str, *, who: Caller | None = None, to: Comment | None = None) -> Comment:
        """Reply to the alert, or to a comment below it; as Alice if nobody is named."""
        parent = self.alert if to is None else to
        asked = {"artifact_ref": self.board.id, "body": body, "parent_comment_id": parent.id}
        return write_comment(self.room.services, who or self.room.alice, **asked)

    def comments(self) -> list[Comment]:
        """The whole thread."""
        return list_comments(self.room.services, self.room.root, artifact_ref=self.board.id, limit=100).items

    def subscription(self) -> Subscription:
        """As it is now."""
        with self.room.services.store.read() as unit:
            found = unit.subscriptions.get(self.subscription_id)
        assert found is not None
        return found

    def replied(self) -> list[dict[str, Any]]:
        """What the audit log says of replies, newest first."""
        lines = list_audit(self.room.services, self.room.root, limit=100).items
        return [line.as_dict() for line in lines if line.action == "subscription.reply"]


def told(room: Room, **options: Any) -> Thread:
    """Let Alice's persona be told of a change."""
    board = room.board()
    first = room.take(board, a=1)
    if options.get("baseline") == "pinned":
        options["baseline_snapshot_id"] = first.record.id
    made = room.subscribe(board, "alice", ANY, **options)
    room.take(board, a=2)
    (alert,) = list_comments(room.services, room.alice, artifact_ref=board.id, limit=10).items
    return Thread(room=room, board=board, subscription_id=made.subscription.id, alert=alert)


def test_a_snooze_is_silence_until_it_ends_and_then_the_change_is_told(room: Room) -> None:
    """The thread says until when, and who wanted it; what happened meanwhile is judged at its end."""
    thread = told(room)
    reply = thread.say("/snooze 2h: in a meeting")
    until = room.clock() + timedelta(hours=2)
    assert thread.subscription().calm.snooze_until == until
    asked, answered = thread.comments()[1:]
    assert (asked.id, asked.author, asked.body) == (reply.id, "alice", "/snooze 2h: in a meeting")
    assert (answered.parent_comment_id, answered.author, answered.comment_type) == (reply.id, "stillframe", "answer")
    assert answered.body == "Snoozed until 2026-11-21T14:32:00.000Z, by alice."
    assert room.dispatch(thread.board, a=3).suppressed == 1
    room.clock.set(until)
    assert room.dispatch(thread.board, a=4).delivered == 1


def test_an_acknowledged_change_is_not_told_again_while_it_lasts(room: Room) -> None:
    """A reminder that was asked for stops; when it was over in between, the next one is news."""
    thread = told(room, baseline="pinned", repeat_interval=60)
    assert room.dispatch(thread.board, a=2).delivered == 1
    thread.say("/ack on it")
    assert thread.subscription().acknowledged
    assert [room.dispatch(thread.board, a=2).delivered for _ in range(3)] == [0, 0, 0]
    alert, asked, answered = [entry for entry in thread.comments() if entry.id != thread.comments()[1].id]
    assert (alert.resolved_by, asked.author) == ("alice", "alice")
    assert answered.body == "Acknowledged: not told again before it was over, by alice."
    room.dispatch(thread.board, a=1)
    assert not thread.subscription().acknowledged
    assert room.dispatch(thread.board, a=2).delivered == 1


def test_what_does_not_last_is_acknowledged_for_the_others_to_see(room: Room) -> None:
    """Compared with the snapshot before, each change is over with the next one: there is nothing to hold back."""
    thread = told(room)
    thread.say("/ack")
    assert not thread.subscription().acknowledged
    assert (thread.comments()[0].resolved_by, thread.comments()[-1].body) == ("alice", "Acknowledged, by alice.")
    assert room.dispatch(thread.board, a=3).delivered == 1


def test_an_episode_that_was_told_is_acknowledged_too(room: Room) -> None:
    """One that is watched from its beginning to its end lasts."""
    thread = told(room, calm={"notify_on_resolve": True})
    thread.say("/ack")
    assert thread.subscription().acknowledged


def test_what_is_accepted_is_the_baseline_from_then_on(room: Room) -> None:
    """The snapshot that the alert told of, and not the newest: that is what the subscriber saw."""
    thread = told(room, baseline="last_notified", calm={"notify_on_resolve": True})
    room.take(thread.board, a=3)
    thread.say("/accept")
    now = thread.subscription()
    assert (now.baseline, now.baseline_snapshot_id, now.state) == ("pinned", thread.alert.snapshot_b, "active")
    assert thread.comments()[-1].body == "Accepted: from here on compared with snapshot 2, by alice."
    with room.services.store.read() as unit:
        assert unit.standings.get(now.id).standing.episode is None
    assert room.dispatch(thread.board, a=2).matched == 0
    assert room.dispatch(thread.board, a=4).delivered == 1


def test_accepting_makes_a_paused_subscription_active_and_what_was_acknowledged_news(room: Room) -> None:
    """Whoever pins a baseline wants to hear of what differs from it."""
    thread = told(room, baseline="pinned", repeat_interval=60)
    thread.say("/ack")
    with room.services.store.write() as unit:
        unit.subscriptions.pause([thread.subscription_id], reason="tests", at=room.clock())
    thread.say("/accept")
    now = thread.subscription()
    assert (now.state, now.paused_reason, now.acknowledged, now.holding) == ("active", None, False, False)
    assert room.dispatch(thread.board, a=9).delivered == 1


def test_a_reply_deep_in_the_thread_answers_the_alert_above_it(room: Room) -> None:
    """Also below the product's own answer; what stands under another comment is talk."""
    thread = told(room)
    talk = thread.say("what is this?")
    deep = thread.say("no idea", to=talk)
    thread.say("/snooze 1d", to=deep)
    assert thread.subscription().calm.snooze_until is not None
    asked = write_comment(room.services, room.alice, artifact_ref=thread.board.id, body="/snooze 9d")
    write_comment(room.services, room.alice, artifact_ref=thread.board.id, body="/accept", parent_comment_id=asked.id)
    assert len(thread.replied()) == 1


@pytest.mark.parametrize("body", ["/snooze 2d", "/ack", "/accept"])
def test_only_who_may_change_the_subscription_may_answer_for_it(room: Room, body: str) -> None:
    """Bob reads the thread and is no owner: he is refused, and neither the thread nor the log has a line of it."""
    room.team(alice="editor", bob="editor")
    board = room.board(owner=room.standing("alice"), scope={"group": "team-a"})
    alice, bob = room.standing("alice"), room.standing("bob")
    room.take_as(alice, board, request(a=1))
    made = room.subscribe(board, "alice", ANY, caller=alice)
    room.clock.move(minutes=1)
    room.take_as(alice, board, request(a=2))
    (alert,) = list_comments(room.services, bob, artifact_ref=board.id, limit=10).items
    thread = Thread(room=room, board=board, subscription_id=made.subscription.id, alert=alert)
    before = thread.subscription()
    with pytest.raises(Forbidden):
        thread.say(body, who=bob)
    assert thread.subscription() == before
    assert (thread.comments(), thread.replied()) == ([alert], [])
    thread.say(body, who=room.root)
    (line,) = thread.replied()
    assert (line["actor"], line["object"]) == (room.root.name, f"subscription:{made.subscription.id}")
    assert line["detail"]["comment_id"] == thread.comments()[1].id


@pytest.mark.parametrize(
    ("body", "error"), [("/snoze 1d", InvalidInput), ("/snooze 900d", InvalidInput), ("/snooze", InvalidInput)]
)
def test_a_command_that_is_none_leaves_no_comment(room: Room, body: str, error: type[StillframeError]) -> None:
    """Its writer learns what was wrong instead of believing that it was done."""
    thread = told(room)
    with pytest.raises(error):
        thread.say(body)
    assert thread.comments() == [thread.alert]


def test_a_removed_subscription_has_nothing_to_answer(room: Room) -> None:
    """The alert stays in the thread; what it was told for is gone."""
    thread = told(room)
    remove_subscription(
        room.services, room.alice, dashboard_ref=thread.board.id, subscription_id=thread.subscription_id
    )
    with pytest.raises(Conflict, match="was removed"):
        thread.say("/ack")
    assert thread.comments() == [thread.alert]
    thread.say("thanks all the same")
