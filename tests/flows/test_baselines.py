"""Baselines: each kind says what it stands at, and nothing is pinned that cannot be compared with."""

from __future__ import annotations

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.baselines import LONGEST_REPEAT_SECONDS, baseline_of, check_repeat
from stillframe.model.subscription import BaselineKind
from tests.flows import scoped
from tests.flows.gated import bandit, bring, check
from tests.flows.room import Room


def baseline(room: Room, kind: str, snapshot_id: str | None = None) -> tuple[BaselineKind, str | None]:
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get("project:my-service")
        assert dashboard is not None
        head = unit.heads.get(dashboard.id)
        return baseline_of(unit, dashboard, head, kind=kind, snapshot_id=snapshot_id)


def test_each_kind_stands_where_it_says(room: Room) -> None:
    """`last_notified` begins at the head, `pinned` at its snapshot, `previous` at none of its own."""
    scoped.settle_in(room)
    first = bring(room, bandit(high=1)).taken.record.id
    second = bring(room, bandit(high=2)).taken.record.id
    assert baseline(room, "previous") == ("previous", None)
    assert baseline(room, "last_notified") == ("last_notified", second)
    assert baseline(room, "pinned", first) == ("pinned", first)


def test_a_refused_candidate_is_never_a_baseline(room: Room) -> None:
    """It was no state of the project, so nothing is compared with it."""
    scoped.settle_in(room)
    bring(room, bandit(high=1))
    refused = check(room, bandit(high=9)).document["post_snapshot_id"]
    with pytest.raises(InvalidInput, match="baseline"):
        baseline(room, "pinned", refused)


@pytest.mark.parametrize(
    ("kind", "snapshot_id"),
    [("previous", "x"), ("last_notified", "x"), ("pinned", None), ("pinned", "x"), ("odd", None)],
)
def test_what_is_no_baseline_is_refused_with_its_member(room: Room, kind: str, snapshot_id: str | None) -> None:
    """Never pick a wrong baseline silently."""
    scoped.settle_in(room)
    with pytest.raises(InvalidInput, match=r"\$\.baseline"):
        baseline(room, kind, snapshot_id)


def test_only_pinned_repeats_and_not_for_ever() -> None:
    """Both ends of the interval are taken."""
    check_repeat("previous", None)
    check_repeat("pinned", 1)
    check_repeat("pinned", LONGEST_REPEAT_SECONDS)
    wrong: list[tuple[BaselineKind, int]] = [("previous", 60), ("pinned", 0), ("pinned", LONGEST_REPEAT_SECONDS + 1)]
    for kind, seconds in wrong:
        with pytest.raises(InvalidInput, match="repeat_interval"):
            check_repeat(kind, seconds)
