"""Subscribing is checked where it is done, changing begins again, and nobody sees what is not theirs."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import AddressRefused, Conflict, Forbidden, InvalidInput, InvalidRule, NotFound, StillframeError
from stillframe.flows.subscriptions import (
    SubscriptionChange,
    SubscriptionRequest,
    change_subscription,
    get_subscription,
    list_subscriptions,
    remove_subscription,
    subscribe,
)
from stillframe.model.dashboard import Dashboard
from stillframe.model.subscription import Subscription
from stillframe.notify import AddressPolicy
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room

DRIFT = {"value_delta_pct": 0.10, "on_field": "score"}


def change(room: Room, board: Dashboard, subscription_id: str, **members: Any) -> Subscription:
    """Change a subscription, as Alice."""
    return change_subscription(
        room.services,
        room.alice,
        dashboard_ref=board.id,
        subscription_id=subscription_id,
        change=SubscriptionChange(**members),
    )


@pytest.mark.parametrize(
    ("rule", "path", "near"),
    [
        ({"value_delta_abs": 1, "on_field": "scroe"}, "$.threshold_json.on_field", "score"),
        ({"metric_delta_abs": 1, "on_metric": "totl"}, "$.threshold_json.on_metric", "total"),
        ({"AND": [ANY, {"value_delta_abs": 1, "on_field": "scor"}]}, "$.threshold_json.AND[1].on_field", "score"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(room: Room, rule: Any, path: str, near: str) -> None:
    """A rule about a misspelt column would be silent for ever; whoever means it says so."""
    board = room.board()
    room.take(board, a=1)
    with pytest.raises(InvalidRule) as refused:
        room.subscribe(board, "alice", rule)
    assert [fault.path for fault in refused.value.faults] == [path]
    assert near in refused.value.message
    assert room.subscribe(board, "alice", rule, allow_missing=True).subscription.allow_missing


def test_before_the_first_snapshot_any_column_may_come(room: Room) -> None:
    """Nobody has seen one yet; a panel that the view spec does not have is refused all the same."""
    board = room.board()
    room.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "elo"})
    with pytest.raises(InvalidRule):
        room.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "elo", "panel": "borad"})


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"baseline": "pinned"}, "$.baseline_snapshot_id"),
        ({"baseline": "pinned", "baseline_snapshot_id": "absent"}, "$.baseline_snapshot_id"),
        ({"baseline": "previous", "baseline_snapshot_id": "any"}, "$.baseline_snapshot_id"),
        ({"baseline": "last_notified", "baseline_snapshot_id": "any"}, "$.baseline_snapshot_id"),
        ({"baseline": "prevoius"}, "$.baseline"),
        ({"repeat_interval": 60}, "$.repeat_interval"),
        ({"subscriber_kind": "persnoa"}, "$.subscriber_kind"),
        ({"subscriber_kind": "email", "subscriber_id": "not an address"}, "$.subscriber_id"),
        ({"subscriber_kind": "email", "subscriber_id": "a@b.org\r\nBcc: c@d.org"}, "$.subscriber_id"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(room: Room, members: Any, path: str) -> None:
    """A caller learns which member is wrong, and nothing is stored."""
    board = room.board()
    room.take(board, a=1)
    with pytest.raises(InvalidInput) as refused:
        room.subscribe(board, "alice", ANY, **members)
    assert [fault.path for fault in refused.value.faults] == [path]
    assert list_subscriptions(room.services, room.alice, dashboard_ref=board.id) == []


def test_only_a_good_snapshot_of_this_picture_is_pinned(room: Room) -> None:
    """Not an empty one, not one of another dashboard, not one from before the view spec changed."""
    board, other = room.board(), room.board("Other")
    good, elsewhere, empty = room.take(board, a=1), room.take(other, a=1), room.take(board)
    for snapshot in (elsewhere, empty):
        with pytest.raises(InvalidInput):
            room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=snapshot.record.id)
    made = room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=good.record.id)
    assert made.subscription.baseline_snapshot_id == good.record.id


def test_a_persona_of_somebody_else_is_no_subscriber_of_mine(room: Room) -> None:
    """Absent and not yours are answered alike; an admin may use anybody's."""
    board = room.board()
    said = []
    for slug in ("bob", "absent"):
        with pytest.raises(InvalidInput) as refused:
            room.subscribe(board, slug, ANY)
        said.append(refused.value.message.replace(slug, "…"))
    assert len(set(said)) == 1
    room.subscribe(board, "bob", ANY, caller=room.root)


