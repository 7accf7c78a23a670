"""Comparing: two snapshots of one dashboard, seen by one pair of eyes, by id or by the times of their data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.errors import Gone, InvalidInput, NotComparable, NotFound
from stillframe.flows.comparing import LISTED_MOST, both_ends, compare_snapshots, compare_times
from stillframe.model.times import time_text
from tests.flows.room import Room
from tests.flows.scoped import SECRET, score, settle_in, take
from tests.store.cast import expire_payloads


@pytest.fixture(autouse=True)
def _settled(room: Room) -> None:
    settle_in(room)


def test_a_comparison_says_what_became_of_every_measure(room: Room) -> None:
    """By its ids, from the earlier to the later one and the other way round."""
    one, two = (score(room, "my-service", health).record.id for health in (80, 60))
    found = compare_snapshots(room.services, room.bob, from_id=one, to_id=two)
    back = compare_snapshots(room.services, room.bob, from_id=two, to_id=one)
    deltas = [{delta.name: delta.delta for delta in each.diff.metric_deltas} for each in (found, back)]
    assert (deltas[0]["health.score"], deltas[1]["health.score"]) == (-20, 20)
    assert found.document(include_drilldown=False)["trend_direction"] == "declining"
    assert "drilldown_previews" not in found.document(include_drilldown=False)
    assert found.document(include_drilldown=True)["drilldown_previews"]


def test_a_time_names_the_newest_data_of_then_or_before(room: Room) -> None:
    """By `as_of`, so data that came late stands where it belongs; the same moment twice is a comparison with itself."""
    first = score(room, "my-service", 80).record
    room.clock.move(hours=2)
    last = score(room, "my-service", 60).record
    late = score(room, "my-service", 70, as_of=first.as_of + timedelta(hours=1)).record
    ends = [first.as_of + timedelta(minutes=90), last.as_of + timedelta(days=1)]
    found = compare_times(room.services, room.bob, project_name="my-service", since=ends[0], until=ends[1])
    assert (found.a.record.id, found.b.record.id) == (late.id, last.id)
    same = compare_times(room.services, room.bob, project_name="my-service", since=ends[0], until=ends[0])
    assert same.diff.is_empty


def test_before_the_first_snapshot_there_is_nothing_and_it_is_said_since_when(room: Room) -> None:
    """The first one's time, or that there is none yet; of a hidden project not even that."""
    before = room.clock() - timedelta(days=1)
    with pytest.raises(NotFound, match="none yet"):
        compare_times(room.services, room.bob, project_name="my-service", since=before, until=before)
    first = score(room, "my-service", 80).record
    score(room, SECRET, 20)
    with pytest.raises(NotFound, match=time_text(first.as_of)):
        compare_times(room.services, room.bob, project_name="my-service", since=before, until=before)
    said = []
    for name in (SECRET, "no-such"):
        with pytest.raises(NotFound) as refused:
            compare_times(room.services, room.bob, project_name=name, since=before, until=before)
        said.append(refused.value.message)
    assert said[0] == said[1]


def test_two_dashboards_do_not_compare_and_a_hidden_one_is_not_there(room: Room) -> None:
    """Different scopes are refused; what is hidden is absent first, so that nobody learns what it is."""
    mine, others, secret = (score(room, name, 50).record.id for name in ("my-service", "a/b", SECRET))
    with pytest.raises(NotComparable):
        compare_snapshots(room.services, room.bob, from_id=mine, to_id=others)
    for ends in ((mine, secret), (secret, mine), (mine, "no-such")):
        with pytest.raises(NotFound):
            compare_snapshots(room.services, room.bob, from_id=ends[0], to_id=ends[1])


def test_what_has_expired_cannot_be_compared(room: Room) -> None:
    """410 with its record, whichever end it is."""
    one, two = (score(room, "my-service", health).record.id for health in (80, 60))
    expire_payloads(room.settings.store_target)
    with pytest.raises(Gone) as gone:
        compare_snapshots(room.services, room.bob, from_id=one, to_id=two)
    assert (gone.value.snapshot or {})["id"] == one


def test_two_views_are_compared_as_the_reader_sees_them(room: Room) -> None:
    """What changed in a hidden project is no change, and what is compared carries the hash of the view."""
    for health in (10, 20):
        score(room, "my-service", 50)
        score(room, SECRET, health)
        take(room, "portfolio", "all")
    with room.services.store.read() as unit:
        ids = [record.id for record in unit.snapshots.list("portfolio:all", limit=2).items]
    for who, empty in ((room.bob, True), (room.charlie, False), (room.root, False)):
        found = compare_snapshots(room.services, who, from_id=ids[1], to_id=ids[0])
        assert found.diff.is_empty is empty
        assert found.a.redacted is (who is not room.root)
        assert (found.document(include_drilldown=True)["snapshot_a"]["content_hash"] is None) is found.a.redacted


def test_lists_are_cut_with_exact_totals(room: Room) -> None:
    """However many findings there are, an answer stays an answer."""
    one = score(room, "my-service", 80).record.id
    two = score(room, "my-service", 10, critical=LISTED_MOST + 20).record.id
    found = compare_snapshots(room.services, room.bob, from_id=one, to_id=two).document(include_drilldown=True)
    assert len(str(found)) < 200_000
    assert str(LISTED_MOST + 20) in str(found)


def test_both_ends_are_named_or_the_missing_one_is(room: Room) -> None:
    """The error names the member."""
    assert both_ends("a", "b") == ("a", "b")
    for given, path in (((None, "b"), "$.from_snapshot_id"), (("a", None), "$.to_snapshot_id")):
        with pytest.raises(InvalidInput) as refused:
            both_ends(*given)
        assert [fault.path for fault in refused.value.faults] == [path]
