"""Seeing: all of a snapshot, a view of the members that are one's own, or nothing, and the same words for nothing."""

from __future__ import annotations

import pytest

from stillframe.errors import Gone, NotFound
from stillframe.flows.projects import change_project
from stillframe.flows.seeing import (
    PORTFOLIO_OF_ALL,
    seen_records,
    sees_whole,
    sight_of,
    unseen_sequences,
    view_of,
    visible_members,
    visible_snapshot,
)
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.identity import Caller
from stillframe.model.snapshot import SnapshotRecord
from tests.flows.room import Room, someone
from tests.flows.scoped import SECRET, refresh, score, settle_in, shown, take
from tests.store.cast import expire_payloads


@pytest.fixture
def portfolio(room: Room) -> SnapshotRecord:
    """Everybody's portfolio with a score for every project, of which `a/b` has none."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, SECRET, 10)
    return take(room, "portfolio", "all").record


def test_who_may_see_everything_sees_the_whole(room: Room, portfolio: SnapshotRecord) -> None:
    """Its name is the content's hash, and it is no view."""
    for who in (room.root, someone(room.services, room.root, "ana", "analyst")):
        with room.services.store.read() as unit:
            view, dashboard = visible_snapshot(unit, who, portfolio.id)
            assert visible_members(unit, who, portfolio) is None
        assert (view.redacted, view.hash, dashboard.id) == (False, portfolio.content_hash, PORTFOLIO_OF_ALL)


@pytest.mark.parametrize(
    ("name", "members", "status"), [("bob", ["my-service", "a/b"], "partial"), ("charlie", [SECRET], "good")]
)
def test_who_may_see_some_sees_a_view_of_those(
    room: Room, portfolio: SnapshotRecord, name: str, members: list[str], status: str
) -> None:
    """Rows, status, evidence and hash are of the visible members alone, and the record is still the same snapshot."""
    who: Caller = getattr(room, name)
    with room.services.store.read() as unit:
        view, _ = visible_snapshot(unit, who, portfolio.id)
        (listed,) = seen_records(unit, who, [portfolio])
    assert (shown(view), view.record.capture_status, view.record.id) == (members, status, portfolio.id)
    assert view.hash == content_hash(canonical_bytes(view.payload.as_dict())) != portfolio.content_hash
    bundle = [entry["name"] for entry in view.record.source_bundle]
    assert bundle == [f"project:{name}" for name in members if name != "a/b"]
    assert (listed["redacted"], listed["content_hash"], listed["capture_status"]) == (True, None, status)
    assert listed["source_bundle"] == [dict(entry) for entry in view.record.source_bundle]


def test_who_sees_no_member_sees_nothing_and_hears_what_everybody_hears(room: Room, portfolio: SnapshotRecord) -> None:
    """Absent and invisible are one answer, word for word."""
    stranger = someone(room.services, room.root, "eva")
    said = []
    with room.services.store.read() as unit:
        for wanted in (portfolio.id, "00000000-0000-7000-8000-000000000000", "no id"):
            with pytest.raises(NotFound) as refused:
                sight_of(unit, stranger, wanted)
            said.append(refused.value.message)
    assert len(set(said)) == 1


def test_an_empty_view_is_of_nobody(room: Room) -> None:
    """One's own portfolio stays one's own when every project in it is gone from sight."""
    settle_in(room)
    score(room, "my-service", 90)
    taken = take(room, "portfolio", "bob", who=room.bob).record
    room.leave("team-a", "bob")
    refresh(room)
    with room.services.store.read() as unit:
        view, _ = visible_snapshot(unit, room.bob, taken.id)
    assert (view.redacted, shown(view), view.payload.summaries, view.record.source_bundle) == (True, [], {}, ())


def test_what_has_expired_is_gone_for_those_only_who_could_see_it(room: Room, portfolio: SnapshotRecord) -> None:
    """A reader of a view is told of the record as the view has it; the stranger is told nothing."""
    expire_payloads(room.settings.store_target)
    stranger = someone(room.services, room.root, "eva")
    with room.services.store.read() as unit:
        with pytest.raises(Gone) as gone:
            visible_snapshot(unit, room.bob, portfolio.id)
        with pytest.raises(NotFound):
            visible_snapshot(unit, stranger, portfolio.id)
    told = gone.value.snapshot or {}
    assert (told["payload"], told["redacted"], told["content_hash"]) == ("expired", True, None)
    assert SECRET not in str(told)


def test_a_series_is_of_the_snapshots_that_are_seen_whole(room: Room) -> None:
    """Their figures are means over members; one with a hidden member is left out, for that reader only."""
    settle_in(room)
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a")
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    taken = take(room, "group", "team-a").record
    with room.services.store.read() as unit:
        group, project = (unit.dashboards.get(ref) for ref in ("group:team-a", "project:my-service"))
        assert group is not None
        assert project is not None
        assert unseen_sequences(unit, room.bob, group) == {1}
        assert unseen_sequences(unit, room.bob, project) == frozenset()
        assert unseen_sequences(unit, room.root, group) == frozenset()
        assert sees_whole(unit, room.bob, [taken.id, None])
        assert not sees_whole(unit, room.bob, [taken.id, taken.parent_snapshot_id])
        assert sees_whole(unit, room.root, [taken.parent_snapshot_id])


def test_the_whole_is_not_computed_again(room: Room, portfolio: SnapshotRecord) -> None:
    """A view of all members would have the content's own hash: nothing but hidden members makes a view another."""
    with room.services.store.read() as unit:
        snapshot = unit.snapshots.get(portfolio.id)
        assert snapshot is not None
    assert view_of(snapshot, None).payload is snapshot.payload
    assert view_of(snapshot, {"a/b", "my-service", SECRET}).view_hash == portfolio.content_hash
