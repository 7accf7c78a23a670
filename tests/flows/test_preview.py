"""A preview says what would have been told, what was held back, and what came close; it stores nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Forbidden, InvalidInput, InvalidRule, NotFound
from stillframe.flows.dashboards import replace_dashboard
from stillframe.flows.past import Period
from stillframe.flows.preview import NEAR_MISSES_MOST, preview
from stillframe.flows.preview_answer import Preview
from stillframe.flows.projects import change_project
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check
from tests.flows.room import Room, board_spec, request
from tests.flows.upkeep import clean, grow_old

MOVED = {"value_delta_abs": 2, "on_field": "score"}


def asked(rule: Any = MOVED, **more: Any) -> SubscriptionRequest:
    return SubscriptionRequest(subscriber_kind="persona", subscriber_id="alice", threshold=rule, **more)


def previewed(
    room: Room,
    board: Dashboard,
    rule: Any = MOVED,
    *,
    who: Caller | None = None,
    period: Period | None = None,
    **more: Any,
) -> Preview:
    """Preview a subscription over the whole past, as Alice unless somebody else is named."""
    return preview(
        room.services,
        who or room.alice,
        dashboard_ref=board.id,
        request=asked(rule, **more),
        period=period or Period(),
    )


def test_a_notice_says_when_and_why_and_what_with_what(room: Room) -> None:
    """Both snapshots, the headline that would have been shown, and the tree of the verdict."""
    board = room.board()
    first, second, third = (room.take(board, a=score).record for score in (1, 2, 5))
    found = previewed(room, board).as_dict()
    (notice,) = found["notices"]
    assert (notice["at"], notice["kind"]) == (third.as_dict()["timestamp"], "alert")
    assert (notice["snapshot_a"]["id"], notice["snapshot_b"]["sequence"]) == (second.id, 3)
    assert notice["headline"]
    assert (notice["reason"]["outcome"], notice["reason"]["limit"], notice["reason"]["observed"]) == ("true", 2, 3)
    assert found["period"] == {
        "from": first.as_dict()["timestamp"],
        "to": third.as_dict()["timestamp"],
        "snapshots": 3,
        "cut": False,
    }
    assert (found["judged"], found["unknown"]) == (2, 0)


def test_what_came_close_is_listed_with_its_share(room: Room) -> None:
    """Nearest first, at most ten, never what was met and never what did not move at all."""
    board = room.board()
    places = [0.0, 1.0, 2.9, 2.9, 6.0, *(6 + step / 10 for step in range(1, 15))]
    for place in places:
        room.take(board, a=place)
    found = previewed(room, board)
    assert len(found.near_misses) == NEAR_MISSES_MOST
    shares = [round(miss.share, 6) for miss in found.near_misses]
    assert shares[:3] == [0.95, 0.5, 0.05]
    assert found.near_misses[0].sentence == "no score moved so far; most: score of a went from 1 to 2.9 (+1.9), limit 2"


def test_what_is_held_back_says_why(room: Room) -> None:
    """Pending, cooling down, counted for a digest: each with its reason in words."""
    board = room.board()
    for score in (0, 5, 5, 9):
        room.take(board, a=score)
    found = previewed(room, board, calm={"pending_for": 2}).as_dict()
    assert [notice["snapshot_b"]["sequence"] for notice in found["notices"]] == [3]
    assert [(held["reason"], held["detail"]) for held in found["suppressed"]] == [
        ("pending", "true at 1 of 2 snapshots in a row"),
        ("known", "told already, and true since"),
    ]
    room.clock.move(days=2)
    digest = previewed(room, board, calm={"digest": "daily"})
    assert [(one.kind, one.snapshot_a and one.snapshot_a.sequence) for one in digest.notices] == [("digest", 1)]
    assert [one.reason for one in digest.suppressed] == ["digest", "digest"]


def test_a_digest_without_a_net_says_that_it_came_back(room: Room) -> None:
    """One line, and nothing to compare."""
    board = room.board()
    for score in (0, 5, 0):
        room.take(board, a=score)
    room.clock.move(days=2)
    (digest,) = previewed(room, board, calm={"digest": "daily"}).notices
    assert (digest.kind, digest.headline) == ("digest", "Changed and came back")


def test_what_cannot_be_judged_is_skipped_and_counted(room: Room) -> None:
    """Expired, empty and late ones; what follows is compared with the last one that is there."""
    board = room.board()
    room.take(board, a=1)
    grow_old(room)
    kept = room.take(board, a=5).record
    clean(room)
    room.take_as(room.alice, board, replace(request(a=90), as_of=kept.as_of - timedelta(hours=1)))
    room.take(board)
    room.take(board, a=9)
    found = previewed(room, board)
    assert found.as_dict()["skipped"] == {"expired": 1, "empty": 1, "late": 1, "not_adopted": 0}
    assert [(one.snapshot_a and one.snapshot_a.id) for one in found.notices] == [kept.id]


def test_a_changed_view_spec_begins_again_and_a_pin_ends_with_it(room: Room) -> None:
    """Nobody is told across the change, and nobody can pin what is not comparable with the head."""
    board = room.board()
    first = room.take(board, a=1, b=0).record
    spec = board_spec(board.title)
    spec["panels"]["board"]["order"] = "asc"
    replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(spec))
    changed = room.take(board, a=50, b=0).record
    room.take(board, a=60, b=0)
    found = previewed(room, board)
    assert [record.id for record in found.rebased] == [changed.id]
    assert [one.snapshot_a and one.snapshot_a.id for one in found.notices] == [changed.id]
    with pytest.raises(InvalidInput):
        previewed(room, board, baseline="pinned", baseline_snapshot_id=first.id)
    back = replace_dashboard(
        room.services, room.alice, dashboard_ref=board.id, view_spec=parse_view_spec(board_spec(board.title))
    )
    room.take(back, a=70, b=0)
    pinned = previewed(room, board, baseline="pinned", baseline_snapshot_id=first.id)
    assert (pinned.paused_at, pinned.notices, pinned.judged) == (changed.timestamp, [], 0)


def test_a_pin_begins_with_the_snapshot_that_it_names(room: Room) -> None:
    """What was before it cannot have been compared with it."""
    board = room.board()
    taken = [room.take(board, a=score).record for score in (1, 9, 10, 12)]
    found = previewed(room, board, baseline="pinned", baseline_snapshot_id=taken[1].id)
    assert (found.judged, [one.snapshot_b and one.snapshot_b.id for one in found.notices]) == (2, [taken[3].id])


def test_the_limits_that_give_about_so_many_are_suggested(room: Room) -> None:
    """Counted over the period; where no limit does, nothing is suggested."""
    board = room.board()
    scores = [0.0]
    for day in range(60):
        scores.append(scores[-1] + (10 if day % 30 == 0 else 3 if day % 7 == 0 else 1))
    for score in scores:
        room.clock.move(hours=24)
        room.take(board, a=score)
    found = previewed(room, board).as_dict()
    (limit,) = found["limits"]
    assert (limit["path"], limit["member"], limit["limit"]) == ("$", "value_delta_abs", 2)
    assert [(one["per_month"], one["limit"], one["notices"]) for one in limit["suggestions"]] == [
        (1, 10, 2), (4, 3, 10), (30, 1, 60),
    ]  # fmt: skip
    assert found["per_month"] == round(10 / (60 / (365.25 / 12)), 2)
    drifting = previewed(room, board, baseline="last_notified").limits[0]
    for one in drifting.suggestions:
        again = previewed(room, board, {**MOVED, "value_delta_abs": one.limit}, baseline="last_notified")
        assert len(again.notices) == one.notices
    assert previewed(room, board, {"any_change": True}).limits == ()


def test_a_body_is_refused_as_a_real_subscription_is(room: Room) -> None:
    """The same errors at the same paths, so that what can be previewed can be made."""
    board = room.board()
    room.take(board, a=1)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"subscriber_kind": "pigeon"}, "$.subscriber_kind"),
        ({"baseline": "newest"}, "$.baseline"),
        ({"baseline": "pinned"}, "$.baseline_snapshot_id"),
        ({"repeat_interval": 60}, "$.repeat_interval"),
        ({"calm": {"pending_for": 1}}, "$.pending_for"),
        ({"importance": "urgent"}, "$.importance"),
        ({"max_items": 0}, "$.max_items"),
        ({"on": {"gate": ["fail"]}}, "$.threshold_json"),
    ]
    for members, path in wrong:
        with pytest.raises(InvalidInput) as caught:
            preview(
                room.services,
                room.alice,
                dashboard_ref=board.id,
                request=replace(asked(), **members),
                period=Period(),
            )
        assert [fault.path for fault in caught.value.faults] == [path]
    with pytest.raises(InvalidRule):
        previewed(room, board, {"value_delta_abs": 1, "on_field": "scoer"})


def test_whoever_reads_a_dashboard_may_preview_and_nobody_else(room: Room) -> None:
    """No address is looked at and nothing is stored; to the others the dashboard is not there."""
    scoped.settle_in(room)
    board = room.board(owner=room.alice, scope={"group": "team-a"})
    room.take(board, a=1)
    room.take(board, a=5)
    before = room.services.clock()
    assert len(previewed(room, board, who=room.bob).notices) == 1
    with pytest.raises(NotFound):
        previewed(room, board, who=room.charlie)
    with pytest.raises(Forbidden):
        previewed(room, board, who=replace(room.bob, scopes=()))
    with room.services.store.read() as unit:
        assert unit.subscriptions.list(board.id, None) == []
        assert unit.outbox.pending_count() == 0
    assert room.services.clock() == before


def test_a_preview_sees_what_its_caller_sees(room: Room) -> None:
    """A project that is no longer theirs to see moves nothing in what they preview."""
    scoped.settle_in(room)
    scoped.score(room, "my-service", 90)
    for health in (90, 50):
        scoped.score(room, "a/b", health)
        scoped.take(room, "group", "team-a")
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    with room.services.store.read() as unit:
        board = unit.dashboards.get("group:team-a")
    assert board is not None
    rule = {"value_delta_abs": 5, "on_field": "health"}
    assert len(previewed(room, board, rule, who=room.root).notices) == 1
    assert len(previewed(room, board, rule, who=room.bob).notices) == 0


def test_of_release_gates_the_decisions_are_told(room: Room) -> None:
    """Each by itself, with what was decided; the outcomes that were not asked for are left out."""
    scoped.settle_in(room)
    bring(room, bandit(high=1))
    check(room, bandit(high=1))
    answer = check(room, bandit(high=9))
    with room.services.store.read() as unit:
        board = unit.dashboards.get(f"project:{PROJECT}")
    assert board is not None
    (told,) = previewed(room, board, None, on={"gate": ["fail"]}).as_dict()["notices"]
    assert (told["kind"], told["reason"]["id"]) == ("gate", answer.document["id"])
    assert "failed the release gate" in told["headline"]
    assert previewed(room, board, None, on={"gate": ["warn"]}).notices == []


def test_nothing_is_told_of_a_dashboard_without_a_past(room: Room) -> None:
    """No snapshot, no rate, no suggestion."""
    found = previewed(room, room.board()).as_dict()
    assert (found["notices"], found["per_month"], found["period"]["snapshots"]) == ([], None, 0)
    assert [one["limit"] for one in found["limits"][0]["suggestions"]] == [None, None, None]