def test_whoever_cannot_see_a_dashboard_cannot_subscribe_to_it(room: Room) -> None:
    """Not even with a rule that is wrong in itself: it looks absent."""
    board = room.board()
    with pytest.raises(NotFound):
        room.subscribe(board, "bob", {"value_delta_abs": 1, "on_field": "nothing"}, caller=room.bob)


@pytest.mark.parametrize("url", ["http://127.0.0.1/hook", "http://10.0.0.1/", "http://[::1]/", "ftp://example.org/"])
def test_a_private_address_is_refused_when_it_is_typed(room: Room, url: str) -> None:
    """What users type reaches the outside only."""
    object.__setattr__(room.services, "address_policy", AddressPolicy())
    board = room.board()
    asked = SubscriptionRequest(subscriber_kind="webhook", subscriber_id=url, threshold=ANY)
    with pytest.raises(AddressRefused):
        subscribe(room.services, room.alice, dashboard_ref=board.id, request=asked)


def test_a_webhooks_secret_is_shown_once_and_its_path_never(room: Room, receiver: WebhookReceiver) -> None:
    """The path of a webhook is often its credential."""
    board = room.board()
    asked = SubscriptionRequest(subscriber_kind="webhook", subscriber_id=receiver.url("/T0KEN"), threshold=ANY)
    made = subscribe(room.services, room.alice, dashboard_ref=board.id, request=asked)
    assert made.as_dict()["secret"].startswith("whsec_")
    seen = get_subscription(
        room.services, room.alice, dashboard_ref=board.id, subscription_id=made.subscription.id
    ).as_dict()
    assert "T0KEN" not in str([made, asked, seen])
    assert made.secret not in str([made, seen])


def test_the_same_kind_subscriber_and_rule_is_one_subscription(room: Room, receiver: WebhookReceiver) -> None:
    """However the rule is written; once removed it may be made again."""
    board = room.board()
    first = room.subscribe(board, receiver, {"top_n_reordering": 3})
    with pytest.raises(Conflict):
        room.subscribe(board, receiver, {"top_n_reordering": {"top": 3, "min_changes": 1}})
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=first.subscription.id)
    room.subscribe(board, receiver, {"top_n_reordering": 3})


def test_a_changed_rule_begins_again_from_the_head(room: Room) -> None:
    """Drift from before the change is not news under the new rule."""
    board = room.board()
    room.take(board, a=100)
    made = room.subscribe(board, "alice", DRIFT, baseline="last_notified")
    room.take(board, a=108)
    changed = change(room, board, made.subscription.id, threshold={"value_delta_pct": 0.11, "on_field": "score"})
    assert changed.baseline_snapshot_id != made.subscription.baseline_snapshot_id
    assert room.dispatch(board, a=115).matched == 0
    assert room.dispatch(board, a=120).matched == 1


def test_the_same_rule_again_changes_nothing(room: Room) -> None:
    """Whoever applies the same document twice does not lose the drift in between."""
    board = room.board()
    room.take(board, a=100)
    made = room.subscribe(board, "alice", DRIFT, baseline="last_notified")
    room.take(board, a=108)
    changed = change(room, board, made.subscription.id, threshold=DRIFT)
    assert changed.baseline_snapshot_id == made.subscription.baseline_snapshot_id
    assert room.dispatch(board, a=112).matched == 1


