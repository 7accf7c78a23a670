"""A link does one thing, for one subscription, and only when somebody acts on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from itsdangerous import URLSafeSerializer

from stillframe.errors import NotFound
from stillframe.flows.auditing import list_audit
from stillframe.flows.signed_links import Question, act, asked, confirm_link, unsubscribe_link
from stillframe.flows.subscriptions import SubscriptionRequest, remove_subscription, subscribe
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from tests.flows.room import ANY, Room

ANA = "ana@example.org"


def by_mail(room: Room, board: Dashboard, *, caller: Caller | None = None, **more: str) -> Subscription:
    request = SubscriptionRequest(subscriber_kind="email", subscriber_id=ANA, threshold=ANY, **more)  # type: ignore[arg-type]  # because the tests give texts only
    return subscribe(room.services, caller or room.alice, dashboard_ref=board.id, request=request).subscription


def stop(room: Room, made: Subscription) -> str:
    return unsubscribe_link(room.services, made.id).removeprefix("/u/")


def agree(room: Room, made: Subscription) -> str:
    return confirm_link(room.services, made.id, asked_at=made.created_at).removeprefix("/u/")


def state(room: Room, made: Subscription) -> str:
    with room.services.store.read() as unit:
        found = unit.subscriptions.get(made.id)
    assert found is not None
    return found.state


def test_asking_changes_nothing_and_acting_does_it_once(room: Room) -> None:
    """Programs that open links before people do must not answer for them."""
    board = room.board("Carrier punctuality")
    made = by_mail(room, board)
    question = Question(purpose="confirm", dashboard_title="Carrier punctuality", address=ANA, done=False)
    assert asked(room.services, agree(room, made)) == question
    assert state(room, made) == "unconfirmed"
    for _ in range(2):
        assert act(room.services, agree(room, made)) == replace(question, done=True)
    assert state(room, made) == "active"
    assert not asked(room.services, stop(room, made)).done
    for _ in range(2):
        assert act(room.services, stop(room, made)).done
    assert state(room, made) == "removed"
    actions = [entry.action for entry in list_audit(room.services, room.root, limit=20).items]
    assert actions.count("subscription.confirm") == actions.count("subscription.unsubscribe") == 1


def test_the_log_knows_by_which_way_and_not_by_whom(room: Room) -> None:
    """Nobody proved who they are; that somebody had the link is all that is known."""
    made = by_mail(room, room.board(), caller=room.root)
    act(room.services, stop(room, made))
    entry = list_audit(room.services, room.root, limit=1).items[0]
    assert (entry.actor, entry.actor_id, entry.object) == ("anonymous", None, f"subscription:{made.id}")
    assert ANA not in str(entry.as_dict())


def test_a_link_that_is_not_ours_opens_nothing(room: Room) -> None:
    """Changed by a letter, cut, signed with another key, made for something else: the same answer to each."""
    made = by_mail(room, room.board())
    good = stop(room, made)
    other = replace(room.services, receiver_key=b"k" * 32)
    forged = URLSafeSerializer("guess", salt="stillframe.signed-links").dumps(["unsubscribe", made.id])
    wrong = [
        "", "x", good[:-1], good + "a", good.swapcase(), f"{good}.{good}", forged, unsubscribe_link(other, made.id)[3:],
        unsubscribe_link(room.services, "no-subscription")[3:],
    ]  # fmt: skip
    for signed in wrong:
        for flow in (asked, act):
            with pytest.raises(NotFound, match="not good"):
                flow(room.services, signed)
    assert state(room, made) == "unconfirmed"


def test_an_invitation_ends_after_seven_days_and_a_way_out_never(room: Room) -> None:
    """Somebody may find the mail a year later, and still wants no more of it."""
    made = by_mail(room, room.board())
    way_out, invitation = stop(room, made), agree(room, made)
    room.clock.move(days=6, hours=23)
    assert not asked(room.services, invitation).done
    room.clock.move(hours=2)
    with pytest.raises(NotFound):
        act(room.services, invitation)
    room.clock.move(days=365)
    assert act(room.services, way_out).done


def test_a_removed_subscription_cannot_be_confirmed(room: Room) -> None:
    """Its owner changed their mind before the address answered."""
    board = room.board()
    made = by_mail(room, board)
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id)
    for flow in (asked, act):
        with pytest.raises(NotFound):
            flow(room.services, agree(room, made))
    assert asked(room.services, stop(room, made)).done


def test_what_changed_before_it_agreed_is_not_told_after(room: Room) -> None:
    """Against the last notice it begins from the picture that was there when it agreed."""
    board = room.board()
    room.take(board, a=1)
    made = by_mail(room, board, baseline="last_notified")
    newest = room.take(board, a=50)
    act(room.services, agree(room, made))
    with room.services.store.read() as unit:
        found = unit.subscriptions.get(made.id)
    assert found is not None
    assert found.baseline_snapshot_id == newest.record.id
    assert room.dispatch(board, a=50).matched == 0
    assert room.dispatch(board, a=51).matched == 1


def test_a_link_is_the_same_each_time_and_bears_the_public_address(room: Room) -> None:
    """A second try of a mail must be the first one again."""
    made = by_mail(room, room.board())
    assert stop(room, made) == stop(room, made)
    assert agree(room, made) == agree(room, made)
    limits = replace(room.services.limits, public_url="https://frames.example.org")
    services = replace(room.services, limits=limits)
    assert unsubscribe_link(services, made.id) == f"https://frames.example.org/u/{stop(room, made)}"


def test_only_mail_is_ended_by_a_link(room: Room) -> None:
    """No link is made for a persona's subscription, and one that was would open nothing."""
    board = room.board()
    made = room.subscribe(board, "alice", ANY).subscription
    with pytest.raises(NotFound):
        act(room.services, stop(room, made))
    assert state(room, made) == "active"
