"""What a delivery of a view keeps, and who may be told of it."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from stillframe.flows.told_views import SEEN_DIFF, VIEW, seen_diff, seen_link, sees_told, told_facts
from stillframe.report.link import SnapshotLink
from tests.flows.room import Room
from tests.flows.scoped import score, settle_in, take

SAID = {"times": 2, VIEW: {"lists": [1, 2], "hashes": ["aa", "bb"]}, SEEN_DIFF: {"is_empty": True}}


def test_a_message_says_the_facts_and_keeps_the_rest_to_itself() -> None:
    """Which lists of members were meant is no reader's business; the diff has its own place in a message."""
    assert told_facts(SAID) == {"times": 2}
    assert orjson.loads(seen_diff(SAID)) == {"is_empty": True}


@pytest.mark.parametrize(("later", "name"), [(False, "aa"), (True, "bb")])
def test_a_snapshot_is_named_by_what_is_seen_of_it(later: bool, name: str) -> None:
    """The whole's hash is not said."""
    whole = SnapshotLink(
        id="s-1", sequence=1, timestamp=datetime(2026, 1, 1, tzinfo=UTC), content_hash="whole", url="/api/snapshot/s-1"
    )
    shown = seen_link(whole, SAID, later=later).as_dict()
    assert (shown["content_hash"], shown["redacted"], shown["view_hash"]) == (None, True, name)
    assert "whole" not in str(shown)


def test_who_sees_the_members_of_a_view_may_be_told_of_it(room: Room) -> None:
    """Of the whole only who sees it whole; what counts is what they see now."""
    settle_in(room)
    for name, health in (("my-service", 90), ("zephyr", 50)):
        score(room, name, health)
    taken = take(room, "portfolio", "all")
    with room.services.store.write() as unit:
        mine = unit.member_lists.keep(["my-service"])
        hidden = unit.member_lists.keep(["my-service", "zephyr"])

        def told(*lists: int) -> bool:
            return sees_told(unit, room.bob, [taken.record.id], said={VIEW: {"lists": list(lists)}})

        assert told(mine, mine)
        assert not told(mine, hidden)
        assert not sees_told(unit, room.bob, [taken.record.id], said=None)
        assert not sees_told(unit, room.bob, [taken.record.id], said={"times": 1})
        assert sees_told(unit, room.root, [taken.record.id], said={VIEW: {"lists": [hidden]}})
