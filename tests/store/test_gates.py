"""Decisions of release gates: written once, listed newest first, read back exactly as they were given."""

from __future__ import annotations

import pytest

from stillframe.errors import InvalidInput, NotFound, StoreError
from stillframe.model.gate import GateRecord
from stillframe.store import Store
from tests.store.cast import Scene, dashboard, scene, statements
from tests.store.kept import decision


def add(store: Store, *records: GateRecord) -> None:
    with store.write() as unit:
        for record in records:
            unit.gates.add(record)


def another(here: Scene, name: str) -> Scene:
    """Return a second dashboard of Alice's."""
    board = dashboard(here.alice, slug=name, title=name)
    with here.store.write() as unit:
        unit.dashboards.add(board)
    return Scene(store=here.store, alice=here.alice, dashboard=board)


def test_a_decision_is_read_back_exactly_as_it_was_given(store: Store) -> None:
    """Members in their order, numbers in their kind, words in their script."""
    here = scene(store)
    answer = {"z": 1, "a": [1.0, None, True, "– ü 😀"], "checks": [{"observed": 0.8}]}
    record = decision(here, answer=answer, post_snapshot_id="p-1", source_ref=None)
    add(store, record)
    with store.read() as unit:
        found = unit.gates.get(record.id)
        assert unit.gates.get("nobody") is None
    assert found == record
    assert list(found.answer) == ["z", "a", "checks"]


def test_decisions_are_listed_newest_first_page_by_page(store: Store) -> None:
    """Every one once, and the answers are not read for a list."""
    here = scene(store)
    records = [decision(here) for _ in range(7)]
    add(store, *records)
    seen: list[str] = []
    cursor = None
    with store.read() as unit:
        while True:
            page = unit.gates.list([here.dashboard.id], limit=3, cursor=cursor)
            seen += [found.id for found in page.items]
            assert all(found.answer == {} for found in page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [record.id for record in reversed(records)]


def test_only_the_dashboards_that_were_asked_for_are_listed(store: Store) -> None:
    """One, two, none, all, and one that does not exist."""
    here = scene(store)
    there, beyond = another(here, "there"), another(here, "beyond")
    records = [decision(place) for place in (here, there, beyond, here, there)]
    add(store, *records)
    ids = [record.id for record in records]

    def listed(*places: Scene, limit: int = 9) -> list[int]:
        with store.read() as unit:
            page = unit.gates.list([place.dashboard.id for place in places], limit=limit)
        return [ids.index(found.id) for found in page.items]

    assert listed(here) == [3, 0]
    assert listed(here, there) == [4, 3, 1, 0]
    assert listed(here, there, limit=2) == [4, 3]
    assert listed() == []
    with store.read() as unit:
        assert [ids.index(found.id) for found in unit.gates.list(None, limit=9).items] == [4, 3, 2, 1, 0]
        assert [found.id for found in unit.gates.list(None, limit=9, cursor=ids[2]).items] == [ids[1], ids[0]]
        assert unit.gates.list(["nowhere"], limit=9).items == []


def test_a_list_reads_no_answers(store: Store) -> None:
    """However long they are."""
    here = scene(store)
    add(store, decision(here))
    with store.read() as unit, statements() as seen:
        unit.gates.list(None, limit=9)
    assert seen
    assert not any("answer" in statement for statement in seen)


def test_what_cannot_be_is_refused(store: Store) -> None:
    """The same id twice, an unknown dashboard, a cursor that no list gave out."""
    here = scene(store)
    record = decision(here)
    add(store, record)
    with pytest.raises(StoreError):
        add(store, record)
    with pytest.raises(NotFound):
        add(store, decision(here, dashboard_id="nowhere"))
    with store.read() as unit, pytest.raises(InvalidInput):
        unit.gates.list(None, limit=9, cursor="nobody")
