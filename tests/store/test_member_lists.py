"""Member lists: each distinct list once, never changed, and asked by what is visible now."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillframe.model.ownership import Group, Project
from stillframe.store import Store
from tests.store.cast import NOON, scene

PLACES = {"amber": "north", "birch": "north", "cedar": "south", "dune": "west"}


@pytest.fixture
def kept(store: Store) -> Store:
    """A store with three groups and four projects in them."""
    with store.write() as unit:
        for group in sorted(set(PLACES.values())):
            unit.groups.add(Group(id=group, name=group, created_at=NOON, created_by="alice"))
        for name, group in PLACES.items():
            unit.projects.add(Project(name=name, group_id=group, title=name, created_at=NOON, created_by="alice"))
    return store


def keep(store: Store, *names: str) -> int:
    with store.write() as unit:
        return unit.member_lists.keep(names)


def test_the_same_projects_are_the_same_list(kept: Store) -> None:
    """In whatever order they come, and told apart from every other list, the empty one too."""
    one, same, other, none = (keep(kept, *names) for names in (("birch", "amber"), ("amber", "birch"), ("amber",), ()))
    assert one == same
    assert len({one, other, none}) == 3
    assert keep(kept) == none
    with kept.read() as unit:
        assert unit.member_lists.names(one) == ("amber", "birch")
        assert unit.member_lists.names(none) == ()


def test_a_list_is_what_it_was_whoever_moves(kept: Store) -> None:
    """Who belongs where decides what is visible of it, not what it holds."""
    key = keep(kept, *PLACES)
    with kept.write() as unit:
        unit.projects.change(Project(name="amber", group_id="west", title="amber", created_at=NOON, created_by="alice"))
    with kept.read() as unit:
        assert unit.member_lists.names(key) == tuple(sorted(PLACES))
        assert unit.member_lists.visible(key, {"west"}) == ("amber", "dune")
        assert unit.member_lists.visible(key, {"north"}) == ("birch",)
        assert unit.member_lists.visible(key, None) == tuple(sorted(PLACES))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lists=st.lists(st.sets(st.sampled_from(list(PLACES))), min_size=1, max_size=4),
    groups=st.sets(st.sampled_from(sorted(set(PLACES.values())))),
)
def test_visible_hidden_and_touching_are_three_sides_of_one_thing(
    kept: Store, lists: list[set[str]], groups: set[str]
) -> None:
    """Of each list: the visible projects; whether one is hidden; whether one is visible."""
    keys = {keep(kept, *names): names for names in lists}
    with kept.read() as unit:
        found = unit.member_lists
        for key, names in keys.items():
            assert set(found.visible(key, groups)) == {name for name in names if PLACES[name] in groups}
            assert found.among(names, groups) == frozenset(found.visible(key, groups))
        assert found.hidden(keys, groups) == {key for key, names in keys.items() if _places(names) - groups}
        assert {key for key in found.touching(groups) if key in keys} == {
            key for key, names in keys.items() if _places(names) & groups
        }
        assert found.hidden(keys, None) == set()
        assert found.hidden([], groups) == set()


def test_snapshots_with_a_hidden_member_are_named(kept: Store) -> None:
    """By their sequence, for whoever reads some groups; a live dashboard's have no list and are never among them."""
    here = scene(kept)
    here.take(1, member_list=keep(kept, "amber", "birch"))
    here.take(2, member_list=keep(kept, "amber", "cedar"))
    here.take(3)
    here.take(4, member_list=keep(kept))
    with kept.read() as unit:
        beyond = unit.member_lists.sequences_beyond
        assert beyond(here.dashboard.id, {"north"}) == {2}
        assert beyond(here.dashboard.id, {"north", "south"}) == frozenset()
        assert beyond(here.dashboard.id, set()) == {1, 2}


def test_two_who_keep_the_same_list_at_once_get_the_same_number(kept: Store) -> None:
    """Whoever comes second finds the first one's."""
    barrier, found = threading.Barrier(4), []

    def race() -> None:
        barrier.wait()
        found.append(keep(kept, "amber", "dune"))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    with kept.read() as unit:
        assert unit.member_lists.names(found[0]) == ("amber", "dune")


def _places(names: Iterable[str]) -> set[str]:
    return {PLACES[name] for name in names}