def test_a_changed_pinned_rule_is_told_again(room: Room) -> None:
    """What the subscriber knows is what the old rule said."""
    board = room.board()
    first = room.take(board, a=100)
    made = room.subscribe(board, "alice", ANY, baseline="pinned", baseline_snapshot_id=first.record.id)
    assert room.dispatch(board, a=120).delivered == 1
    assert room.dispatch(board, a=120).suppressed == 1
    change(room, board, made.subscription.id, threshold=DRIFT)
    assert room.dispatch(board, a=120).delivered == 1


def test_a_pinned_subscription_that_repeats_can_stop_being_pinned(room: Room) -> None:
    """The repeat goes with the pin; a repeat without a pin is refused."""
    board = room.board()
    first = room.take(board, a=100)
    pin = {"baseline": "pinned", "baseline_snapshot_id": first.record.id, "repeat_interval": 60}
    made = room.subscribe(board, "alice", ANY, **pin)
    with pytest.raises(InvalidInput):
        change(room, board, made.subscription.id, baseline="previous", repeat_interval=60)
    changed = change(room, board, made.subscription.id, baseline="previous")
    assert (changed.baseline, changed.baseline_snapshot_id, changed.repeat_interval) == ("previous", None, None)


def test_what_is_not_named_in_a_change_stays(room: Room) -> None:
    """PATCH touches its members only."""
    board = room.board()
    made = room.subscribe(board, "alice", {"value_delta_abs": 1, "on_field": "later"}, allow_missing=True)
    changed = change(room, board, made.subscription.id, baseline="last_notified")
    assert (changed.threshold, changed.allow_missing) == (made.subscription.threshold, True)
    assert changed == get_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=changed.id)


def test_subscriptions_are_seen_by_those_concerned(room: Room) -> None:
    """Its owner, the dashboard's owner and admins; the others do not know that there are any."""
    board = room.board()
    mine = room.subscribe(board, "alice", ANY).subscription
    theirs = room.subscribe(board, "bob", ANY, caller=room.root).subscription
    listed = {one.id for one in list_subscriptions(room.services, room.alice, dashboard_ref=board.id)}
    assert listed == {mine.id, theirs.id}
    for caller, subscription_id in ((room.charlie, mine.id), (room.bob, theirs.id), (room.alice, "absent")):
        with pytest.raises(NotFound):
            get_subscription(room.services, caller, dashboard_ref=board.id, subscription_id=subscription_id)


def test_a_dashboards_owner_removes_what_others_hang_on_it_but_does_not_change_it(room: Room) -> None:
    """Whose dashboard it is decides who is told of it; what a rule says is its owner's."""
    board = room.board()
    theirs = room.subscribe(board, "bob", ANY, caller=room.root).subscription
    with pytest.raises(Forbidden):
        change(room, board, theirs.id, allow_missing=True)
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=theirs.id)
    with pytest.raises(NotFound):
        change(room, board, theirs.id, allow_missing=True)


def test_removing_cancels_what_is_pending(room: Room, receiver: WebhookReceiver) -> None:
    """Who unsubscribes is left in peace at once."""
    from stillframe.flows.dispatch import deliver_due
    from stillframe.testing import Answer

    receiver.behave(Answer(status=500))
    board = room.board()
    room.take(board, a=1)
    made = room.subscribe(board, receiver, ANY).subscription
    room.take(board, a=2)
    room.settle()
    remove_subscription(room.services, room.alice, dashboard_ref=board.id, subscription_id=made.id)
    room.clock.move(hours=1)
    assert deliver_due(room.services, seconds=5) == {}
    assert len(receiver.ledger) == 1


def test_a_refused_rule_names_its_place_in_the_body(room: Room) -> None:
    """The path begins where the caller wrote it."""
    with pytest.raises(StillframeError, match=r"\$\.threshold_json"):
        room.subscribe(room.board(), "alice", {"any_chnage": True})
