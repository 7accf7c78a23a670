"""Dashboards: found by id or slug, replaced without touching their history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import Conflict, NotFound
from stillframe.store import Store
from tests.store.cast import NOON, dashboard, scene, user

DAY = timedelta(days=1)


def test_a_slug_is_one_dashboards(store: Store) -> None:
    """An id wins over a slug that looks like it."""
    here = scene(store)
    with store.write() as unit:
        with pytest.raises(Conflict):
            unit.dashboards.add(dashboard(here.alice))
        impostor = dashboard(here.alice, slug=here.dashboard.id)
        unit.dashboards.add(impostor)
        with pytest.raises(Conflict):
            unit.dashboards.replace(replace(impostor, slug="hypotheses"))
        with pytest.raises(NotFound):
            unit.dashboards.replace(replace(impostor, id="nothing", slug="nothing"))
    with store.read() as unit:
        assert unit.dashboards.get("hypotheses") == unit.dashboards.get(here.dashboard.id) == here.dashboard
        assert unit.dashboards.get("nothing") is None
        assert unit.dashboards.count() == 2


def test_replacing_leaves_the_head_alone(store: Store) -> None:
    """A new view spec is no new history."""
    here = scene(store)
    here.take(1)
    with store.write() as unit:
        before = unit.heads.get(here.dashboard.id)
        unit.dashboards.replace(replace(here.dashboard, title="New", view_spec={"title": "New"}, updated_at=NOON + DAY))
        assert unit.heads.get(here.dashboard.id) == before
        found = unit.dashboards.get("hypotheses")
    assert found is not None
    assert found.title == "New"


def test_a_policy_counts_from_when_it_was_set(store: Store) -> None:
    """Changing anything else does not move it, so no slot is missed or made up."""
    here = scene(store)
    hourly = {"metadata": {"snapshot_policy": "hourly"}}
    cron = {"metadata": {"snapshot_policy": {"cron": "30 7 * * 1-5", "zone": "Europe/Berlin"}}}
    seen = []
    with store.write() as unit:
        for days, spec in enumerate((hourly, hourly | {"title": "x"}, cron, {}), start=1):
            unit.dashboards.replace(replace(here.dashboard, view_spec=spec, updated_at=NOON + days * DAY))
            seen.append([found.policy_since for found in unit.dashboards.all_scheduled()])
    assert seen == [[NOON + DAY], [NOON + DAY], [NOON + 3 * DAY], []]


def test_a_list_shows_an_owners_and_goes_on(store: Store) -> None:
    """Charlie sees nothing of Alice's."""
    here, charlie = scene(store), user("charlie")
    more = [dashboard(here.alice, slug=f"d{number}") for number in range(3)]
    with store.write() as unit:
        unit.users.add(charlie)
        for found in more:
            unit.dashboards.add(found)
        first = unit.dashboards.list(here.alice.id, limit=3)
        second = unit.dashboards.list(here.alice.id, limit=3, cursor=first.next_cursor)
        assert [*first.items, *second.items] == [*more[::-1], here.dashboard]
        assert second.next_cursor is None
        assert unit.dashboards.list(charlie.id, limit=3).items == []


def test_an_unknown_dashboard_has_no_head(store: Store) -> None:
    """Asking for it is the same as for any other thing that is not there."""
    with store.write() as unit:
        with pytest.raises(NotFound):
            unit.heads.lock("nothing")
        with pytest.raises(NotFound):
            unit.subscriptions.groups("nothing")
