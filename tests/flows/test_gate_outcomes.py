"""Wishes for gate outcomes: read in any order, kept in one, and nothing beside them."""

from __future__ import annotations

import pytest

from stillframe.errors import InvalidInput
from stillframe.flows.gate_outcomes import outcomes_wanted, refuse_beside_gate, refuse_without_gate
from tests.flows import scoped
from tests.flows.room import Room


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ("change", None),
        ({"gate": "fail"}, ("fail",)),
        ({"gate": ["fail", "warn"]}, ("warn", "fail")),
        ({"gate": ["warn", "fail", "warn"]}, ("warn", "fail")),
    ],
)
def test_the_same_wish_is_the_same_whatever_its_order(on: object, wanted: object) -> None:
    """Two spellings of one wish must not become two subscriptions."""
    assert outcomes_wanted(on) == wanted


@pytest.mark.parametrize("on", [None, 3, [], "gate", {}, {"gate": None}, {"gate": {}}, {"gate": ["x"]}, {"gate": [1]}])
def test_what_is_no_wish_is_refused_with_its_place(on: object) -> None:
    """The sentence shows how to write it."""
    with pytest.raises(InvalidInput) as refusal:
        outcomes_wanted(on)
    assert refusal.value.faults[0].path.startswith("$.on")


def test_everything_that_does_not_belong_is_named_at_once() -> None:
    """Whoever mends one is not told of the next."""
    refuse_beside_gate(baseline=None)
    with pytest.raises(InvalidInput) as refusal:
        refuse_beside_gate(baseline="pinned", threshold_json={}, repeat_interval=None)
    assert [fault.path for fault in refusal.value.faults] == ["$.baseline", "$.threshold_json"]


def test_only_projects_are_released(room: Room) -> None:
    """A group's dashboard and a live board have no gate."""
    scoped.settle_in(room)
    with room.services.store.read() as unit:
        project, group = unit.dashboards.get("project:my-service"), unit.dashboards.get("group:team-a")
    assert project is not None
    assert group is not None
    refuse_without_gate(project)
    for other in (group, room.board()):
        with pytest.raises(InvalidInput):
            refuse_without_gate(other)
