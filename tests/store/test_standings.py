"""Standings: kept apart from subscriptions, found by the dashboard's rules version, and gone when nothing stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import NotFound
from stillframe.model.calm import Calm, Episode, Window
from stillframe.model.subscription import Subscription
from stillframe.store import CalmStanding, Store, standing_of
from tests.store.cast import NOON, Scene, scene, statements

COOL = Calm(cooldown_seconds=60)
HOUR = timedelta(hours=1)


def calm(here: Scene, *, number: int = 1, asked: Calm = COOL, **over: Any) -> Subscription:
    """Subscribe somebody who asks for calm."""
    return here.subscribe(subscriber_id=f"s-{number}", receiver=f"r-{number}", calm=asked, **over)


def standings(here: Scene) -> tuple[CalmStanding, ...]:
    """Return where the dashboard's calm subscriptions stand."""
    with here.store.read() as unit:
        head = unit.heads.get(here.dashboard.id)
        return unit.standings.of_dashboard(here.dashboard.id, rules_version=head.rules_version)


def put(here: Scene, *after: CalmStanding) -> None:
    """Keep where subscriptions stand now."""
    before = {one.subscription.id: one for one in standings(here)}
    with here.store.write() as unit:
        unit.standings.put(here.dashboard.id, [(before[one.subscription.id], one) for one in after])


def moved(one: CalmStanding, **over: Any) -> CalmStanding:
    return replace(one, standing=replace(one.standing, **over))


def test_only_active_subscriptions_that_ask_for_calm_are_listed(store: Store) -> None:
    """In the order in which they were made; everybody else is told by the thousand."""
    here = scene(store)
    here.subscribe()
    later, first = calm(here, number=1, created_at=NOON + HOUR), calm(here, number=2)
    calm(here, number=3, state="paused")
    calm(here, number=4, state="removed")
    calm(here, number=5, state="unconfirmed")
    assert [one.subscription for one in standings(here)] == [first, later]
    assert [one.standing for one in standings(here)] == [standing_of(first), standing_of(later)]


def test_what_is_kept_comes_back(store: Store) -> None:
    """The episode, the window, the time to wake, and what is written on the subscription itself."""
    here = scene(store)
    calm(here)
    (one,) = standings(here)
    after = moved(
        one,
        episode=Episode(baseline_snapshot_id="s-1", consecutive=2, notified=True),
        window=Window(from_snapshot_id="s-0", times=3),
        wake_at=NOON + HOUR,
        holding=True,
        acknowledged=True,
        baseline_snapshot_id="s-2",
        last_notified_snapshot_id="s-2",
        last_notified_at=NOON,
    )
    put(here, after)
    (found,) = standings(here)
    assert found.standing == after.standing
    with store.read() as unit:
        told = unit.subscriptions.get(one.subscription.id)
        assert unit.standings.get(one.subscription.id) == found
    assert told is not None
    assert (told.holding, told.acknowledged, told.last_notified_at) == (True, True, NOON)


def test_where_nothing_stands_nothing_is_kept(store: Store) -> None:
    """A table that grows with every subscriber who was ever told would be a log, and is none."""
    here = scene(store)
    made = calm(here)
    (one,) = standings(here)
    put(here, moved(one, episode=Episode(baseline_snapshot_id="s-1"), wake_at=NOON))
    (stands,) = standings(here)
    put(here, moved(stands, episode=None, wake_at=None))
    assert standings(here) == (one,)
    with store.read() as unit:
        assert unit.standings.due(NOON + HOUR) == []
        assert unit.standings.get(made.id) == one


def test_every_change_moves_the_rules_version_and_no_change_does_not(store: Store) -> None:
    """So a judgement that was made from older standings is made again, and none is made in vain."""
    here = scene(store)
    calm(here)
    (one,) = standings(here)

    def version() -> int:
        with store.read() as unit:
            return unit.heads.get(here.dashboard.id).rules_version

    first = version()
    put(here, one)
    assert version() == first
    put(here, moved(one, wake_at=NOON))
    second = version()
    assert second > first
    with store.write() as unit:
        unit.standings.clear(here.dashboard.id, [one.subscription.id])
    assert version() > second


def test_a_dashboard_is_due_while_an_active_subscription_of_it_is(store: Store) -> None:
    """Up to the very moment; who is paused or removed wakes nobody."""
    here = scene(store)
    calm(here, number=1)
    calm(here, number=2)
    put(here, *(moved(one, wake_at=NOON) for one in standings(here)))
    first, second = standings(here)
    with store.read() as unit:
        assert unit.standings.due(NOON - timedelta(milliseconds=1)) == []
        assert unit.standings.due(NOON) == [here.dashboard.id]
    with store.write() as unit:
        unit.subscriptions.pause([first.subscription.id], reason="410", at=NOON)
        unit.subscriptions.remove(second.subscription.id, NOON)
    with store.read() as unit:
        assert unit.standings.due(NOON) == []
        assert unit.standings.get(first.subscription.id).standing.wake_at == NOON
        assert unit.standings.get(second.subscription.id).standing.wake_at is None


def test_all_of_a_dashboard_are_forgotten_at_once(store: Store) -> None:
    """When its picture becomes another one, nothing that was watched has a meaning."""
    here = scene(store)
    calm(here, number=1)
    calm(here, number=2)
    put(here, *(moved(one, episode=Episode(baseline_snapshot_id="s-1")) for one in standings(here)))
    with store.write() as unit:
        unit.standings.clear_dashboard(here.dashboard.id)
    assert [one.standing.episode for one in standings(here)] == [None, None]


def test_without_calm_nothing_is_asked(store: Store) -> None:
    """Whoever wants to be told at once pays nothing for those who do not: no statement, read or write."""
    here = scene(store)
    here.subscribe()
    with statements() as seen, store.read() as unit:
        head = unit.heads.get(here.dashboard.id)
        groups = unit.subscriptions.groups(here.dashboard.id, rules_version=head.rules_version)
        before = len(seen)
        assert unit.standings.of_dashboard(here.dashboard.id, rules_version=head.rules_version) == ()
        assert len(seen) == before
    assert len(groups) == 1


def test_the_number_of_statements_does_not_grow_with_the_subscribers(store: Store) -> None:
    """A hundred standings are kept as quickly asked for as two."""
    here = scene(store)
    counts = []
    for size in (2, 60):
        for number in range(size):
            calm(here, number=size * 1_000 + number)
        after = [moved(one, wake_at=NOON + size * HOUR, last_notified_at=NOON + size * HOUR) for one in standings(here)]
        with statements() as seen:
            put(here, *after)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_subscription_that_does_not_exist_stands_nowhere(store: Store) -> None:
    """The same answer as everywhere."""
    with store.read() as unit, pytest.raises(NotFound):
        unit.standings.get("nothing")
